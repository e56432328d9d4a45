"""Numbers by which people name an order, a parcel, an invoice, a serial: recognised in words. Pure."""

from __future__ import annotations

import re

SAMPLE = 4_000
"""Characters looked at."""

_CODE = re.compile(
    r"(?<![\w@/.+-])(?:[A-Z]{1,5}[-/_ ]?\d[\dA-Z-]{2,20}|\d{5,22}[A-Z]{0,2})(?![\w@]|[.,]\d)"
)
"""``BA-10433``, ``1Z999AA10123456784``, ``20261121``: letters before digits, or many digits."""
_SAID = re.compile(
    r"(?:\b(?:ord(?:ine|er)|fattura|invoice|spedizione|shipment|parcel|tracking|serial[ei]?|matricola|bolla|ddt|reso|rma)"
    r"\b[\w ,.'’]{0,14}?(?:n(?:umero|r|um|o)?|number|no)?[.°º:\s#]{0,4}|#)((?:[A-Z]{1,4}-?)?\d{3,12})\b",
    re.IGNORECASE,
)
"""``ordine n. 433``, ``order number 433``, ``#433``: few digits count when they are said to be a number."""
_PHONE = re.compile(
    r"\+\d[\d .()/-]{6,}\d|\b(?:tel|cell|phone|mobile)\b[\s.:]*[\d .()/+-]{6,}", re.IGNORECASE
)
_DIGIT = re.compile(r"\d")
_DATE = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_TICKET = re.compile(
    r"(?:\b(?:ticket|richiesta|request|pratica|segnalazione|caso|case)\b[\s\w]{0,10}?(?:n(?:umero|r|o)?|number|no)?"
    r"[.°º:\s#]{0,4}|#)(\d{3,9})\b",
    re.IGNORECASE,
)


def references(text: str) -> frozenset[str]:
    """Codes in one spelling: capitals and digits, and the bare digits of those with letters before them."""
    sample = text[:SAMPLE]
    if not _DIGIT.search(sample):
        return frozenset()
    sample = _PHONE.sub(" ", sample)
    found: set[str] = set()
    for match in _CODE.finditer(sample):
        code = re.sub(r"[^0-9A-Z]", "", match[0])
        if not _DATE.fullmatch(code):
            found.add(_core(code))
    found.update(
        _core(re.sub(r"[^0-9A-Z]", "", match[1].upper())) for match in _SAID.finditer(sample)
    )
    return frozenset(code for code in found if code)


def _core(code: str) -> str:
    """``BA10433`` and ``10433`` are one number: letters before many digits are dropped."""
    match = re.fullmatch(r"[A-Z]{1,5}(\d{4,})", code)
    return match[1] if match else code


def ticket_numbers(text: str) -> frozenset[int]:
    """Numbers that are said to be a ticket's, or stand behind a ``#``."""
    return frozenset(int(match[1]) for match in _TICKET.finditer(text[:SAMPLE]))
