"""Rows that belong to no room in particular: the event log, its readers, files, sent mail, heartbeats."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Event(models.Model):
    """A fact, past tense. Written only by `core.events.record`, never changed.

    `id` is given under one advisory lock held to the commit, so ids become visible in order.
    """

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=64)
    version = models.PositiveSmallIntegerField(default=1)
    ticket_id = models.BigIntegerField(null=True)
    contact_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=64)
    cause_id = models.BigIntegerField(null=True)
    payload: models.JSONField = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ticket_id", "id"], name="event_ticket")]


class Cursor(models.Model):
    """How far a consumer has read the log."""

    consumer = models.CharField(max_length=64, primary_key=True)
    event_id = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(auto_now=True)


class Parked(models.Model):
    """What a consumer could not digest, per ticket: visible on the system page and replayable."""

    consumer = models.CharField(max_length=64)
    ticket_id = models.BigIntegerField(null=True)
    event_ids: models.JSONField = models.JSONField(default=list)
    traceback = models.TextField()
    attempts = models.PositiveIntegerField(default=1)
    parked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consumer", "ticket_id"], name="parked_once", nulls_distinct=False
            )
        ]


class Heartbeat(models.Model):
    """A process says that it lives; `/readyz` and the system page read it."""

    name = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()
    detail: models.JSONField = models.JSONField(default=dict)


class Verdict(models.TextChoices):
    """What the virus scanner said; empty: nobody has asked it yet."""

    CLEAN = "clean"
    INFECTED = "infected"
    UNCHECKED = "unchecked"
    """It cannot look into this (too large): handed out as if there were no scanner."""


class Blob(models.Model):
    """Bytes kept once, named by their SHA-256; counted by the files that point at them."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    references = models.IntegerField(default=0)
    verdict = models.CharField(max_length=9, choices=Verdict.choices, db_default="", blank=True)
    finding = models.CharField(max_length=200, db_default="", blank=True)
    """What the scanner calls what it found, or why it could not look."""
    kinds: ArrayField[list[str] | None, list[str] | None] = ArrayField(
        models.CharField(max_length=16), null=True
    )
    """Kinds of sensitive data that stand in it; null until somebody has read it."""

    class Meta:
        indexes = [
            models.Index(fields=["sha256"], condition=Q(verdict=""), name="blob_not_scanned"),
            models.Index(fields=["sha256"], condition=Q(kinds=None), name="blob_not_read"),
        ]


class StoredFile(models.Model):
    """A file as somebody gave it: random public key, name and type are only hints."""

    key = models.CharField(max_length=43, unique=True)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    owner = models.CharField(max_length=64, blank=True)
    """Who uploaded it and may still bind it to a message (``agent:3``, ``visitor:…``)."""
    bound = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)


class SentMail(models.Model):
    """Mail kept in the browsable outbox because no relay is configured (the demo)."""

    sender = models.CharField(max_length=320)
    recipients: models.JSONField = models.JSONField(default=list)
    subject = models.TextField(blank=True)
    raw = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)


class AuditEntry(models.Model):
    """Who changed which setting, from what to what. Secrets appear as “changed”, never in value."""

    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=200)
    changes: models.JSONField = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="audit_recent")]
