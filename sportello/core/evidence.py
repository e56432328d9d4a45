"""The evidence registry: what tells that two texts speak of one thing.

"Which ticket does this message belong to?" is asked in `tickets`; rooms that know orders, parcels or
devices register how to recognise them in words, and are asked for a whole batch at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

type Recognise = Callable[[Sequence[str]], Sequence[frozenset[str]]]
"""For each text the keys of the things that it names, like ``order:55``; keys are compared, never shown."""


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of thing that texts name."""

    name: str
    recognise: Recognise


_sources: dict[str, Source] = {}


def evidence(name: str) -> Callable[[Recognise], Recognise]:
    """Declare the decorated function as a source of evidence. It must not talk to the network."""

    def register(recognise: Recognise) -> Recognise:
        _sources[name] = Source(name, recognise)
        return recognise

    return register


def named_in(texts: Sequence[str]) -> list[dict[str, frozenset[str]]]:
    """For each text, by source, the keys of what it names. Each source is asked once."""
    found: list[dict[str, frozenset[str]]] = [{} for _ in texts]
    for source in _sources.values():
        for keys, named in zip(source.recognise(texts), found, strict=True):
            if keys:
                named[source.name] = keys
    return found
