"""What answers by itself or at the press of a key."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Agent, Brand, Team
from sportello.automation.webhooks.models import Webhook, WebhookDelivery

__all__ = ["SavedReply", "Webhook", "WebhookDelivery"]


class SavedReply(models.Model):
    """A text kept for re-use, called with ``/shortcut`` in the composer.

    Placeholders like ``{{contact.name}}`` are filled from a flat table; there is no template logic.
    """

    shortcut = models.SlugField(_("shortcut"), max_length=40)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=8, blank=True)
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("team")
    )
    brand = models.ForeignKey(
        Brand, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("brand")
    )
    created_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "saved replies"
        constraints = [
            models.UniqueConstraint(
                fields=["shortcut", "language", "team"],
                name="saved_reply_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.title
