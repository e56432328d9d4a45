"""What the API keeps for itself: answers to repeat, how often a token calls, facts from outside."""

from __future__ import annotations

from django.db import models

from sportello.accounts.models import Agent
from sportello.contacts.models import Contact, Organization


class IdempotencyKey(models.Model):
    """A POST that was done: the same key gets the same answer for a day."""

    token_hash = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    """SHA-256 of method, path and body."""
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_hash", "key"], name="idempotency_once")
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]


class CallCount(models.Model):
    """Calls of one token in the running minute. Unlogged: a crash forgets it, nothing is lost."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    minute = models.BigIntegerField()
    used = models.IntegerField()


class ExternalFact(models.Model):
    """Something that happened outside: an order, a log-in, a device. The event holds only its id."""

    agent = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True)
    external_id = models.CharField(max_length=200, unique=True)
    """The sender's own id: the same fact is kept once."""
    type = models.CharField(max_length=64)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True, related_name="+")
    organization = models.ForeignKey(
        Organization, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    data: models.JSONField = models.JSONField(default=dict)
    event_id = models.BigIntegerField(null=True)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["contact", "-occurred_at"], name="fact_contact")]
