"""What agents asked shops to do, and what became of it."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sportello.commerce.models.orders import Order, money


class DeedState(models.TextChoices):
    QUEUED = "queued", pgettext_lazy("deed", "waiting")
    SENDING = "sending", pgettext_lazy("deed", "being done")
    DONE = "done", pgettext_lazy("deed", "done")
    FAILED = "failed", pgettext_lazy("deed", "refused by the shop")
    UNKNOWN = "unknown", pgettext_lazy("deed", "no answer: look in the shop")


class Deed(models.Model):
    """One refund, cancellation or re-sent confirmation. Kept for ever: it moved money."""

    class Kind(models.TextChoices):
        REFUND = "refund", _("Refund")
        CANCEL = "cancel", _("Cancel the order")
        RESEND = "resend", _("Send the confirmation again")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="deeds")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    """Goes along to the shop: the same key is the same act."""
    ticket_id = models.BigIntegerField(null=True, blank=True)
    """Where it was asked for; tickets lie above this room."""
    amount = money(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    actor = models.CharField(max_length=32)
    state = models.CharField(max_length=8, choices=DeedState.choices, default=DeedState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    """When to try next, or when a try without an answer counts as unknown."""
    reference = models.CharField(max_length=500, blank=True)
    """What the shop calls it, once done."""
    why = models.CharField(max_length=24, blank=True)
    """A `Reason`, when it did not go well; empty for words that are the shop's alone."""
    values: models.JSONField = models.JSONField(default=dict, blank=True)
    """What stands in the reason's sentence."""
    words = models.CharField(max_length=500, blank=True)
    """What the shop itself said, in its language."""
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "kind"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="deed_one_at_a_time",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="deed_due",
            )
        ]
