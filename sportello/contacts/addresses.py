"""Addresses as people type them, brought into the spelling under which they are kept. Pure."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from sportello.contacts import phones
from sportello.contacts.resolve import normalise

GIVEN_BY_CHANNELS = frozenset({"visitor"})
"""Kinds that only a channel can give: nobody types them."""
_KIND = re.compile(r"[a-z][a-z_]{0,23}")


class BadAddress(ValueError):
    """Not an address of that kind; the message says why."""


def clean(kind: str, address: str, *, region: str = "") -> tuple[str, str]:
    """(kind, address) as kept: e-mail in lower case, phones in E.164. Raises `BadAddress`.

    `region` is the country whose numbers are written without a prefix, the company's if empty.
    """
    if not _KIND.fullmatch(kind) or kind in GIVEN_BY_CHANNELS:
        raise BadAddress(_("There is no such kind of address."))
    if any(not c.isprintable() for c in address.strip()) or len(address) > 320:
        raise BadAddress(_("This address holds characters that cannot be used."))
    text = normalise(kind, address, region=region)
    if not text:
        raise BadAddress(_("The address is empty."))
    if kind == "email":
        return kind, _email(text)
    return kind, _phone(text, region) if kind in phones.KINDS else text


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise BadAddress(_("This is not an e-mail address.")) from error
    return text


def _phone(text: str, region: str) -> str:
    number = phones.e164(text, region=region)
    if not number:
        raise BadAddress(_("This is not a telephone number."))
    return number
