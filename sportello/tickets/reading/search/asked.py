"""A search field, read: words, and what narrows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from sportello.channels.queries import mouths
from sportello.tickets.models import Status, Tag
from sportello.tickets.reading.search.days import around, day_of
from sportello.tickets.reading.search.rows import ids_of, like

NAMES = {
    "from": "from", "da": "from", "tag": "tag", "etichetta": "tag", "channel": "channel", "canale": "channel",
    "status": "status", "stato": "status", "after": "after", "dal": "after", "since": "after", "before": "before",
    "prima": "before", "on": "on", "il": "on",
}  # fmt: skip
_PART = re.compile(r'(?P<not>-)?(?P<name>[^\W\d_]+):(?P<value>"[^"]+"|[^\s"]+)')
PEOPLE = """
(SELECT id FROM contacts_contact WHERE name ILIKE %(like)s LIMIT 500)
UNION (SELECT contact_id FROM contacts_identity WHERE address ILIKE %(like)s LIMIT 500)
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search field, read: the words, and what narrows them."""

    words: str = ""
    narrow: Q = field(default_factory=Q)
    people: str = ""
    """Whom ``from:`` names."""
    since: datetime | None = None
    until: datetime | None = None


def read(typed: str) -> Asked:
    """Take the narrowings out of what was typed. What looks like one and is none stays a word."""
    narrow, people, words = Q(), "", []
    bounds: dict[str, datetime] = {}
    at = 0
    for part in _PART.finditer(typed):
        name, value = NAMES.get(part["name"].casefold(), ""), part["value"].strip('"')
        if name == "from" and not part["not"]:
            people = value
        elif name in {"after", "before", "on"}:
            days = day_of(value)
            if days is None:
                continue
            bounds |= around(name, days)
        elif name in _MEANS:
            condition = _MEANS[name](value)
            narrow &= ~condition if part["not"] else condition
        else:
            continue
        words.append(typed[at : part.start()])
        at = part.end()
    words.append(typed[at:])
    return Asked(
        " ".join(" ".join(words).split()), narrow, people, bounds.get("since"), bounds.get("until")
    )


def _tagged(value: str) -> Q:
    known = Tag.objects.filter(name__iexact=value).values_list("name", flat=True).first()
    return Q(tags__contains=[known or value])


def _on_channel(value: str) -> Q:
    """By the provider's kind, or by the beginning of its name or the channel's."""
    said = value.casefold()
    ids = [
        mouth.id
        for mouth in mouths().values()
        if said == mouth.provider.kind
        or mouth.provider.name.casefold().startswith(said)
        or mouth.name.casefold().startswith(said)
    ]
    return Q(channel_ids__overlap=ids) if ids else Q(pk__in=[])


def _with_status(value: str) -> Q:
    """By its name in the reader's language or in English."""
    said = value.casefold().replace(" ", "_")
    known = [
        status for status in Status
        if said in {status.value, str(status.label).casefold().replace(" ", "_")}
    ]  # fmt: skip
    return Q(status__in=known)


_MEANS: dict[str, Callable[[str], Q]] = {
    "tag": _tagged,
    "channel": _on_channel,
    "status": _with_status,
    "from": lambda value: Q(contact_id__in=ids_of(PEOPLE, {"like": like(value)})),
}
