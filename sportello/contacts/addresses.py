"""Addresses as people type them, brought into the spelling under which they are kept. Pure."""

from __future__ import annotations

import re

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from sportello.contacts.resolve import normalise

PHONES = frozenset({"phone", "sms"})
GIVEN_BY_CHANNELS = frozenset({"visitor"})
"""Kinds that only a channel can give: nobody types them."""
_KIND = re.compile(r"[a-z][a-z_]{0,23}")


class BadAddress(ValueError):
    """Not an address of that kind; the message says why."""


def clean(kind: str, address: str, *, region: str = "IT") -> tuple[str, str]:
    """(kind, address) as kept: e-mail in lower case, phones in E.164. Raises `BadAddress`.

    `region` is the country whose numbers are written without a prefix.
    """
    if not _KIND.fullmatch(kind) or kind in GIVEN_BY_CHANNELS:
        raise BadAddress(_("There is no such kind of address."))
    if any(not c.isprintable() for c in address.strip()) or len(address) > 320:
        raise BadAddress(_("This address holds characters that cannot be used."))
    text = normalise(kind, address)
    if not text:
        raise BadAddress(_("The address is empty."))
    if kind == "email":
        return kind, _email(text)
    return kind, _phone(text, region) if kind in PHONES else text


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise BadAddress(_("This is not an e-mail address.")) from error
    return text


def _phone(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise BadAddress(_("This is not a telephone number.")) from error
    if not phonenumbers.is_possible_number(number):
        raise BadAddress(_("This is not a telephone number."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
