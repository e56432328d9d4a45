"""Mails to agents that wait or have left, and agents' mails that were answers."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from sportello.accounts.models import Agent
from sportello.channels.models import Channel


class Notice(models.Model):
    """One mail to one agent about one ticket: gathers what happens until it leaves."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+")
    kinds: ArrayField[list[str], list[str]] = ArrayField(models.CharField(max_length=8))
    """`accounts.notices.Kind`, each once."""
    first_message_id = models.BigIntegerField(null=True)
    """From here on the ticket's messages are news to him."""
    last_message_id = models.BigIntegerField(null=True)
    """The newest message he was told of: an answer to this mail was written knowing so much."""
    refusal = models.CharField(max_length=12, blank=True)
    """Why his own answer came back; see `answering.Refusal`."""
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    """When to look whether it should leave; null when it has left or was not needed."""
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "ticket"],
                condition=Q(due_at__isnull=False, attempts=0),
                name="notice_waits_once",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="notice_due")
        ]


class AgentMail(models.Model):
    """A mail by which an agent answered, and the message that it became: nothing happens twice."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    external_id = models.TextField()
    message = models.ForeignKey("tickets.Message", on_delete=models.CASCADE, related_name="+")
    spool_id = models.BigIntegerField()
    """Number of the raw input, which may be let go of before."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="agent_mail_once")
        ]
