"""A new version of what people agree to."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sportello.contacts.ledger import Purpose
from sportello.contacts.wordings import LONGEST
from sportello.workspace.settings.forms.company import languages


class WordingForm(forms.Form):
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices)
    language = forms.ChoiceField(label=_("Language"), choices=languages)
    version = forms.CharField(
        label=_("Version"),
        max_length=64,
        help_text=_("Your own name for it. It stands in every consent and cannot change later."),
    )
    text = forms.CharField(
        label=_("Text"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Word for word as people read or hear it."),
    )
    valid_from = forms.DateField(
        label=_("Valid from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "short"}),
        help_text=_("Empty: from now on."),
    )

    def values(self) -> dict[str, Any]:
        """As `contacts.wordings.write` takes them."""
        day = self.cleaned_data["valid_from"]
        start = timezone.make_aware(datetime.combine(day, time())) if day else None
        return {**self.cleaned_data, "valid_from": start}
