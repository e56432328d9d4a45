"""Orders and what hangs on them. Money is a Decimal beside its currency."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sportello.commerce.models.connections import Connection
from sportello.commerce.models.goods import Store, Traded
from sportello.contacts.models import Contact


def money(**options: Any) -> models.DecimalField[Any, Any]:
    """An amount, exact to a hundredth of a cent: currencies with three decimals fit."""
    return models.DecimalField(max_digits=16, decimal_places=4, **options)


class OrderState(models.TextChoices):
    PLACED = "placed", pgettext_lazy("order", "placed")
    PROCESSING = "processing", pgettext_lazy("order", "in preparation")
    READY = "ready_for_pickup", pgettext_lazy("order", "ready for pick-up")
    SHIPPED = "shipped", pgettext_lazy("order", "shipped")
    DELIVERED = "delivered", pgettext_lazy("order", "delivered")
    CANCELLED = "cancelled", pgettext_lazy("order", "cancelled")
    RETURNED = "returned", pgettext_lazy("order", "returned")


class PaymentState(models.TextChoices):
    PENDING = "pending", pgettext_lazy("payment", "to be paid")
    PAID = "paid", pgettext_lazy("payment", "paid")
    PARTLY_REFUNDED = "partly_refunded", pgettext_lazy("payment", "partly refunded")
    REFUNDED = "refunded", pgettext_lazy("payment", "refunded")
    VOIDED = "voided", pgettext_lazy("payment", "voided")


class Order(Traded):
    """What somebody bought at once. The contact is empty until a proved address tells whose it is."""

    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    number = models.CharField(_("number"), max_length=64)
    """As the customer knows it."""
    number_key = models.CharField(max_length=64)
    """The number in capitals without spaces and signs: how it is looked for in what people write."""
    state = models.CharField(max_length=16, choices=OrderState.choices, default=OrderState.PLACED)
    payment = models.CharField(
        max_length=16, choices=PaymentState.choices, default=PaymentState.PENDING
    )
    currency = models.CharField(max_length=3, default="EUR")
    total = money(default=0)
    shipping = money(default=0)
    refunded = money(default=0)
    placed_at = models.DateTimeField()
    status_url = models.URLField(max_length=1000, blank=True)
    store = models.ForeignKey(Store, on_delete=models.SET_NULL, null=True, blank=True)
    """Where it is collected; empty when it is sent."""

    class Meta(Traded.Meta):
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="order_once"),
            models.CheckConstraint(condition=models.Q(refunded__gte=0), name="order_refunded"),
        ]
        indexes = [
            models.Index(fields=["contact", "-placed_at"], name="order_of_contact"),
            models.Index(fields=["number_key"], name="order_number_key"),
            *Traded.unmatched("order"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    external_id = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    sku = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=300)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    unit_price = money(null=True, blank=True)
    total = money(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "external_id"], name="order_line_once")
        ]


class Attached(models.Model):
    """Something that belongs to an order and has its own life in the shop."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=200)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="%(class)ss")
    updated_at = models.DateTimeField()

    class Meta:
        abstract = True


class ShipmentState(models.TextChoices):
    LABEL = "label", _("label printed")
    SHIPPED = "shipped", pgettext_lazy("shipment", "on its way")
    OUT = "out_for_delivery", _("out for delivery")
    DELIVERED = "delivered", pgettext_lazy("shipment", "delivered")
    FAILED = "failed", _("could not be delivered")


class Shipment(Attached):
    state = models.CharField(
        max_length=16, choices=ShipmentState.choices, default=ShipmentState.SHIPPED
    )
    carrier = models.CharField(max_length=100, blank=True)
    tracking_number = models.CharField(max_length=100, blank=True)
    tracking_url = models.URLField(max_length=1000, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="shipment_once")
        ]


class ReturnState(models.TextChoices):
    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    RECEIVED = "received", _("received")
    REFUNDED = "refunded", pgettext_lazy("return", "refunded")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", pgettext_lazy("return", "cancelled")


class Return(Attached):
    state = models.CharField(
        max_length=16, choices=ReturnState.choices, default=ReturnState.REQUESTED
    )
    reason = models.CharField(max_length=300, blank=True)
    amount = money(null=True, blank=True)
    requested_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="return_once")
        ]


class Invoice(Attached):
    number = models.CharField(max_length=64)
    url = models.URLField(max_length=1000, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    total = money(null=True, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="invoice_once")
        ]
