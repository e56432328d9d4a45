"""The form that says when customers are offered a channel, and what it is for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sportello.channels.models import Channel, Offer, When
from sportello.contacts.models import Organization
from sportello.workspace.settings.forms.company import languages

LINE = "use_case_"


class OfferForm(forms.Form):
    rule = forms.ChoiceField(label=_("When customers are offered it"), choices=When.choices)
    shown = forms.CharField(
        label=_("What customers see"),
        max_length=300,
        required=False,
        help_text=_("Number, address or link. Empty: what the settings above say."),
    )
    place = forms.IntegerField(
        label=_("Order"), min_value=0, max_value=999, help_text=_("Lower ones come first.")
    )
    organizations = forms.ModelMultipleChoiceField(
        label=_("Only people of these organizations"),
        queryset=Organization.objects.order_by("name"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
    )
    only_for = forms.CharField(
        label=_("Only customers of these segments or fields"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=_("One a line: a segment, or as tier=gold a custom field of the customer or of the organization. One that fits is enough."),
    )  # fmt: skip

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        offer = Offer.objects.filter(channel=channel).first() or Offer(channel=channel)
        initial = {
            "rule": offer.rule,
            "shown": offer.shown,
            "place": offer.place,
            "organizations": offer.organizations,
            "only_for": "\n".join(offer.only_for),
        }
        lines = {LINE + code: offer.use_case.get(code, "") for code, _name in languages()}
        super().__init__(*args, **{"initial": initial | lines} | kwargs)
        for code, name in languages():
            self.fields[LINE + code] = forms.CharField(
                label=_now("What it is for, in %(language)s") % {"language": _now(name).lower()},
                max_length=120,
                required=False,
            )

    @property
    def lines(self) -> list[forms.BoundField]:
        return [self[LINE + code] for code, _name in languages()]

    @property
    def is_narrowed(self) -> bool:
        """Whether the fields that few companies need are in use."""
        return bool(self["organizations"].value() or self["only_for"].value() or self.errors)

    def clean_only_for(self) -> list[str]:
        rules = [
            line.strip() for line in self.cleaned_data["only_for"].splitlines() if line.strip()
        ]
        for rule in rules:
            name, equals, value = rule.partition("=")
            if not name.strip() or (equals and not value.strip()) or len(rule) > 200:
                raise forms.ValidationError(_now("Write a segment or name=value, one a line."))
        parts = (rule.partition("=") for rule in rules)
        return [f"{n.strip()}{equals}{v.strip()}" for n, equals, v in parts]

    @property
    def given(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {
            "rule": cleaned["rule"],
            "shown": cleaned["shown"],
            "place": cleaned["place"],
            "only_for": cleaned["only_for"],
            "organizations": [row.pk for row in cleaned["organizations"]],
            "use_case": {code: cleaned[LINE + code] for code, _name in languages()},
        }
