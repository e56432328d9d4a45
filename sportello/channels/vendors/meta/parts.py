"""One message of ours is several of theirs: text and files leave in separate calls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sportello.channels.contract import Failed, Outcome, Sent, Unknown, said
from sportello.channels.vendors.meta.foreign import Json
from sportello.channels.vendors.meta.graph import outcome


def deliver(prepare: Callable[[], list[Json]], post: Callable[[Json], Outcome]) -> Outcome:
    """Prepares everything (uploads are seen by nobody), then posts part by part; the first one's id counts."""
    parts: list[Json] = []

    def ready() -> Outcome:
        parts.extend(prepare())
        return Sent()

    prepared = outcome(ready)
    if isinstance(prepared, Unknown):
        return Failed(prepared.reason, permanent=False)
    if isinstance(prepared, Failed):
        return prepared
    first: Outcome | None = None
    for part in parts:
        done = outcome(partial(post, part))
        if isinstance(done, Failed) and first is not None:
            # another try would send the first part twice
            words = said("A part of it has left, the rest has not: {words}", words=done.reason)
            return Failed(words)
        if not isinstance(done, Sent):
            return done
        first = first or done
    return first or Failed(said("There is nothing in this message."))
