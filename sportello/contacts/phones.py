"""Telephone numbers as people and settings write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sportello.accounts.queries import company

KINDS = frozenset({"phone", "sms"})
_E164 = re.compile(r"\+[1-9]\d{7,14}")
_MAYBE = re.compile(r"\d[\d ./()-]{6,}\d")
_OWN = ("from_number", "phone_number", "number", "sender", "sender_id")
"""Settings in which channels keep the number that is theirs."""


def e164(text: str, *, region: str = "") -> str:
    """``055 123456`` as ``+39055123456``; "" for what is no number. `region`: the company's country if empty."""
    if _E164.fullmatch(text):
        return text
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region or company().country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def region_of(settings: Mapping[str, Any]) -> str:
    """The country of a channel's own number; "" when it has none."""
    import phonenumbers

    for name in _OWN:
        text = str(settings.get(name, ""))
        if not text.startswith("+"):
            continue
        try:
            return phonenumbers.region_code_for_number(phonenumbers.parse(text)) or ""
        except phonenumbers.NumberParseException:
            continue
    return ""


def numbers_in(text: str, *, region: str = "") -> Iterator[str]:
    """Valid telephone numbers written in a text, in E.164. Texts without enough digits cost nothing."""
    if not _MAYBE.search(text):
        return
    import phonenumbers

    for match in phonenumbers.PhoneNumberMatcher(text, region or company().country):
        yield phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
