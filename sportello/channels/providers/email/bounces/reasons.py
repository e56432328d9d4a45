"""What became of one recipient, in a code where there is one, and in words that a person understands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sportello.channels.contract import Status

MAX_REASON = 500
ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.\w-])([45]\d\d)(?=[ -]|$)")
_WORDS = {
    "1.1": "The address does not exist", "1.0": "The address is wrong", "1.2": "The domain does not exist",
    "1.3": "The address is not valid", "1.6": "The recipient has moved", "1.8": "Our sender address was refused",
    "1.10": "The domain accepts no mail", "2.0": "The mailbox refused it", "2.1": "The mailbox is disabled",
    "2.2": "The mailbox is full", "2.3": "The message is too large", "3.0": "The receiving system has a problem",
    "3.2": "The receiving system accepts no mail now", "3.4": "The message is too large", "4.0": "The route failed",
    "4.1": "The receiving server does not answer", "4.2": "The connection was lost", "4.3": "The name service failed",
    "4.4": "There is no route to the receiving server", "4.6": "The mail goes round in circles",
    "4.7": "The time to deliver ran out", "6.0": "The content was refused", "7.0": "Refused by policy",
    "7.1": "Refused by policy", "7.23": "SPF refused it", "7.20": "DKIM refused it", "7.26": "Not authenticated",
}  # fmt: skip
_HINTS = (
    (re.compile(r"quota|mailbox (?:is )?full|insufficient (?:disk|storage|system)|over ?quota", re.IGNORECASE), "The mailbox is full"),
    (re.compile(r"user unknown|unknown user|no such (?:user|recipient|address|mailbox)|does(?: not|n't) exist|recipient rejected|"
                r"invalid recipient|unknown (?:recipient|address)|not found|not a valid|no mailbox|no user|not listed", re.IGNORECASE),
     "The address does not exist"),
    (re.compile(r"host (?:unknown|not found)|name service|domain .{0,40}(?:not|unknown)|no mx|nxdomain", re.IGNORECASE), "The domain does not exist"),
    (re.compile(r"spam|blacklist|blocklist|blocked|policy|dmarc|spf|dkim|reputation|content", re.IGNORECASE), "Refused by policy"),
    (re.compile(r"too (?:large|big)|size limit|exceeds", re.IGNORECASE), "The message is too large"),
    (re.compile(r"timed? ?out|connection (?:refused|lost|closed)|temporar|try again|greylist|deferred|delayed", re.IGNORECASE),
     "The receiving server does not answer"),
)  # fmt: skip
_TEMPORARY = re.compile(
    r"quota|mailbox (?:is )?full|temporar|try again|greylist|deferred|delayed|will (?:retry|be retried|keep trying)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Report:
    """One recipient's fate."""

    recipient: str
    status: Status
    reason: str
    permanent: bool


def report_of(address: str, status: str, said: str, action: str) -> Report:
    code = ENHANCED.search(status)
    told = ENHANCED.search(said)
    if told and (code is None or code[0].endswith(".0.0") or code[2] == "0"):
        code = told
    smtp = _CODE.search(said)
    if action.startswith(("deliver", "relay", "expand")) and (code is None or code[1] == "2"):
        return Report(address, Status.DELIVERED, said[:MAX_REASON], permanent=True)
    digit = code[1] if code else smtp[1][0] if smtp else ""
    permanent = digit != "4" if digit else not _TEMPORARY.search(said)
    if action.startswith("delay"):
        return Report(address, Status.QUEUED, _in_words(code, said), permanent=False)
    if action.startswith("fail") and digit == "4" and code and (code[2], code[3]) == ("4", "7"):
        permanent = True
    return Report(address, Status.FAILED, _in_words(code, said), permanent=permanent)


def _in_words(code: re.Match[str] | None, said: str) -> str:
    said = re.sub(r"\s+", " ", said).strip()
    words = _WORDS.get(f"{code[2]}.{code[3]}", "") if code else ""
    if not words or (code and code[2] == "0"):
        words = next((sentence for pattern, sentence in _HINTS if pattern.search(said)), words)
    words = words or "It was not delivered"
    detail = said or (code[0] if code else "")
    if code and code[0] not in detail:
        detail = f"{code[0]} {detail}"
    return f"{words}: {detail}"[:MAX_REASON] if detail else words


def sentence_about(text: str, address: str) -> str:
    """The lines that carry an error code, best those close to the address."""
    lines = text[:20_000].split("\n")
    place = next((i for i, line in enumerate(lines) if address and address in line.lower()), 0)
    near = lines[max(0, place - 1) : place + 8]
    for number, line in enumerate(near):
        if ENHANCED.search(line) or _CODE.search(line):
            return " ".join(piece.strip() for piece in near[number : number + 2] if piece.strip())[
                :300
            ]
    for pool in (near, lines):
        for line in pool:
            if any(pattern.search(line) for pattern, _ in _HINTS):
                return line.strip()[:300]
    return " ".join(line.strip() for line in near if line.strip())[:300]
