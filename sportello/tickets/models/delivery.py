"""How an answer travels to the customer."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sportello.channels.models import Channel
from sportello.tickets.models.message import Message


class DeliveryState(models.TextChoices):
    HELD = "held", _("may be undone")
    QUEUED = "queued", _("leaving")
    SENDING = "sending", _("being sent")
    UNKNOWN = "unknown", _("not confirmed")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("delivered")
    READ = "read", _("read")
    FAILED = "failed", _("not delivered")
    CANCELLED = "cancelled", _("taken back")


class Delivery(models.Model):
    """One attempt to bring an outbound message to the customer, with its outcome."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT)
    recipient: models.JSONField = models.JSONField()
    """``{"kind", "address", "name"}``"""
    state = models.CharField(
        max_length=9, choices=DeliveryState.choices, default=DeliveryState.QUEUED
    )
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True)
    external_id = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    options: models.JSONField = models.JSONField(default=dict, blank=True)
    """What the sending needs beside the message: ``cc``, ``bcc``, ``content`` (``full`` or ``neutral``)."""
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["held", "queued", "sending", "unknown"]),
                name="delivery_due",
            ),
            models.Index(
                fields=["channel", "external_id"],
                condition=~Q(external_id=""),
                name="delivery_external",
            ),
            models.Index(
                fields=["channel", "settled_at"],
                condition=Q(state="failed"),
                name="delivery_failed",
            ),
        ]
