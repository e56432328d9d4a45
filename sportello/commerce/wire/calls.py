"""One call to a shop, and what its failure means."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from json import loads
from typing import TYPE_CHECKING, Any

from sportello.channels.vendors.calls import asked_to_wait
from sportello.commerce.contract import Failed, Outcome, TryLater, Unknown
from sportello.commerce.reasons import Reason, Why, why
from sportello.core.net import Blocked, Broken, NetError, Unreachable

if TYPE_CHECKING:
    from sportello.core.net import Net

PATIENCE = timedelta(seconds=60)
"""When to come back if the shop does not say."""


__all__ = [
    "Answer",
    "Broken",
    "NetError",
    "ShopRefused",
    "ask",
    "attempted",
    "before",
    "page",
    "refused",
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the shop answered. `data` is its JSON, None when it sent none."""

    status: int
    data: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def words(self) -> str:
        """What the shop says went wrong, in its own words; empty when it is silent."""
        found = self.data.get("message") if isinstance(self.data, Mapping) else ""
        return str(found)[:300] if isinstance(found, str) else ""


def ask(net: Net, method: str, url: str, **options: Any) -> Answer:
    """Raises `NetError`."""
    response = net.http.request(method, url, **options)
    data: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        data = loads(response.content)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, data, headers)


class ShopRefused(Broken):
    """The shop answered, and said no."""

    def __init__(self, reason: Why) -> None:
        super().__init__(reason)
        self.reason = reason


class NotBegun(Exception):
    """What has to be read before the act could not be: nothing was done."""

    def __init__(self, outcome: Failed) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


def page(answer: Answer) -> Any:
    """The JSON of a page that was fetched. Raises `TryLater` for a limit or an outage, `ShopRefused` for a no."""
    if answer.status == 429 or answer.status >= 500:
        wait = asked_to_wait(answer.headers) or PATIENCE
        raise TryLater(why(Reason.BUSY), wait)  # fmt: skip
    if answer.status in (401, 403):
        raise ShopRefused(why(Reason.KEYS_REFUSED, status=answer.status))
    if not answer.ok or answer.data is None:
        raise ShopRefused(why(Reason.REFUSED, answer.words, status=answer.status))
    return answer.data


def refused(answer: Answer, words: str = "") -> Failed | Unknown:
    """An act that the shop did not confirm: later for a limit, unknown for an outage, for good otherwise."""
    words = words or answer.words
    if answer.status == 429:
        wait = asked_to_wait(answer.headers) or PATIENCE
        return Failed(why(Reason.BUSY, words), False, wait)
    if answer.status >= 500:
        return Unknown(why(Reason.BROKE_DOWN, status=answer.status))
    return Failed(why(Reason.REFUSED, words, status=answer.status))


def before[T](read: Callable[[], T]) -> T:
    """What `read` finds, ahead of an act. Raises `NotBegun` where it finds nothing: no act, no doubt."""
    try:
        return read()
    except TryLater as later:
        raise NotBegun(Failed(later.reason, False, later.wait)) from later
    except ShopRefused as refusal:
        raise NotBegun(Failed(refusal.reason)) from refusal
    except NetError as error:
        outcome = _unanswered(error)
        wait = Failed(why(Reason.NOT_REACHED), False, PATIENCE)
        raise NotBegun(outcome if isinstance(outcome, Failed) else wait) from error


def attempted(attempt: Callable[[], Outcome]) -> Outcome:
    """The outcome of `attempt`, which may raise `NotBegun`, `TryLater` and `NetError`."""
    try:
        return attempt()
    except NotBegun as not_begun:
        return not_begun.outcome
    except TryLater as later:
        return Failed(later.reason, False, later.wait)
    except NetError as error:
        return _unanswered(error)


def _unanswered(error: NetError) -> Failed | Unknown:
    """A call that brought no answer: what never left may leave later, of the rest nobody knows."""
    if isinstance(error, Blocked):
        return Failed(why(Reason.NOT_ALLOWED))
    if isinstance(error, Unreachable):
        return Failed(why(Reason.NOT_REACHED), False, PATIENCE)
    return Unknown(why(Reason.NO_ANSWER))
