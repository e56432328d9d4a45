"""One problem of one requester, across channels: tickets, their threads, messages and deliveries."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Agent, Brand, Team
from sportello.channels.models import Channel, SpoolItem
from sportello.contacts.models import Contact, Identity, Organization
from sportello.core.models import StoredFile
from sportello.tickets.pending import EarlyChange as EarlyChange
from sportello.tickets.pending import Moderation as Moderation
from sportello.tickets.pending import Monitored as Monitored


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
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="tickets")
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
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    follow_up_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
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
            GinIndex(fields=["tags"], name="ticket_tags"),
            GinIndex(fields=["channel_ids"], name="ticket_channels"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"


class Thread(models.Model):
    """One line of talk of a ticket on one channel: a mail chain, a chat session, a comment tree."""

    id = models.BigAutoField(primary_key=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="threads")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT)
    identity = models.ForeignKey(Identity, on_delete=models.SET_NULL, null=True)
    external_ref = models.TextField(db_default="")
    is_open = models.BooleanField(db_default=True)
    is_public = models.BooleanField(db_default=False)
    """Strangers read along: no window there, and what is private is said on another thread."""
    window_until = models.DateTimeField(null=True)
    """Until when the channel takes any answer; see `tickets.windows`."""
    last_message_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["channel", "identity", "-id"],
                condition=Q(is_open=True),
                name="thread_open_talk",
            ),
            models.Index(
                fields=["channel", "external_ref"], condition=~Q(external_ref=""), name="thread_ref"
            ),
        ]


class Participant(models.Model):
    """Somebody else on a thread: gets copies of its mails (Cc) or speaks there; has no right to see the rest."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="participants")
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    added_by = models.CharField(max_length=64)
    """``agent:<id>`` when an agent added or accepted him, ``mail`` when seen in a Cc, ``talk`` when he spoke."""
    is_active = models.BooleanField(default=True)
    """Gets copies and may answer. A Cc of an unproved mail starts out inactive."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thread", "address"], name="participant_once")
        ]


class Direction(models.TextChoices):
    IN = "in", _("received")
    OUT = "out", _("sent")
    NOTE = "note", _("internal note")


class Message(models.Model):
    """One utterance. `text` is what the author wrote, `quoted` what was folded away."""

    id = models.BigAutoField(primary_key=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, null=True, related_name="messages")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, null=True)
    direction = models.CharField(max_length=4, choices=Direction.choices)
    nature = models.CharField(max_length=12, db_default="person")
    """`channels.contract.Nature`; ``automatic`` for what the house itself wrote."""
    agent = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True)
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
            GinIndex(fields=["search"], name="message_search"),
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


class Tag(models.Model):
    """A tag on offer. Tickets carry tag names, so that removing one here rewrites nothing."""

    name = models.CharField(_("name"), max_length=64, unique=True)
    description = models.CharField(_("description"), max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name


class CustomField(models.Model):
    """A field that this company keeps on its tickets (``Ticket.custom[key]``)."""

    class FieldType(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        CHOICE = "choice", _("Choice")
        CHECKBOX = "checkbox", _("Checkbox")
        DATE = "date", _("Date")

    key = models.SlugField(_("key"), unique=True)
    label = models.CharField(_("label"), max_length=100)
    type = models.CharField(
        _("type"), max_length=8, choices=FieldType.choices, default=FieldType.TEXT
    )
    choices: ArrayField[list[str], list[str]] = ArrayField(
        models.CharField(max_length=100), default=list, blank=True
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.label


class Proving(models.Model):
    """A link sent to a claimed address: opening it and pressing the button proves the address."""

    token_hash = models.CharField(max_length=64, unique=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE)
    kind = models.CharField(max_length=24, default="email")
    address = models.CharField(max_length=320)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Belonging(models.Model):
    """A ticket may belong to an earlier one of the same contact: shown with its reasons, decided by people."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        JOINED = "joined", _("joined")
        REFUSED = "refused", _("not the same")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="belongings")
    to = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    percent = models.PositiveSmallIntegerField()
    reasons: ArrayField[list[str], list[str]] = ArrayField(models.CharField(max_length=24))
    """Names from `belonging.REASONS`."""
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


# The rooms' other tables, kept in files of their own.
from sportello.tickets.confidential.models import (  # noqa: E402
    SealedOriginal as SealedOriginal,
)
from sportello.tickets.confidential.models import (  # noqa: E402
    SecureForm as SecureForm,
)
from sportello.tickets.notifying.models import AgentMail as AgentMail  # noqa: E402
from sportello.tickets.notifying.models import Notice as Notice  # noqa: E402
