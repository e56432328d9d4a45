"""Forms about the company and its faces."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale
from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Brand, Company, Team
from sportello.automation.placeholders import unknown
from sportello.workspace.settings import colours


def zones() -> list[tuple[str, str]]:
    """Zones of places, sorted; without the historical and technical ones."""
    places = (
        z
        for z in available_timezones()
        if "/" in z and not z.startswith(("Etc/", "SystemV/", "posix/", "right/"))
    )
    return [(zone, zone.replace("_", " ")) for zone in sorted([*places, "UTC"])]


def languages() -> list[tuple[str, str]]:
    return list(settings.LANGUAGES)


def countries() -> list[tuple[str, str]]:
    """Countries that have telephone numbers, by name in the reader's language."""
    names = Locale.parse(get_language() or "en", sep="-").territories
    known = [(code, names.get(code, code)) for code in phonenumbers.SUPPORTED_REGIONS]
    return sorted(known, key=lambda row: row[1])


class CompanyForm(forms.ModelForm[Company]):
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=languages,
        help_text=_("For pages and mails of who has not chosen his own."),
    )
    country = forms.ChoiceField(
        label=_("Country"),
        choices=countries,
        help_text=_("Of telephone numbers that are written without a prefix."),
    )
    LIMITS: ClassVar[dict[str, tuple[int, int]]] = {
        "undo_send_seconds": (0, 120),
        "reopen_days": (0, 365),
        "close_after_days": (1, 365),
        "chat_gone_seconds": (10, 86_400),
        "continue_percent": (50, 100),
        "suggest_percent": (1, 100),
    }

    class Meta:
        model = Company
        fields = (
            "name",
            "language",
            "time_zone",
            "undo_send_seconds",
            "reopen_days",
            "close_after_days",
            "continue_percent",
            "suggest_percent",
            "country",
            "chat_gone_seconds",
            "require_second_factor",
        )
        labels: ClassVar = {
            "name": _("Name of the company"),
            "undo_send_seconds": _("Seconds in which an answer can be taken back"),
            "reopen_days": _("Days in which a new message reopens a solved ticket"),
            "close_after_days": _("Days until a solved ticket is closed"),
            "continue_percent": _("Percent from which a message goes on in a ticket by itself"),
            "suggest_percent": _("Percent from which a ticket is suggested"),
            "chat_gone_seconds": _("Seconds without the visitor until chat answers go by e-mail"),
            "require_second_factor": _("Administrators need a second factor"),
        }
        help_texts: ClassVar = {
            "undo_send_seconds": _("0 sends at once. Live chat always sends at once."),
            "reopen_days": _("Later a message opens a follow-up ticket."),
            "continue_percent": _(
                "When a customer writes elsewhere about the same problem. 100 never goes on unasked."
            ),
            "suggest_percent": _("Below it a message opens a ticket of its own without a word."),
            "require_second_factor": _(
                "Who has none is led to the page that sets one up. Not asked in the demo."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (least, most) in self.LIMITS.items():
            field = self.fields[name]
            field.validators = [MinValueValidator(least), MaxValueValidator(most)]
            field.widget.attrs |= {"min": least, "max": most, "class": "short"}

    def clean_suggest_percent(self) -> int:
        suggest: int = self.cleaned_data["suggest_percent"]
        if suggest > self.cleaned_data.get("continue_percent", 100):
            raise forms.ValidationError(_now("It cannot be higher than the percent above."))
        return suggest


class BrandForm(forms.ModelForm[Brand]):
    language = forms.ChoiceField(
        label=_("Language"),
        choices=languages,
        help_text=_("Of the first answer, until the customer's own is known."),
    )

    class Meta:
        model = Brand
        fields = ("name", "slug", "colour", "language", "website", "privacy_url", "signature")
        labels: ClassVar = {
            "name": _("Name"),
            "slug": _("Short name"),
            "colour": _("Colour"),
            "website": _("Website"),
            "privacy_url": _("Privacy page"),
            "signature": _("Signature"),
        }
        help_texts: ClassVar = {
            "slug": _("Lower-case letters, digits and hyphens: it appears in addresses."),
            "colour": _("For chat and help pages. White text on it must reach 4.5:1."),
            "signature": _("Under every e-mail. {{agent.name}} and {{brand.name}} are filled in."),
        }
        widgets: ClassVar = {
            "colour": forms.TextInput(
                attrs={"class": "mono short", "maxlength": 7, "spellcheck": "false"}
            ),
            "signature": forms.Textarea(attrs={"rows": 4}),
        }

    def clean_colour(self) -> str:
        colour: str = self.cleaned_data["colour"].strip().lower()
        if not colours.is_colour(colour):
            raise forms.ValidationError(_now("Write it as #335a43."))
        if colours.contrast_on_white(colour) < colours.ENOUGH:
            raise forms.ValidationError(
                _now(
                    "White text on %(colour)s reaches only %(ratio)s:1. The nearest that passes is %(nearest)s."
                ),
                params={
                    "colour": colour,
                    "ratio": f"{colours.contrast_on_white(colour):.1f}",
                    "nearest": colours.nearest_passing(colour),
                },
            )
        return colour

    @property
    def nearest(self) -> str:
        """The colour that the page offers after a refusal, or nothing."""
        given = str(self.data.get("colour", "")).strip().lower()
        return (
            colours.nearest_passing(given)
            if "colour" in self.errors and colours.is_colour(given)
            else ""
        )

    def clean_signature(self) -> str:
        signature: str = self.cleaned_data["signature"]
        for name in unknown(signature):
            raise forms.ValidationError(
                _now("Nothing is called %(name)s."), params={"name": "{{" + name + "}}"}
            )
        return signature


class TeamForm(forms.ModelForm[Team]):
    class Meta:
        model = Team
        fields = ("name", "slug", "is_private")
        labels: ClassVar = {"name": _("Name"), "slug": _("Short name"), "is_private": _("Private")}
        help_texts: ClassVar = {
            "slug": _("Lower-case letters, digits and hyphens: it appears in addresses."),
            "is_private": _("Only its members and administrators see its tickets."),
        }
