"""Two ledgers about people: what each has agreed to, and what each has asked of us by law."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    SERVICE = "service", _("Service messages")
    MARKETING = "marketing", _("Offers and news")
    RECORDING = "recording", _("Recording of calls")
    PROFILING = "profiling", _("Profiling")


class Source(models.TextChoices):
    """Where somebody said yes or no."""

    AGENT = "agent", _("said to an agent")
    FORM = "form", _("form")
    CHAT = "chat", _("chat")
    PORTAL = "portal", _("portal")
    STOP = "stop", _("wrote STOP")
    RETURN = "return", _("wrote again")
    IMPORT = "import", _("import")
    API = "api", _("another application")


class Wording(models.Model):
    """What people are asked to agree to, word for word. Never changed afterwards: a new version is written."""

    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    language = models.CharField(max_length=8)
    version = models.CharField(max_length=64)
    """The company's own name for it, like ``marketing-2026-03``."""
    text = models.TextField()
    valid_from = models.DateTimeField()
    """From when it is the one that people are shown, until the next one is."""
    actor = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "language", "version"], name="wording_once")
        ]

    def __str__(self) -> str:
        return f"{self.version} ({self.language})"


class Consent(models.Model):
    """One yes or no, never changed afterwards (a trigger holds it); the newest one counts.

    Holds ids and words of the house only, so that it can stay as proof when the person is erased.
    """

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey("contacts.Contact", on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    channel_kind = models.CharField(max_length=24, blank=True)
    """Kind of identity (``email``, ``phone``, …); empty means every channel."""
    given = models.BooleanField()
    source = models.CharField(max_length=8, choices=Source.choices)
    text_version = models.CharField(max_length=64, blank=True)
    """Which wording he agreed to: the company's own name for it, like ``privacy-2026-03``."""
    wording = models.ForeignKey(
        Wording, on_delete=models.PROTECT, null=True, blank=True, related_name="consents"
    )
    """The words themselves, where they are kept here."""
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["contact", "purpose", "-id"], name="consent_newest")]


class RequestKind(models.TextChoices):
    EXPORT = "export", _("A copy of the data")
    ERASURE = "erasure", _("Erasure")
    CORRECTION = "correction", _("Correction")
    OBJECTION = "objection", _("Objection")


class PrivacyRequest(models.Model):
    """What a person has asked for under the GDPR, and until when an answer is due."""

    contact = models.ForeignKey("contacts.Contact", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=RequestKind.choices)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    """Article 12(3): one month; we say thirty days."""
    noted_by = models.CharField(max_length=64)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(done_at__isnull=True), name="request_open"
            )
        ]
