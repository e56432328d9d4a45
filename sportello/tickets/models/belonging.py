"""Tickets that are one: guessed, and joined."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.tickets.models.ticket import Ticket


class Belonging(models.Model):
    """A ticket may belong to an earlier one, of the same contact or of somebody who may be the same person.

    Shown with its reasons, decided by people.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        JOINED = "joined", _("joined")
        REFUSED = "refused", _("not the same")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="belongings")
    to = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    percent = models.PositiveSmallIntegerField()
    reasons: ArrayField[list[str], list[str]] = ArrayField(models.CharField(max_length=24))
    """Names from `belonging.signs.REASONS`."""
    state = models.CharField(max_length=7, choices=State.choices, db_default=State.OPEN)
    decided_by = models.CharField(max_length=64, db_default="")
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "to"], name="belonging_once")]


class Joining(models.Model):
    """What one ticket brought when it was merged into another: enough to take it out again."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="joinings")
    into = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    record: models.JSONField = models.JSONField()
    """Ids of what moved, and the fields of both as they were before."""
    actor = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
