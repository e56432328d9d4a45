"""Tags and fields on offer."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.core.fields import CompanyField


class Tag(models.Model):
    """A tag on offer. Tickets carry tag names, so that removing one here rewrites nothing."""

    name = models.CharField(_("name"), max_length=64, unique=True)
    description = models.CharField(_("description"), max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name


class CustomField(CompanyField):
    """A field that this company keeps on its tickets (``Ticket.custom[key]``)."""

    key = models.SlugField(_("key"), unique=True)

    class Meta(CompanyField.Meta):
        pass
