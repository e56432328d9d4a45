"""Facts as the outside reads them: tickets by number, channels by public id, never our row ids for those."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sportello.channels.models import Channel
from sportello.core.models import Event
from sportello.tickets.models import Ticket

TICKETS = {
    "ticket_merged": ("ticket", "into"),
    "ticket_split": ("into",),
    "held_refused": ("into",),
    "ticket_opened": ("follow_up_of",),
}
"""Payload keys that hold a ticket's row id, by type of event."""
CHANNELS = ("channel", "channel_id")


def facts(events: Sequence[Event]) -> list[dict[str, Any]]:
    """One dictionary per event, in order; two statements however many there are."""
    numbers = _numbers(events)
    channels = _channels(events)
    return [_fact(event, numbers, channels) for event in events]


def _fact(event: Event, numbers: dict[int, int], channels: dict[int, str]) -> dict[str, Any]:
    data = dict(event.payload)
    for key in TICKETS.get(event.type, ()):
        if data.get(key) is not None:
            data[key] = numbers.get(data[key])
    for key in CHANNELS:
        if data.get(key) is not None:
            data[key] = channels.get(data[key])
    return {
        "id": event.pk,
        "type": event.type,
        "version": event.version,
        "ticket": numbers.get(event.ticket_id) if event.ticket_id else None,
        "contact": event.contact_id,
        "actor": event.actor,
        "data": data,
        "occurred_at": event.occurred_at,
    }


def _numbers(events: Iterable[Event]) -> dict[int, int]:
    wanted = set()
    for event in events:
        wanted |= {event.ticket_id, *(event.payload.get(k) for k in TICKETS.get(event.type, ()))}
    found = Ticket.objects.filter(pk__in=wanted - {None})
    return dict(found.values_list("pk", "number"))


def _channels(events: Iterable[Event]) -> dict[int, str]:
    wanted = {event.payload.get(key) for event in events for key in CHANNELS} - {None}
    return dict(Channel.objects.filter(pk__in=wanted).values_list("pk", "public_id"))
