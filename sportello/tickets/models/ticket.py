"""One problem of one requester, across channels."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Agent, Brand, Team
from sportello.contacts.models import Contact, Organization


class Status(models.TextChoices):
    NEW = "new", _("New")
    OPEN = "open", _("Open")
    PENDING = "pending", _("Pending")
    ON_HOLD = "on_hold", _("On hold")
    SOLVED = "solved", _("Solved")
    CLOSED = "closed", _("Closed")


class Priority(models.TextChoices):
    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")


class Kind(models.TextChoices):
    QUESTION = "question", _("Question")
    PROBLEM = "problem", _("Problem")
    INCIDENT = "incident", _("Incident")
    TASK = "task", _("Task")


class Ticket(models.Model):
    """`number` is what people say; the fields from `last_message_at` on are kept for lists."""

    id = models.BigAutoField(primary_key=True)
    number = models.BigIntegerField(unique=True, db_default=RawSQL("nextval('ticket_number')", []))
    subject = models.TextField(db_default="", blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, db_default=Status.NEW)
    priority = models.CharField(max_length=8, choices=Priority.choices, db_default=Priority.NORMAL)
    kind = models.CharField(max_length=8, choices=Kind.choices, db_default=Kind.QUESTION)
    # Each index is written again with every message: keys that another begins with, and few brands, have none.
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, db_index=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="tickets", db_index=False
    )
    organization = models.ForeignKey(Organization, on_delete=models.SET_NULL, null=True, blank=True)
    assignee = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, blank=True)
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True)
    tags: ArrayField[list[str], list[str]] = ArrayField(
        models.CharField(max_length=64), db_default=RawSQL("'{}'::varchar[]", []), blank=True
    )
    language = models.CharField(max_length=8, db_default="", blank=True)
    custom: models.JSONField = models.JSONField(db_default={}, blank=True)
    is_spam = models.BooleanField(db_default=False)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    follow_up_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    solved_at = models.DateTimeField(null=True, blank=True)
    anonymised_at = models.DateTimeField(null=True, blank=True)
    """Closed for so long that words and person are gone; numbers stay."""

    last_message_at = models.DateTimeField()
    last_inbound_id = models.BigIntegerField(null=True, blank=True)
    """Id of the newest message from outside: unread for an agent when above his `ReadMark`."""
    last_author = models.CharField(max_length=8, db_default="contact")
    """``contact`` or ``agent``: who spoke last."""
    preview = models.CharField(max_length=160, db_default="", blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    """Since when the customer waits for us; null when we wait for him."""
    breaks_at = models.DateTimeField(null=True, blank=True)
    """When the next promise is broken (set by SLA rules)."""
    channel_ids: ArrayField[list[int], list[int]] = ArrayField(
        models.BigIntegerField(), db_default=RawSQL("'{}'::bigint[]", []), blank=True
    )
    """Channels met so far, in order of last use: the newest is last."""

    class Meta:
        indexes = [
            models.Index(fields=["-last_message_at", "-id"], name="ticket_recent"),
            models.Index(
                F("status"),
                F("last_message_at").desc(),
                F("id").desc(),
                name="ticket_status_recent",
            ),
            models.Index(
                F("assignee"),
                F("last_message_at").desc(),
                F("id").desc(),
                condition=Q(status__in=["new", "open", "pending", "on_hold"]),
                name="ticket_assignee_live",
            ),
            models.Index(
                F("team"),
                F("last_message_at").desc(),
                F("id").desc(),
                condition=Q(status__in=["new", "open", "pending", "on_hold"]),
                name="ticket_team_live",
            ),
            # Counts beside the views are answered from the next two alone, up to their cap.
            models.Index(
                fields=["-last_message_at", "-id"],
                include=["team", "brand", "merged_into", "is_spam", "snoozed_until"],
                condition=Q(status__in=["new", "open", "pending", "on_hold"]),
                name="ticket_live",
            ),
            models.Index(
                fields=["assignee", "team", "id"],
                include=["brand", "merged_into", "is_spam", "snoozed_until"],
                condition=Q(status__in=["new", "open"]),
                name="ticket_work",
            ),
            models.Index(fields=["contact", "-id"], name="ticket_contact"),
            models.Index(
                fields=["waiting_since", "id"],
                condition=Q(waiting_since__isnull=False),
                name="ticket_waiting",
            ),
            models.Index(
                fields=["-last_message_at", "-id"], condition=Q(is_spam=True), name="ticket_spam"
            ),
            models.Index(fields=["-updated_at", "-id"], name="ticket_updated"),
            models.Index(
                fields=["snoozed_until"],
                condition=Q(snoozed_until__isnull=False),
                name="ticket_snoozed",
            ),
            models.Index(
                fields=["last_message_at"],
                condition=Q(status="closed", anonymised_at__isnull=True),
                name="ticket_ageing",
            ),
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="ticket_merged",
            ),
            models.Index(
                fields=["follow_up_of"],
                condition=Q(follow_up_of__isnull=False),
                name="ticket_follow_up",
            ),
            GinIndex(fields=["tags"], name="ticket_tags"),
            GinIndex(fields=["channel_ids"], name="ticket_channels"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"
