"""Opening hours as the company keeps them."""

from __future__ import annotations

from django.db import models


class Calendar(models.Model):
    """Weekly opening hours with holidays, in a zone of its own."""

    name = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=64, default="Europe/Rome")
    weekly: models.JSONField = models.JSONField(default=dict)
    """``{"0": [["09:00", "13:00"], ["14:00", "19:00"]], …}``; 0 is Monday; a missing day is closed."""
    holidays: models.JSONField = models.JSONField(default=list)
    """ISO dates."""

    def __str__(self) -> str:
        return self.name
