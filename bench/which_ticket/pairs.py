"""The labelled set: pairs of a ticket and a later message of the same contact, and whether it belongs there.

Hand-written hard cases (``hard_it.txt``, ``hard_en.txt``) and pairs put together from ``families.txt``
by a fixed seed. Two halves: one to choose weights and thresholds, one to report on. A family of
generated pairs lies wholly in one half; hand-written ones alternate.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
SEED = 20_261_121
EACH = 10
"""Pairs of either label for each family and language."""
UNITS = {"m": 1 / 60, "h": 1.0, "d": 24.0}
THINGS = {
    "it": ["la Moka Aurora", "la macchina Aurora Uno", "la macchina Aurora Due", "la bilancia Arno", "la lattiera Serchio"],
    "en": ["the Moka Aurora", "the Aurora Uno machine", "the Aurora Due machine", "the Arno scale", "the Serchio milk jug"],
}  # fmt: skip
CITIES = ("Lucca", "Firenze", "Milano", "Bologna", "Torino")
NAMED = {"it": "Ordine", "en": "Order"}
BARE = {
    "it": ["Ecco la foto", "Novità?", "ok va bene", "Sì, grazie", "fatto"],
    "en": ["Here is the photo", "Any news?", "ok fine", "Yes, thank you", "done"],
}


@dataclass(frozen=True, slots=True)
class Pair:
    name: str
    language: str
    subject: str
    story: tuple[str, ...]
    """What was said on the ticket, in order: the customer first, then our answer if there is one."""
    own: tuple[str, ...]
    """What the customer said of it."""
    message: str
    hours: float
    asked: bool
    number: int
    same: bool
    by_hand: bool
    half: str
    """``train`` or ``test``."""


_HEAD = re.compile(r"\[(same|other) (it|en) (\d+)([mhd])( asked)?(?: #(\d+))?\]")


def by_hand() -> list[Pair]:
    found: list[Pair] = []
    for language in ("it", "en"):
        blocks = (HERE / f"hard_{language}.txt").read_text("utf-8").split("\n\n")
        for n, block in enumerate(b for b in blocks if b.startswith("[")):
            head, *lines = block.strip().splitlines()
            match = _HEAD.fullmatch(head)
            assert match, head
            said = [line for line in lines if line[:2] in {"C ", "A "}]
            found.append(
                Pair(
                    f"hand-{language}-{n}",
                    language,
                    next(line[2:] for line in lines if line.startswith("T ")),
                    tuple(line[2:] for line in said),
                    tuple(line[2:] for line in said if line.startswith("C ")),
                    next(line[2:] for line in lines if line.startswith("M ")),
                    int(match[3]) * UNITS[match[4]],
                    bool(match[5]) or said[-1].startswith("A "),
                    int(match[6] or 5_000 + n),
                    match[1] == "same",
                    True,
                    ("train", "test")[n % 2],
                )
            )
    return found


type Families = dict[str, dict[str, list[str]]]


def _families() -> Families:
    """Family → ``it O`` (opens), ``it A`` (answers), ``it F`` (follows) → sentences."""
    families: Families = {}
    here: dict[str, list[str]] = {}
    for line in (HERE / "families.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            here = families.setdefault(line.strip("[]"), {})
        elif line[:3] in {"it ", "en "}:
            here.setdefault(line[:4], []).append(line[6:])
    return families


def generated() -> list[Pair]:
    chance = random.Random(SEED)
    families, found = _families(), list[Pair]()
    halves = {name: ("train", "test")[n % 2] for n, name in enumerate(families)}
    for name in families:
        mates = [other for other in families if halves[other] == halves[name] and other != name]
        for language in ("it", "en"):
            for n in range(EACH):
                for same in (True, False):
                    found.append(
                        _pair(f"{name}-{language}-{n}-{'same' if same else 'other'}", families, name, mates,
                              language, same, halves[name], chance)
                    )  # fmt: skip
    return found


def _pair(
    label: str,
    families: Families,
    name: str,
    mates: list[str],
    language: str,
    same: bool,
    half: str,
    chance: random.Random,
) -> Pair:
    own = families[name]
    slots, others = _slots(language, chance), _slots(language, chance)
    opened = chance.choice(own[f"{language} O"])
    asked = chance.random() < 0.6
    story = [opened, *(own[f"{language} A"] if asked else [])]
    hours = 10 ** chance.uniform(-0.7, 2.2) if same else 10 ** chance.uniform(-0.3, 3.0)
    if same:
        # What customers send when asked is often no sentence at all.
        if asked and chance.random() < 0.15:
            message, hours = chance.choice(BARE[language]), 10 ** chance.uniform(-0.7, 1.2)
        else:
            message = chance.choice(own[f"{language} F"])
        if "{order}" in opened and chance.random() < 0.35:
            message += f" {NAMED[language]} {slots['order']}"
    elif chance.random() < 0.25:
        message = chance.choice([o for o in own[f"{language} O"] if o != opened])
        message += f" ({others['order']})" if "{order}" not in message else ""
        story[0] += f" ({slots['order']})" if "{order}" not in opened else ""
    else:
        message = chance.choice(families[chance.choice(mates)][f"{language} O"])
        if "{order}" in opened and chance.random() < 0.15:
            # Another matter about the same order is another matter.
            others["order"] = slots["order"]
            message += "" if "{order}" in message else f" {NAMED[language]} {slots['order']}"
    return Pair(
        label,
        language,
        _subject(story[0].format(**slots)),
        tuple(line.format(**slots) for line in story),
        (story[0].format(**slots),),
        message.format(**(slots if same else others)),
        hours,
        asked,
        chance.randrange(1_000, 9_999),
        same,
        False,
        half,
    )


def _slots(language: str, chance: random.Random) -> dict[str, str]:
    return {
        "thing": chance.choice(THINGS[language]),
        "order": f"BA-{chance.randrange(10_000, 99_999)}",
        "city": chance.choice(CITIES),
    }


def _subject(text: str) -> str:
    return " ".join(text.split()[:6])


@cache
def pairs() -> tuple[Pair, ...]:
    return (*by_hand(), *generated())


def half(name: str) -> Iterator[Pair]:
    return (pair for pair in pairs() if pair.half == name)
