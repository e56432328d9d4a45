"""Connections to shops, and what came from them and is not applied yet."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Brand
from sportello.channels import secrets
from sportello.commerce import registry
from sportello.commerce.contract import Connector


class Connection(models.Model):
    """One shop, till or warehouse that tells us what was bought."""

    public_id = models.CharField(max_length=32, unique=True, default=secrets.public_id)
    kind = models.CharField(max_length=32)
    name = models.CharField(_("name"), max_length=100)
    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    is_active = models.BooleanField(_("on"), default=True)
    plain_settings: models.JSONField = models.JSONField(default=dict, blank=True)
    sealed_settings = models.BinaryField(default=b"", blank=True)
    mapping: models.JSONField = models.JSONField(default=dict, blank=True)
    """Our field → where it stands in theirs, for connectors that are mapped."""
    cursor: models.JSONField = models.JSONField(default=dict, blank=True)
    poll_at = models.DateTimeField(null=True, blank=True)
    """When to fetch next; null where nothing is fetched."""
    heard_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    """When a whole poll or import last ended well."""
    last_error = models.TextField(blank=True)
    refused_count = models.PositiveIntegerField(default=0)
    refused_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["poll_at"], name="commerce_connection_due")]

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> Connector:
        """The connector that speaks this shop's language."""
        return registry.get(self.kind)

    @property
    def settings(self) -> dict[str, Any]:
        """Plain and decrypted secret settings together, with the schema's defaults and the mapping."""
        defaults = {field.name: field.default for field in self.code.settings}
        plain: dict[str, Any] = self.plain_settings
        sealed = secrets.unseal(bytes(self.sealed_settings))
        own = {"mapping": self.mapping, "webhook_url": self.webhook_url}
        return defaults | plain | sealed | own

    @property
    def webhook_url(self) -> str:
        """Where the shop reaches this connection."""
        return f"{settings.SPORTELLO_URL}/connect/{self.public_id}"


class Arrival(models.Model):
    """Raw input of a shop, durable before anybody answered “accepted”. Deleted in the transaction that applies it."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="arrivals")
    source = models.CharField(max_length=16)
    headers: models.JSONField = models.JSONField(default=dict)
    body = models.BinaryField()
    received_at = models.DateTimeField()
    parked_at = models.DateTimeField(null=True, blank=True)
    """Set when it could not be read or applied: visible, replayable, in nobody's way."""
    traceback = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    waits_for = models.CharField(max_length=200, blank=True)
    """The order that it speaks of and that has not come yet: with it, this is tried again."""

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(parked_at=None),
                name="commerce_arrival_waiting",
            )
        ]


class TableImport(models.Model):
    """One uploaded table on its way into the room: how far it is, and which lines could not be read."""

    class State(models.TextChoices):
        DRAFT = "draft", _("columns to be named")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("stopped")

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()
    """The table itself; emptied when the import is done."""
    columns: models.JSONField = models.JSONField(default=list)
    mapping: models.JSONField = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    lines = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    """Lines read so far; an interrupted import goes on from here."""
    applied = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    errors: models.JSONField = models.JSONField(default=list)
    """The first hundred: ``[line number, sentence]``."""
    created_at = models.DateTimeField(auto_now_add=True)
    moved_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
