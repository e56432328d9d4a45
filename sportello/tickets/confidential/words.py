"""What people call the kinds of covered data."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sportello.language.sensitive import Kind
from sportello.tickets.confidential.fields import FIELDS

KINDS = {
    Kind.CARD: _("Card number"),
    Kind.IBAN: _("IBAN"),
    Kind.TAX_CODE: _("Tax code"),
    Kind.VAT_NUMBER: _("VAT number"),
    Kind.SECRET: _("Password or code"),
    Kind.HEALTH: _("Health"),
}


def kind_name(kind: str) -> str:
    return str(KINDS.get(Kind(kind), kind)) if kind in set(Kind) else kind


def kind_names(kinds: Iterable[str]) -> str:
    """``card number, IBAN``: for the middle of a sentence."""
    names = [kind_name(kind) for kind in kinds]
    return ", ".join(n if n[1:2].isupper() else n[:1].lower() + n[1:] for n in names) or _now(
        "nothing"
    )


def field_name(name: str) -> str:
    """A field of a secure form."""
    return str(FIELDS[name].label) if name in FIELDS else name


def field_names(names: Iterable[str]) -> str:
    found = [field_name(name) for name in names]
    return ", ".join(n if n[1:2].isupper() else n[:1].lower() + n[1:] for n in found) or _now(
        "nothing"
    )
