"""What follows from facts: whoever is new is asked for by name, and what his browser did is his."""

from __future__ import annotations

from collections.abc import Sequence

from sportello.contacts import profiles, touchpoints
from sportello.core.consumers import consumer
from sportello.core.models import Event


@consumer("contacts.profiles", "ticket_opened")
def ask_who_it_is(events: Sequence[Event]) -> None:
    profiles.ask_for(event.contact_id for event in events if event.contact_id)


@consumer("contacts.touchpoints", "ticket_opened", "identity_added", "contact_merged")
def adopt_visits(events: Sequence[Event]) -> None:
    """A visitor has written for the first time: from now on he is somebody."""
    touchpoints.adopt([event.contact_id for event in events if event.contact_id])
