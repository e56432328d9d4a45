"""What was said: messages with their files, also those that still lie at the vendor."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Agent
from sportello.channels.models import Channel, SpoolItem
from sportello.contacts.models import Identity
from sportello.core.models import StoredFile
from sportello.tickets.models.thread import Thread
from sportello.tickets.models.ticket import Ticket


class Direction(models.TextChoices):
    IN = "in", _("received")
    OUT = "out", _("sent")
    NOTE = "note", _("internal note")


CALL = "call"
"""Nature of a telephone call that an agent wrote down: his words, whichever way the call went."""


class Message(models.Model):
    """One utterance. `text` is what the author wrote, `quoted` what was folded away."""

    id = models.BigAutoField(primary_key=True)
    ticket = models.ForeignKey(
        Ticket, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, null=True, related_name="messages")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, null=True, db_index=False)
    direction = models.CharField(max_length=4, choices=Direction.choices)
    nature = models.CharField(max_length=12, db_default="person")
    """`channels.contract.Nature`; ``automatic`` for what the house itself wrote, `CALL`."""
    agent = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, db_index=False)
    identity = models.ForeignKey(Identity, on_delete=models.SET_NULL, null=True)
    author_name = models.CharField(max_length=200, db_default="")
    subject = models.TextField(db_default="")
    text = models.TextField(db_default="")
    quoted = models.TextField(db_default="")
    html = models.TextField(db_default="")
    html_version = models.PositiveSmallIntegerField(db_default=0)
    remote_images = models.PositiveIntegerField(db_default=0)
    meta: models.JSONField = models.JSONField(db_default={})
    """``to``, ``cc`` lists of ``{"address", "name"}`` for mail; page url for chat."""
    external_id = models.TextField(null=True)
    fingerprint = models.CharField(max_length=64, db_default="")
    spool = models.ForeignKey(
        SpoolItem, on_delete=models.DO_NOTHING, null=True, db_index=False, db_constraint=False
    )
    """Raw input is let go of long before the message: then this is the bare number of what was."""
    is_held = models.BooleanField(db_default=False)
    """A right token from an unknown sender: waits for an agent's yes."""
    sent_at = models.DateTimeField(null=True)
    """The author's own clock, where the channel tells."""
    created_at = models.DateTimeField()
    search = models.GeneratedField(
        expression=RawSQL("sportello_search(subject, text)", []),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id"],
                condition=Q(external_id__isnull=False),
                name="message_once",
            )
        ]
        indexes = [
            models.Index(fields=["ticket", "id"], name="message_ticket"),
            models.Index(fields=["agent"], condition=Q(agent__isnull=False), name="message_agent"),
            GinIndex(fields=["search"], name="message_search"),
            # Which ids lie where: a search for the newest looks at no older page.
            BrinIndex(fields=["id"], pages_per_range=32, autosummarize=True, name="message_order"),
        ]


class Attachment(models.Model):
    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    size = models.BigIntegerField()
    inline = models.BooleanField(db_default=False)
    content_id = models.CharField(max_length=255, db_default="")


class PendingMedia(models.Model):
    """A file that still lies at the vendor: fetched by a job, then it becomes an `Attachment`."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="pending_media")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127, blank=True)
    media_ref = models.TextField()
    attempts = models.PositiveSmallIntegerField(default=0)
    trouble = models.TextField(blank=True)
    """Why it could not be fetched; shown where the file would be."""
    due_at = models.DateTimeField(null=True)
    """When to try (again); null when given up."""

    class Meta:
        verbose_name_plural = "pending media"
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="media_due")
        ]
