"""What this company wants to know of people and of organizations: the fields, not their values."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.core.fields import CompanyField


class ProfileField(CompanyField):
    """A field that the company keeps of people or of organizations (``Contact.custom[key]``)."""

    class Of(models.TextChoices):
        CONTACT = "contact", _("Contacts")
        ORGANIZATION = "organization", _("Organizations")

    of = models.CharField(_("belongs to"), max_length=12, choices=Of.choices)

    class Meta(CompanyField.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["of", "key"], name="profile_field_once")
        ]
