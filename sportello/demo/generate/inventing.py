"""One ticket: who asks what, when, and how the talk goes on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from sportello.core.clock import now
from sportello.demo import phrases
from sportello.demo.generate.people import person
from sportello.demo.generate.shapes import LONG, YEARS, House, Made, Starts

_ENDED = ("closed",) * 8 + ("solved",) * 2
_FRESH = ("new",) * 3 + ("open",) * 4 + ("pending",) * 3 + ("on_hold",) + ("solved",) * 5
_LENGTHS = (1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 11)


def invented(
    starts: Starts, house: House, n: int, count: int, contacts: int, chance: random.Random
) -> Made:
    """Ticket `n` of `count`, oldest first. The newest tenth is what agents still work on."""
    span = timedelta(days=365 * YEARS)
    created = now() - span + span * (n / count) * 0.995
    status = chance.choice(_ENDED if n < count * 0.9 else _FRESH)
    who = chance.randrange(contacts)
    language = "it" if who % 4 else "en"
    words = {
        "thing": chance.choice(phrases.THINGS[language]),
        "detail": chance.choice(phrases.DETAILS[language]),
        "city": chance.choice(phrases.CITIES),
        "order": f"BA-{n + 10_000}",
        "name": person(who),
    }
    subject = chance.choice(phrases.SUBJECTS[language]).format(**words)
    agent = chance.choice(house.agents) if status != "new" and chance.random() < 0.8 else None
    made = Made(
        starts.ticket + n, starts.contact + who, words["name"], language, status, house.chat if chance.random() < 0.3 else house.mail, 0,
        subject, words, created, None, chance.sample(house.tags, chance.choice((0, 0, 1, 1, 2))), agent,
        chance.choice(house.teams) if house.teams and chance.random() < 0.9 else None,
    )  # fmt: skip
    length = LONG if n == count - 1 else chance.choice(_LENGTHS)
    made.talk = list(_talk(made, length, chance))
    if status in ("solved", "closed"):
        made.solved = made.talk[-1][0]
    return made


def _talk(made: Made, length: int, chance: random.Random) -> Iterator[tuple[datetime, str, str]]:
    at, language = made.created, made.language
    latest = now()
    for k in range(length):
        direction = (
            "in"
            if k == 0 or made.agent is None or k % 2 == 0
            else ("note" if chance.random() < 0.1 else "out")
        )
        if direction == "note":
            text = chance.choice(phrases.NOTED)
        else:
            text = chance.choice(
                (phrases.ASKED if direction == "in" else phrases.ANSWERED)[language]
            )
        yield at, direction, text.format(**made.words)
        at = min(
            at + timedelta(minutes=chance.randrange(5, 900 if length < 100 else 12)),
            latest - timedelta(seconds=length - k),
        )
