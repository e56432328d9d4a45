"""Covered values, encrypted and apart from the words they were taken out of."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from sportello.core import clock


class SealedOriginal(models.Model):
    """What stood under the dots of one message. The row outlives its content: it says that there was some."""

    message = models.OneToOneField(
        "tickets.Message", on_delete=models.CASCADE, primary_key=True, related_name="sealed"
    )
    kinds: ArrayField[list[str], list[str]] = ArrayField(models.CharField(max_length=16))
    """`language.sensitive.Kind`, each once."""
    body = models.BinaryField()
    """``{"places": {field: [[kind, start, end, value]]}, "more": [[kind, value]]}``; empty once erased."""
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(erased_at__isnull=True), name="sealed_kept"
            )
        ]


class SecureForm(models.Model):
    """A page asked of a customer for what should not be written into a chat. One answer, encrypted."""

    token_hash = models.CharField(max_length=64, unique=True)
    """SHA-256 of 256 random bits: the link lets its bearer answer once, never read."""
    ticket = models.ForeignKey(
        "tickets.Ticket", on_delete=models.CASCADE, related_name="secure_forms"
    )
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey(
        "tickets.Message", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    """The message that carried the link."""
    fields: ArrayField[list[str], list[str]] = ArrayField(models.CharField(max_length=16))
    """Names of `fields.FIELDS`, in the order asked."""
    asked_by = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    body = models.BinaryField(default=b"")
    """``{field: text}``, encrypted; files are encrypted apart."""
    files: models.JSONField = models.JSONField(default=list)
    """Keys of encrypted files."""
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["answered_at"],
                condition=Q(answered_at__isnull=False, erased_at__isnull=True),
                name="secure_form_kept",
            )
        ]

    @property
    def state(self) -> str:
        """``erased``, ``answered``, ``withdrawn``, ``expired`` or ``open``."""
        if self.erased_at:
            return "erased"
        if self.answered_at:
            return "answered"
        if self.withdrawn_at:
            return "withdrawn"
        return "expired" if self.expires_at < clock.now() else "open"
