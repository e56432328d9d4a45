"""Visitors of the site chat: who holds which secret. What they wrote lives in the tickets."""

from __future__ import annotations

from django.db import models

from sportello.channels.models import Channel
from sportello.contacts.models import Identity


class Visitor(models.Model):
    """One browser on one site chat. The uuid names it, the token (256 bits, kept as SHA-256) proves it."""

    uuid = models.UUIDField(unique=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    identity = models.ForeignKey(
        Identity, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    token_hash = models.CharField(max_length=64)
    page = models.TextField(blank=True, db_default="")
    language = models.CharField(max_length=8, blank=True, db_default="")
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["last_seen_at"], name="visitor_last_seen")]

    def __str__(self) -> str:
        return str(self.uuid)
