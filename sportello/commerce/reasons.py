"""Why a shop did not do what it was asked: a code and values are kept, and the reader's language makes a sentence of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sportello.channels.contract import said


class Reason(StrEnum):
    BUSY = "busy"
    REFUSED = "refused"
    KEYS_REFUSED = "keys_refused"
    BROKE_DOWN = "broke_down"
    NO_ANSWER = "no_answer"
    NOT_REACHED = "not_reached"
    NOT_ALLOWED = "not_allowed"
    TOO_LITTLE_LEFT = "too_little_left"
    CANNOT_BE_TOLD = "cannot_be_told"


SENTENCES: Mapping[Reason, str] = {
    Reason.BUSY: said("The shop asks for patience."),
    Reason.REFUSED: said("The shop refused it (HTTP {status})."),
    Reason.KEYS_REFUSED: said("The shop refuses these keys (HTTP {status})."),
    Reason.BROKE_DOWN: said("The shop broke down (HTTP {status}): it may have been done or not."),
    Reason.NO_ANSWER: said("No answer came: it may have been done or not."),
    Reason.NOT_REACHED: said("The shop cannot be reached."),
    Reason.NOT_ALLOWED: said("Calls to this address are not allowed: it is private."),
    Reason.TOO_LITTLE_LEFT: said("The shop has not as much left to refund."),
    Reason.CANNOT_BE_TOLD: said("This shop cannot be told."),
}
"""English message ids."""


class Why(str):
    """The shop's own words, where it has some, else our sentence in English; `code` and `values` say it in any language."""

    code: Reason
    values: Mapping[str, str | int]
    words: str


def why(code: Reason, words: str = "", /, **values: str | int) -> Why:
    """``why(Reason.REFUSED, answer.words, status=422)``"""
    told = Why(words or SENTENCES[code].format(**values))
    told.code, told.words, told.values = code, words, values
    return told
