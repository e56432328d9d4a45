"""Text messages: how many segments a text costs, which words mean “no more”."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from sportello.channels.contract import QuickReply

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""One septet each (3GPP TS 23.038)."""
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Two septets each: an escape and the character. The pair is never cut in two."""
PLAINER = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-",
     "…": "...", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "•": "-", "´": "'", "`": "'", "\t": " "}
)  # fmt: skip
GSM7, UCS2 = "GSM-7", "UCS-2"
_LIMITS = {GSM7: (160, 153), UCS2: (70, 67)}
"""Units of a message alone, and of each part of a longer one (the header of the parts takes the rest)."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a text costs on the air."""

    encoding: str
    units: int
    """Septets or 16-bit units."""
    segments: int
    left: int
    """Units that still fit into the last segment."""
    foreign: str
    """The characters that force UCS-2, each once."""


def size(text: str) -> Size:
    """Encoding, units and segments of a text message. An empty text has no segment."""
    foreign = "".join(dict.fromkeys(c for c in text if c not in BASIC and c not in EXTENSION))
    encoding = UCS2 if foreign else GSM7
    weights = [_weight(c, encoding) for c in text]
    alone, part = _LIMITS[encoding]
    units = sum(weights)
    if units <= alone:
        return Size(encoding, units, 1 if text else 0, alone - units, foreign)
    segments, used = 1, 0
    for weight in weights:
        if used + weight > part:
            segments, used = segments + 1, 0
        used += weight
    return Size(encoding, units, segments, part - used, foreign)


def _weight(character: str, encoding: str) -> int:
    if encoding == GSM7:
        return 2 if character in EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1


def plainer(text: str) -> str:
    """The same with typographic characters replaced, where that brings it back to GSM-7; else untouched."""
    plain = text.translate(PLAINER)
    return plain if size(plain).encoding == GSM7 else text


STOP_WORDS = frozenset(
    [
        "stop",
        "stopall",
        "unsubscribe",
        "cancel",
        "end",
        "quit",
        "revoke",
        "optout",
        "arresta",
        "cancella",
        "cancellami",
        "disiscrivi",
        "disiscrivimi",
        "rimuovimi",
        "basta",
        "arret",
        "abmelden",
        "stopp",
        "baja",
        "alto",
        "parar",
    ]
)
START_WORDS = frozenset(["start", "unstop", "riprendi", "iscrivimi", "riattiva"])


def opt_out(text: str) -> bool | None:
    """True when the whole text asks to be left alone, False when it takes that back, else None."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    word = re.sub(r"[^a-z]+", "", plain) if len(plain) < 40 else ""
    return True if word in STOP_WORDS else False if word in START_WORDS else None


def meta_of(text: str) -> dict[str, bool]:
    """``{"opt_out": …}`` for `Inbound.meta`, empty for all other texts."""
    wish = opt_out(text)
    return {} if wish is None else {"opt_out": wish}


def with_choices(text: str, choices: Iterable[QuickReply]) -> str:
    """Buttons as numbered lines, for channels without buttons."""
    lines = [f"{number}. {choice.title}" for number, choice in enumerate(choices, 1)]
    return "\n".join([text, *lines]) if lines else text
