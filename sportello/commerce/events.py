"""Facts about what was bought. Payloads hold ids, enums and numbers, never names or addresses."""

from __future__ import annotations

from sportello.core.events import declare

ORDER_PLACED = declare("order_placed", "placed an order", "order", "total", "currency")
ORDER_PROCESSING = declare("order_processing", "order in preparation", "order")
ORDER_READY = declare("order_ready_for_pickup", "order ready for pick-up", "order", "store")
ORDER_SHIPPED = declare("order_shipped", "order shipped", "order")
ORDER_DELIVERED = declare("order_delivered", "order delivered", "order")
ORDER_CANCELLED = declare("order_cancelled", "order cancelled", "order")
ORDER_RETURNED = declare("order_returned", "order returned", "order")
ORDER_PAID = declare("order_paid", "paid the order", "order")
ORDER_REFUNDED = declare("order_refunded", "order refunded", "order", "refunded", "currency")
SHIPMENT_SHIPPED = declare("shipment_shipped", "parcel on its way", "order", "shipment")
SHIPMENT_OUT = declare("shipment_out_for_delivery", "parcel out for delivery", "order", "shipment")
SHIPMENT_DELIVERED = declare("shipment_delivered", "parcel delivered", "order", "shipment")
SHIPMENT_FAILED = declare("shipment_failed", "parcel not delivered", "order", "shipment")
RETURN_REQUESTED = declare("return_requested", "asked to return", "order", "return")
RETURN_RECEIVED = declare("return_received", "return received", "order", "return")
DEVICE_REPORTED = declare("device_reported", "device reported", "device")
SUBSCRIPTION_CHANGED = declare("subscription_changed", "subscription changed", "subscription", "state")  # fmt: skip
ORDER_ACT_ASKED = declare("order_act_asked", "asked the shop", "order", "deed", "act", "amount")
ORDER_ACT_SETTLED = declare("order_act_settled", "the shop answered", "order", "deed", "act", "state")  # fmt: skip
CONNECTION_CHANGED = declare("connection_changed", "changed a connection to a shop", "connection")

OF_ORDER_STATE = {
    "processing": ORDER_PROCESSING,
    "ready_for_pickup": ORDER_READY,
    "shipped": ORDER_SHIPPED,
    "delivered": ORDER_DELIVERED,
    "cancelled": ORDER_CANCELLED,
    "returned": ORDER_RETURNED,
}
OF_SHIPMENT_STATE = {
    "shipped": SHIPMENT_SHIPPED,
    "out_for_delivery": SHIPMENT_OUT,
    "delivered": SHIPMENT_DELIVERED,
    "failed": SHIPMENT_FAILED,
}
OF_RETURN_STATE = {"requested": RETURN_REQUESTED, "received": RETURN_RECEIVED}
