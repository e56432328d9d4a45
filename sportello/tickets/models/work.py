"""What agents have on tickets of their own: drafts, read marks, what they follow, where they were named."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from sportello.accounts.models import Agent
from sportello.channels.models import Channel
from sportello.tickets.models.message import Message
from sportello.tickets.models.ticket import Ticket


class Draft(models.Model):
    """What an agent is writing, kept on the server."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="drafts")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE)
    is_note = models.BooleanField(default=False)
    channel = models.ForeignKey(Channel, on_delete=models.SET_NULL, null=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    cc = models.TextField(blank=True)
    bcc = models.TextField(blank=True)
    file_keys: ArrayField[list[str], list[str]] = ArrayField(
        models.CharField(max_length=43), default=list, blank=True
    )
    choices: ArrayField[list[str], list[str]] = ArrayField(
        models.CharField(max_length=80), default=list, blank=True
    )
    """Titles of buttons under the answer."""
    template: models.JSONField = models.JSONField(null=True, blank=True)
    """An approved text instead of words: ``{"name", "language", "values"}``."""
    instead_of = models.BigIntegerField(null=True, blank=True)
    """Id of an answer that did not arrive, which this one repeats."""
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "agent"], name="draft_once")]


class ReadMark(models.Model):
    """How far one agent has read a ticket: nothing is ever marked read for all."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE)
    message_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "ticket"], name="read_mark_once")]


class Follower(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="followers")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "agent"], name="follower_once")]


class Mention(models.Model):
    """A colleague named with @ in a note."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="mentions")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE)
    read_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["agent", "-id"], name="mention_agent")]
