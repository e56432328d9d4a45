"""What follows from facts: whoever is new is asked for by name."""

from __future__ import annotations

from collections.abc import Sequence

from sportello.contacts import profiles
from sportello.core.consumers import consumer
from sportello.core.models import Event


@consumer("contacts.profiles", "ticket_opened")
def ask_who_it_is(events: Sequence[Event]) -> None:
    profiles.ask_for(event.contact_id for event in events if event.contact_id)
