"""How sure are we that a message belongs to a ticket of the same contact? A handful of signs, weighed.

Pure. The weights are those of a logistic regression on one half of the labelled set in
``bench/which_ticket`` (`fit` prints them); thresholds are the company's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sportello.language import likeness, references, topics
from sportello.language.reading import read

SOURCE = "reference"
FEW = 4
"""Telling words below which a message says nothing by itself: “here is the photo”, “any news?”."""

WEIGHTS = {
    "bias": -1.74,
    "same_reference": 0.92,
    "other_reference": -3.60,
    "ticket_number": 3.00,
    "other_ticket_number": -2.00,
    "coverage": 1.18,
    "strength": 1.79,
    "same_topic": 2.01,
    "other_topic": -1.58,
    "fresh": 0.66,
    "recent": 0.75,
    "asked": 0.43,
    "asked_and_bare": 1.21,
    "bare": 1.43,
    "goes_on": 1.29,
    "begins": -0.86,
}
"""Fitted, but for the two about ticket numbers: the set has too few of them, so they are set by hand."""
REASONS = (
    "ticket_number",
    "same_reference",
    "same_words",
    "same_topic",
    "asked",
    "goes_on",
    "recent",
)
"""What is told to people, the strongest first."""


@dataclass(frozen=True)
class Words:
    """A text with what is read out of it, once."""

    text: str
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By source of `core.evidence`, what it names."""
    untelling: frozenset[str] = frozenset()
    """Stems that stand in all of them: his name, his firm's."""

    @cached_property
    def stems(self) -> frozenset[str]:
        return read(self.text).stems - self.untelling

    @cached_property
    def topics(self) -> frozenset[str]:
        return read(self.text).topics

    @cached_property
    def ticket_numbers(self) -> frozenset[int]:
        return references.ticket_numbers(self.text)

    @cached_property
    def goes_on(self) -> bool:
        return topics.goes_on(self.text)

    @cached_property
    def begins(self) -> bool:
        return topics.begins(self.text)


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket as far as it matters here."""

    number: int
    words: Words
    """All that was said."""
    own: Words
    """What the customer himself said."""
    hours: float
    """Since its last message."""
    asked: bool
    """The last word was ours: we wait for the customer."""


@dataclass(frozen=True, slots=True)
class Judgement:
    percent: int
    """0 to 99: how sure we are."""
    reasons: tuple[str, ...]


def signs(said: Words, story: Story, weights: likeness.Weights) -> dict[str, float]:
    """What speaks for and against, each from 0 to 1."""
    mine, theirs = said.stems, story.words.stems
    coverage, strength = likeness.shared(mine, theirs, weights)
    same, other = _references(said.named, story.words.named)
    numbers = said.ticket_numbers
    about, was_about = said.topics, story.own.topics
    bare = len(mine) < FEW
    return {
        "bias": 1.0,
        "same_reference": float(same),
        "other_reference": float(other),
        "ticket_number": float(story.number in numbers),
        "other_ticket_number": float(bool(numbers) and story.number not in numbers and not same),
        "coverage": coverage,
        "strength": strength,
        "same_topic": len(about & was_about) / len(about) if about else 0.0,
        "other_topic": float(bool(about) and bool(was_about) and not about & was_about),
        "fresh": math.exp(-story.hours / 3.0),
        "recent": math.exp(-story.hours / 72.0),
        "asked": float(story.asked),
        "asked_and_bare": float(story.asked and bare) * math.exp(-story.hours / 72.0),
        "bare": float(bare),
        "goes_on": float(said.goes_on),
        "begins": float(said.begins),
    }


def _references(
    mine: Mapping[str, frozenset[str]], theirs: Mapping[str, frozenset[str]]
) -> tuple[bool, bool]:
    """(they name one thing, they name things of one kind and none is the same)"""
    both = mine.keys() & theirs.keys()
    same = any(mine[name] & theirs[name] for name in both)
    return same, bool(both) and not same


def judge(said: Words, story: Story, weights: likeness.Weights) -> Judgement:
    found = signs(said, story, weights)
    sure = 1.0 / (1.0 + math.exp(-sum(WEIGHTS[name] * value for name, value in found.items())))
    held = {
        **found,
        "same_words": found["strength"] if found["strength"] >= 0.6 else 0.0,
        "recent": found["recent"] if found["recent"] >= 0.7 else 0.0,
    }
    reasons = tuple(name for name in REASONS if held[name] > 0.5)
    return Judgement(min(99, int(sure * 100)), reasons)
