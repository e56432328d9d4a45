"""Who is told what, and how each telling went."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from sportello.accounts.models import Agent
from sportello.channels import secrets


class Webhook(models.Model):
    """An address that hears of facts. Payloads hold ids, enums and numbers only."""

    url = models.URLField(max_length=2000)
    description = models.CharField(max_length=200, blank=True)
    types: ArrayField[Any, Any] = ArrayField(
        models.CharField(max_length=64), default=list, blank=True
    )
    """Types of events; none means all."""
    sealed_secrets = models.BinaryField()
    """``{"current": "whsec_…", "previous": "whsec_…" or ""}``, encrypted with a key outside the database."""
    is_active = models.BooleanField(default=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    """Paused by itself after too many failures; what happens meanwhile waits."""
    paused_reason = models.CharField(max_length=200, blank=True)
    failures = models.PositiveIntegerField(default=0)
    """Failed tries in a row."""
    created_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.url

    @property
    def secrets(self) -> dict[str, Any]:
        return secrets.unseal(bytes(self.sealed_secrets))


class TellState(models.TextChoices):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookDelivery(models.Model):
    """One event for one webhook, and what came of it."""

    id = models.BigAutoField(primary_key=True)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.BigIntegerField()
    event_type = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=TellState.choices, default=TellState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    status_code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event_id"], name="webhook_told_once")
        ]
        indexes = [models.Index(fields=["webhook", "-id"], name="webhook_log")]
