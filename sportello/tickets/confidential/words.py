"""What people call the kinds of covered data."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from sportello.language.sensitive import Kind

KINDS = {
    Kind.CARD: _later("Card number"),
    Kind.IBAN: _later("IBAN"),
    Kind.TAX_CODE: _later("Tax code"),
    Kind.VAT_NUMBER: _later("VAT number"),
    Kind.SECRET: _later("Password or code"),
    Kind.HEALTH: _later("Health"),
}


def kind_name(kind: str) -> str:
    return str(KINDS.get(Kind(kind), kind)) if kind in set(Kind) else kind


def kind_names(kinds: Iterable[str]) -> str:
    """``card number, IBAN``: for the middle of a sentence."""
    names = [kind_name(kind) for kind in kinds]
    return ", ".join(n if n[1:2].isupper() else n[:1].lower() + n[1:] for n in names) or _(
        "nothing"
    )
