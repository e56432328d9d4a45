"""A question sent to an address, “is this you?”: the model behind `contacts.confirming`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.channels.models import Channel


class Confirmation(models.Model):
    """A link to open, or six digits to say. Who comes back with it reads that address."""

    class Way(models.TextChoices):
        LINK = "link", _("link")
        CODE = "code", _("code")

    identity = models.ForeignKey(
        "contacts.Identity", on_delete=models.CASCADE, related_name="confirmations"
    )
    way = models.CharField(max_length=4, choices=Way.choices)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    """By which it is sent."""
    language = models.CharField(max_length=8)
    secret_hash = models.CharField(max_length=64, blank=True)
    """Empty until it is sent; then what was sent, hashed with the installation's key."""
    tries = models.PositiveSmallIntegerField(default=0)
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True)
    """Why it could not be sent."""

    class Meta:
        indexes = [
            models.Index(
                fields=["identity", "-id"],
                condition=models.Q(used_at__isnull=True),
                name="confirmation_open",
            ),
            models.Index(fields=["secret_hash"], name="confirmation_secret"),
        ]
