"""What a customer has besides orders, and what the shops have in stock."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sportello.commerce.models.connections import Connection
from sportello.contacts.models import Contact


class Traded(models.Model):
    """Something of a customer, named by its shop: unique per (connection, external id)."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=200)
    buyer_id = models.CharField(max_length=200, blank=True)
    """The shop's id of the customer."""
    email = models.CharField(max_length=320, blank=True)
    """As an identity would keep it; with `phone` it tells whose it is once the address is proved."""
    phone = models.CharField(max_length=32, blank=True)
    buyer_name = models.CharField(max_length=200, blank=True)
    is_confirmed = models.BooleanField(default=False)
    """The shop vouches for the mail address: it had its account's owner prove it."""
    updated_at = models.DateTimeField()
    """When the shop last changed it: what is older never overwrites it."""
    is_erased = models.BooleanField(default=False)
    """The person was erased here: whatever the shop says later of him is not written again."""

    class Meta:
        abstract = True

    @staticmethod
    def unmatched(name: str) -> list[models.Index]:
        """Indexes over what belongs to nobody yet."""
        return [
            models.Index(
                fields=[field],
                condition=models.Q(contact=None) & ~models.Q(**{field: ""}),
                name=f"{name}_unmatched_{field}",
            )
            for field in ("email", "phone")
        ] + [
            models.Index(
                fields=["id"],
                condition=models.Q(contact=None, is_confirmed=True, is_erased=False),
                name=f"{name}_to_introduce",
            )
        ]


class Owned(Traded):
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="%(class)ss"
    )

    class Meta(Traded.Meta):
        abstract = True


class Store(models.Model):
    """A shop with a door: it has stock, and orders are collected there."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="stores")
    external_id = models.CharField(max_length=200)
    name = models.CharField(max_length=100)
    city = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=300, blank=True)
    offers_pickup = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="store_once")
        ]

    def __str__(self) -> str:
        return self.name


class Stock(models.Model):
    """How many of a product a shop has."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=320)
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="stock")
    sku = models.CharField(max_length=100)
    name = models.CharField(max_length=300, blank=True)
    quantity = models.IntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="stock_once")
        ]
        indexes = [models.Index(fields=["sku"], name="stock_sku")]


class Subscription(Owned):
    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("subscription", "active")
        PAUSED = "paused", pgettext_lazy("subscription", "paused")
        ENDED = "ended", pgettext_lazy("subscription", "ended")

    name = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    interval = models.CharField(max_length=32, blank=True)
    """ISO 8601 duration: ``P1M``."""
    currency = models.CharField(max_length=3, default="EUR")
    price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="subscription_once")
        ]
        indexes = Traded.unmatched("subscription")


class Device(Owned):
    name = models.CharField(max_length=200)
    model = models.CharField(max_length=100, blank=True)
    serial = models.CharField(max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=100, blank=True)
    """In the device's own words: ``ok``, ``E12``."""

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="device_once")
        ]
        indexes = [models.Index(fields=["serial"], name="device_serial")]
        indexes += Traded.unmatched("device")


class Warranty(Owned):
    product = models.CharField(max_length=300)
    serial = models.CharField(max_length=100, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta(Owned.Meta):
        verbose_name_plural = "warranties"
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="warranty_once")
        ]
        indexes = Traded.unmatched("warranty")


class Loyalty(Owned):
    tier = models.CharField(max_length=100, blank=True)
    points = models.IntegerField(default=0)

    class Meta(Owned.Meta):
        verbose_name_plural = "loyalties"
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="loyalty_once")
        ]
        indexes = Traded.unmatched("loyalty")
