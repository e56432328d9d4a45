"""What waits: changes for their message, public items for the vendor or for an agent's interest."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sportello.accounts.models import Agent
from sportello.channels.models import Channel, SpoolItem
from sportello.tickets.models.message import Message


class EarlyChange(models.Model):
    """An edit or a withdrawal that came before its message: applied with it, swept when it never comes."""

    class What(models.TextChoices):
        EDITED = "edited"
        WITHDRAWN = "withdrawn"

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE)
    external_id = models.TextField()
    what = models.CharField(max_length=9, choices=What.choices)
    sender_kind = models.CharField(max_length=24, blank=True)
    sender_address = models.CharField(max_length=320, blank=True)
    text = models.TextField(blank=True)
    at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["channel", "external_id"], name="early_change_message"),
            models.Index(fields=["received_at"], name="early_change_age"),
        ]


class Moderation(models.Model):
    """A public item that an agent wants hidden from strangers, or shown again; a job tells the vendor."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="moderation")
    hidden = models.BooleanField()
    """What is wanted."""
    attempts = models.PositiveSmallIntegerField(default=0)
    trouble = models.TextField(blank=True)
    """Why the vendor did not do it."""
    due_at = models.DateTimeField(null=True)
    """When to tell the vendor (again); null when it is done or given up."""

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="moderation_due"
            )
        ]


class Monitored(models.Model):
    """A public item that the channel's rule leaves alone: kept as it came, no ticket until an agent wants one."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    external_id = models.TextField()
    item = models.ForeignKey(
        SpoolItem, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    """Its words are read from here, so that they are kept once; when it is let go of, so is this."""
    received_at = models.DateTimeField()
    wanted_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, related_name="+")
    wanted_at = models.DateTimeField(null=True)
    """When an agent asked for a ticket."""

    class Meta:
        verbose_name_plural = "monitored"
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="monitored_once")
        ]
        indexes = [models.Index(fields=["channel", "-id"], name="monitored_recent")]
