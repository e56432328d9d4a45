"""What follows from facts: a proved address tells whose orders they are; an order is a touchpoint of its buyer."""

from __future__ import annotations

from collections.abc import Sequence

from sportello.commerce.matching import attach
from sportello.commerce.touching import touch_orders
from sportello.core.consumers import consumer
from sportello.core.models import Event


@consumer(
    "commerce.match",
    "identity_verified",
    "identity_added",
    "contact_created",
    "ticket_opened",
    "message_received",
)
def match(events: Sequence[Event]) -> None:
    """Addresses are proved with the messages that prove them, so those are listened to as well."""
    contacts = {event.contact_id for event in events if event.contact_id}
    if contacts:
        touch_orders(attach(sorted(contacts)))


@consumer("commerce.touchpoints", "order_placed")
def touch(events: Sequence[Event]) -> None:
    touch_orders([event.payload["order"] for event in events])
