"""Channels, and the spool: what came in, byte for byte, before anybody understood it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Brand, Team
from sportello.channels import registry, secrets
from sportello.channels.contract import Provider
from sportello.hours.models import Calendar


class Engage(models.TextChoices):
    """Which of the things that strangers read become tickets."""

    ALL = "all", _("Every comment, mention or review")
    ADDRESSED = "addressed", _("Only questions, mentions and low ratings")
    NONE = "none", _("None: just watch")


class Channel(models.Model):
    """One configured mouth of the company."""

    public_id = models.CharField(max_length=32, unique=True, default=secrets.public_id)
    provider = models.CharField(max_length=32)
    name = models.CharField(_("name"), max_length=100)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="channels")
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True)
    """Who receives what comes in here."""
    calendar = models.ForeignKey(Calendar, on_delete=models.SET_NULL, null=True, blank=True)
    is_active = models.BooleanField(_("on"), default=True)
    engage = models.CharField(max_length=9, choices=Engage.choices, default=Engage.ALL)
    """What comes in public and is left alone is monitored: kept, counted, opened when an agent wants it."""
    plain_settings: models.JSONField = models.JSONField(default=dict, blank=True)
    sealed_settings = models.BinaryField(default=b"", blank=True)
    """Secrets, encrypted by `channels.secrets` with a key outside the database."""
    cost = models.DecimalField(
        _("cost of a message"), max_digits=9, decimal_places=4, null=True, blank=True
    )
    """What one message costs; a text message: each of its parts. Null: nobody said."""
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    refused_count = models.PositiveIntegerField(default=0)
    """Requests with a bad signature: answered 401, not stored."""
    refused_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    key_until = models.DateTimeField(null=True, blank=True)
    """When the vendor stops taking our key, as far as he tells."""
    key_asked_at = models.DateTimeField(null=True, blank=True)
    templates_at = models.DateTimeField(null=True, blank=True)
    """When the vendor was last asked for his approved templates."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> Provider:
        """The provider that speaks this channel's protocol."""
        return registry.get(self.provider)

    @property
    def settings(self) -> dict[str, Any]:
        """Plain and decrypted secret settings together, with the schema's defaults."""
        defaults = {field.name: field.default for field in self.code.settings}
        plain: dict[str, Any] = self.plain_settings
        sealed = secrets.unseal(bytes(self.sealed_settings))
        return (
            defaults
            | plain
            | sealed
            | {
                "webhook_url": self.webhook_url,
                "scans": str(settings.SPORTELLO_SCANS),
            }
        )

    @property
    def webhook_url(self) -> str:
        """Where the vendor reaches this channel."""
        return f"{settings.SPORTELLO_URL}/intake/{self.public_id}"


class SpoolItem(models.Model):
    """Raw input, accepted and durable. Immutable; `SpoolTodo` says what is still to be done."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    """No constraint in the database, here and below: checking two keys a row costs as much as storing it, the door
    has the channel at hand, and an item and its todo are written by one statement."""
    order_key = models.TextField()
    external_ids: ArrayField[list[str], list[str]] = ArrayField(models.TextField(), default=list)
    content_hash = models.CharField(max_length=64)
    source = models.CharField(max_length=16)
    headers: models.JSONField = models.JSONField(default=dict)
    query = models.TextField(blank=True)
    body = models.BinaryField(null=True)
    """Null when the body is larger than 64 KB: then it is a file named by `content_hash`."""
    size = models.BigIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        indexes = [
            # Rows lie in the order of their time: this one is a few pages for millions of them.
            BrinIndex(fields=["received_at"], name="spool_age", autosummarize=True),
            models.Index(
                fields=["content_hash"], condition=models.Q(body=None), name="spool_large_body"
            ),
        ]


class SpoolTodo(models.Model):
    """An item that waits to be applied. Deleted in the transaction that applies it."""

    item = models.OneToOneField(
        SpoolItem,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="todo",
        db_constraint=False,
    )
    channel_id = models.BigIntegerField()
    order_key = models.TextField()


class SpoolParked(models.Model):
    """An item whose parsing or applying raised: visible, replayable, in nobody's way."""

    item = models.OneToOneField(
        SpoolItem, on_delete=models.CASCADE, primary_key=True, related_name="parked"
    )
    traceback = models.TextField()
    attempts = models.PositiveIntegerField(default=1)
    parked_at = models.DateTimeField(auto_now_add=True)


class ApprovedText(models.Model):
    """A text approved by the vendor, kept as of the last sync: what may be sent outside the reply window."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="templates")
    name = models.CharField(max_length=512)
    language = models.CharField(max_length=16)
    body = models.TextField()
    """With ``{{1}}``, ``{{2}}``… where values go."""
    parameters = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=32, default="approved")
    synced_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "name", "language"], name="approved_text_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class PollCursor(models.Model):
    """How far a polling provider has read (IMAP: UIDVALIDITY and UID)."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True)
    state: models.JSONField = models.JSONField(default=dict)
    moved_at = models.DateTimeField(auto_now=True)
    last_error = models.TextField(blank=True)


class When(models.TextChoices):
    """When customers are offered a channel."""

    ALWAYS = "always", _("Always, also when nobody is there")
    HOURS = "hours", _("Only in its hours")
    FREE = "free", _("Only in its hours and while somebody is free")
    NEVER = "never", _("Never: only those who know it")


class Offer(models.Model):
    """How customers are told of a channel: what it is for, where it is, when it is shown and to whom."""

    channel = models.OneToOneField(
        Channel, on_delete=models.CASCADE, primary_key=True, related_name="offer"
    )
    rule = models.CharField(max_length=6, choices=When.choices, default=When.ALWAYS)
    shown = models.CharField(max_length=300, blank=True)
    """Number, address or link as customers use it. Empty: what the channel's own settings say."""
    use_case: models.JSONField = models.JSONField(default=dict, blank=True)
    """Language → a short line, like “For what cannot wait”."""
    place = models.PositiveSmallIntegerField(default=50)
    """Lower ones come first."""
    only_for: ArrayField[list[str], list[str]] = ArrayField(
        models.CharField(max_length=200), default=list, blank=True
    )
    """Segments, or ``name=value`` of a customer's or organization's custom fields; one that fits is enough."""
    organizations: ArrayField[list[int], list[int]] = ArrayField(
        models.BigIntegerField(), default=list, blank=True
    )
    """Ids of organizations whose people are offered it. Empty: everybody."""
