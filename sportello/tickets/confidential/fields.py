"""What a secure form may ask for, and how an answer is checked. Never a card number: that is the payment page's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sportello.language.sensitive import Kind, checksums, find

LONGEST = 4_000


class BadAnswer(ValueError):
    """Some answers cannot be right: `errors` says which and why, for who typed them."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `check` returns the answer as it is kept, or None when it cannot be right."""

    name: str
    label: str | Promise
    help: str | Promise = ""
    wrong: str | Promise = ""
    check: Callable[[str], str | None] = lambda text: text
    shape: str = "line"
    """``line``, ``area`` or ``file``."""
    autocomplete: str = "off"


def _bare(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()


def _iban(text: str) -> str | None:
    bare = _bare(text)
    return " ".join(re.findall(".{1,4}", bare)) if checksums.is_iban(bare) else None


def _tax_code(text: str) -> str | None:
    bare = _bare(text)
    shaped = len(bare) == 16 and bare.isascii() and bare[:6].isalpha() and bare[15].isalpha()
    if shaped and checksums.is_tax_code(bare):
        return bare
    return bare if len(bare) == 11 and checksums.is_vat_number(bare) else None


def _vat_number(text: str) -> str | None:
    bare = _bare(text).removeprefix("IT")
    return bare if bare.isdigit() and checksums.is_vat_number(bare) else None


def _document(text: str) -> str | None:
    bare = _bare(text)
    return bare if 5 <= len(bare) <= 24 and any(c.isdigit() for c in bare) else None


_DECLARED = (
    Field("iban", _("IBAN"), _("For a refund by bank transfer."),
          _("This is not an IBAN: please look at it again."), _iban),
    Field("tax_code", _("Tax code"), _("The sixteen characters of the health card."),
          _("This is not a tax code: please look at it again."), _tax_code),
    Field("vat_number", _("VAT number"), _("Eleven digits."),
          _("This is not a VAT number: please look at it again."), _vat_number),
    Field("document", _("Number of an identity document"), "",
          _("A document's number has at least five characters, with a digit."), _document),
    Field("address", _("Postal address"), _("Street, number, postcode, town."), shape="area",
          autocomplete="street-address"),
    Field("text", _("Something else"), _("Only you and who takes care of your request can read it."),
          shape="area"),
    Field("file", _("A file"), _("A photo or a document, up to 10 MB."), shape="file"),
)  # fmt: skip
FIELDS = {field.name: field for field in _DECLARED}


def known(names: list[str]) -> list[str]:
    """The names that are fields, each once, in the declared order."""
    return [name for name in FIELDS if name in names]


def checked(names: list[str], answers: Mapping[str, str]) -> dict[str, str]:
    """The answers as they are kept. Raises `BadAnswer`. Files are looked at by who stores them."""
    kept: dict[str, str] = {}
    errors: dict[str, str] = {}
    for name in names:
        field = FIELDS[name]
        if field.shape == "file":
            continue
        text = answers.get(name, "").replace("\x00", "").strip()
        if not text:
            errors[name] = _now("Please fill this in.")
        elif len(text) > LONGEST:
            errors[name] = _now("This is too long.")
        elif find(text, {Kind.CARD}):
            errors[name] = _now(
                "This looks like a card number. Never send it to us: we do not need it."
            )
        elif (right := field.check(text)) is None:
            errors[name] = str(field.wrong)
        else:
            kept[name] = right
    if errors:
        raise BadAnswer(errors)
    return kept
