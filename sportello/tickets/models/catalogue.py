"""Tags and fields on offer."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


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
