"""Why an answer did not arrive, in kinds that a person understands, and whether trying again makes sense.

Vendors and mail servers say it in their own words and codes; those stay beside the kind.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Trouble(StrEnum):
    GONE = "gone"
    """Nobody is there: no such address, number or account."""
    FULL = "full"
    """The mailbox takes no more."""
    REFUSED = "refused"
    """Taken for spam, or blocked."""
    WINDOW = "window"
    """Too late for free text."""
    OPTED_OUT = "opted_out"
    LARGE = "large"
    CHANNEL = "channel"
    """Ours: switched off, or its keys no longer work."""
    AWAY = "away"
    """Out of reach just now: switched off, no network, the server is down."""
    OTHER = "other"


PASSING = frozenset({Trouble.FULL, Trouble.AWAY, Trouble.CHANNEL, Trouble.OTHER, Trouble.REFUSED})
"""Those where the same message may arrive another time."""

_SIGNS: tuple[tuple[Trouble, str], ...] = (
    (Trouble.OPTED_OUT, r"opted[ -]?out|\bSTOP\b|unsubscribed|21610"),
    (Trouble.WINDOW, r"24 hours|reply window|outside (?:of )?(?:the )?allowed window|re-?engagement|131047|\b2018278\b"),
    (Trouble.FULL, r"\b[45]\.2\.2\b|mailbox (?:is )?full|over ?quota|quota exceeded|insufficient storage"),
    (Trouble.LARGE, r"\b5\.3\.4\b|too large|too big|size limit|exceeds? .{0,20}size"),
    (Trouble.GONE, (r"\b5\.1\.(?:1|2|3|6|10)\b|\b5\.4\.4\b|user (?:is )?unknown|unknown (?:user|subscriber|number|address)"
     r"|no such (?:user|person|mailbox|recipient|domain)|does ?n[o']t exist|not exist|no longer in use|is unknown"
     r"|invalid (?:recipient|number|to)|landline|has left|deactivated|unallocated|not (?:a )?(?:valid )?whatsapp")),
    (Trouble.REFUSED, r"\b5\.7\.\d+\b|spam|blocked|blocks|blacklist|blocklist|denied by policy|filtered|reputation"),
    (Trouble.CHANNEL, r"channel is off|access token|oauth|\(190\)|unauthori[sz]ed|authentication|credentials|\b401\b|\b403\b|suspended"),
    (Trouble.AWAY, r"out of reach|unreachable|timed? ?out|could not connect|connection refused|temporar|\b4\.\d\.\d+\b|try again later|too many"),
)  # fmt: skip
_PATTERNS = [(trouble, re.compile(signs, re.IGNORECASE)) for trouble, signs in _SIGNS]


def trouble_of(reason: str) -> Trouble:
    """The kind of trouble behind a reason; `OTHER` when its words tell nothing."""
    return next((t for t, pattern in _PATTERNS if pattern.search(reason)), Trouble.OTHER)


def worth_trying(reason: str) -> bool:
    """Whether “try again” is offered: not where the same message must fail the same way."""
    return trouble_of(reason) in PASSING
