"""An order is a touchpoint of its buyer."""

from __future__ import annotations

from collections.abc import Sequence

from sportello.commerce.models import Order
from sportello.contacts.touchpoints import Touch, record_touchpoints
from sportello.contacts.trail import TouchpointKind


def touch_orders(order_ids: Sequence[int]) -> None:
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
