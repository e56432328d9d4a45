"""Check digits and characters: what tells a number of its kind from any other number."""

from __future__ import annotations

import re

IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22,
    "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25,
    "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
"""ISO 13616: letters of the country → characters in all."""

_ISSUERS = (
    (r"4", {13, 16, 19}),  # Visa
    (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", {16}),  # Mastercard
    (r"3[47]", {15}),  # American Express
    (r"3(?:0[0-5]|[68])", {14, 16, 19}),  # Diners
    (r"35(?:2[89]|[3-8])", {16, 17, 18, 19}),  # JCB
    (r"6(?:011|4[4-9]|5)", {16, 17, 18, 19}),  # Discover
    (r"62", {16, 17, 18, 19}),  # UnionPay
    (r"50(?:18|20|38)|5893|6(?:304|759|76[1-3])", {12, 13, 14, 15, 16, 17, 18, 19}),  # Maestro
)
_ISSUER = tuple((re.compile(prefix), lengths) for prefix, lengths in _ISSUERS)

_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6,
         8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)  # fmt: skip
"""Values of characters in odd places (decree of 23 December 1976, table B)."""
_EVEN = {c: int(c) if c.isdigit() else ord(c) - 65 for c in _ODD}
_OMOCODIA = str.maketrans("LMNPQRSTUV", "0123456789")
"""Letters that stand for digits when two people would have the same code."""


def luhn(digits: str) -> bool:
    """The mod-10 sum of payment cards, over digits alone."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def is_card(digits: str) -> bool:
    """A number that an issuer could have given: prefix, length and sum."""
    if len(set(digits)) == 1 or not luhn(digits):
        return False
    return any(len(digits) in lengths and prefix.match(digits) for prefix, lengths in _ISSUER)


def is_iban(text: str) -> bool:
    """Length of the country, and mod 97 is 1. Capitals and digits, without blanks."""
    if len(text) != IBAN_LENGTHS.get(text[:2]) or not (text.isascii() and text.isalnum()):
        return False
    number = "".join(str(int(c, 36)) for c in text[4:] + text[:4])
    return int(number) % 97 == 1


def is_tax_code(text: str) -> bool:
    """An Italian codice fiscale: a day that exists, and the sixteenth character fits. Sixteen capitals and digits."""
    day = text[9:11].translate(_OMOCODIA)
    if not day.isdigit() or not (1 <= int(day) <= 31 or 41 <= int(day) <= 71):
        return False
    total = sum((_ODD if place % 2 == 0 else _EVEN)[c] for place, c in enumerate(text[:15]))
    return chr(65 + total % 26) == text[15]


def is_vat_number(digits: str) -> bool:
    """An Italian partita IVA: eleven digits whose mod-10 sum is right."""
    return len(digits) == 11 and len(set(digits)) > 1 and luhn(digits)
