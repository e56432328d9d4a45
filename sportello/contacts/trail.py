"""What people did without us: the model behind `contacts.touchpoints`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Brand


class TouchpointKind(models.TextChoices):
    PAGE = "page", _("Page viewed")
    ARTICLE = "article", _("Article read")
    SEARCH = "search", _("Searched for")
    BOT = "bot", _("Talk with the assistant")
    ORDER = "order", _("Order placed")
    LOGIN = "login", _("Log-in")
    DEVICE = "device", _("Device")
    SURVEY = "survey", _("Survey answered")
    OTHER = "other", _("Reported by an application")


WATCHED = frozenset({TouchpointKind.PAGE, TouchpointKind.ARTICLE, TouchpointKind.SEARCH})
"""Noticed while somebody looks around. Whoever said no to profiling is not noticed."""


class Touchpoint(models.Model):
    """One thing that a contact, or a visitor whose name nobody knows yet, did by himself."""

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    visitor = models.UUIDField(null=True)
    """Of the site chat. The contact follows when the visitor writes for the first time."""
    brand = models.ForeignKey(
        Brand, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    """On whose site or in whose shop; agents of other brands do not see it."""
    kind = models.CharField(max_length=8, choices=TouchpointKind.choices)
    subject = models.CharField(max_length=200, blank=True)
    """What to call it: a page's title, an order's number, words searched."""
    meta: models.JSONField = models.JSONField(default=dict)
    """Ids and addresses of things: ``{"order": 7}``, ``{"url": "https://shop.example/cups"}``."""
    key = models.CharField(max_length=80, null=True, unique=True)
    """``order:7``: the same thing told twice is kept once."""
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["contact", "-at", "-id"], name="touchpoint_contact"),
            models.Index(
                fields=["visitor"],
                condition=models.Q(contact__isnull=True),
                name="touchpoint_nobodys",
            ),
            models.Index(fields=["at"], name="touchpoint_age"),
        ]
