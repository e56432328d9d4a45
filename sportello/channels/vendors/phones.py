"""Telephone numbers as they come from vendors: with ``+``, with ``00``, with neither."""

from __future__ import annotations

import phonenumbers


def e164(number: str) -> str:
    """``+39340…`` for anything that reads as an international number; else (short codes, names) as it is."""
    plain = number.strip()
    candidate = "+" + plain.lstrip("+").removeprefix("00")
    try:
        parsed = phonenumbers.parse(candidate)
    except phonenumbers.NumberParseException:
        return plain[:100]
    if not phonenumbers.is_possible_number(parsed):
        return plain[:100]
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
