"""What follows from facts: a proved address tells whose orders they are; an order is a touchpoint of its buyer."""

from __future__ import annotations

from collections.abc import Sequence

from sportello.commerce.matching import attach
from sportello.commerce.models import Order
from sportello.contacts.touchpoints import Touch, record_touchpoints
from sportello.contacts.trail import TouchpointKind
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
        _touch(attach(sorted(contacts)))


@consumer("commerce.touchpoints", "order_placed")
def touch(events: Sequence[Event]) -> None:
    _touch([event.payload["order"] for event in events])


def _touch(order_ids: Sequence[int]) -> None:
    """Once an order, whoever is first: what is placed by nobody known counts when its buyer is proved."""
    if not order_ids:
        return
    orders = Order.objects.filter(pk__in=order_ids, contact__isnull=False)
    record_touchpoints(
        Touch(
            TouchpointKind.ORDER,
            order.placed_at,
            order.number,
            contact_id=order.contact_id,
            brand_id=order.connection.brand_id,
            meta={"order": order.pk},
            key=f"order:{order.pk}",
        )
        for order in orders.select_related("connection")
    )
