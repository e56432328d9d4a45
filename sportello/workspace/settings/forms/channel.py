"""The form of a channel, derived from what its provider declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Brand, Team
from sportello.channels import schema, secrets
from sportello.channels.actions import Price
from sportello.channels.contract import FieldKind, Provider, Setting
from sportello.channels.models import Channel, Engage
from sportello.hours.models import Calendar

PREFIX = "setting-"
DOTS = "••••••••"
CURRENCIES = ("EUR", "USD", "GBP", "CHF")


class ChannelForm(forms.Form):
    """Name, brand, team and hours, and one field per declared setting. Stored secrets are never sent."""

    channel_name = forms.CharField(
        label=_("Name of the channel"), max_length=100, help_text=_("Only colleagues see it.")
    )
    brand = forms.ModelChoiceField(
        label=_("Brand"), queryset=Brand.objects.order_by("name"), empty_label=None
    )
    team = forms.ModelChoiceField(
        label=_("Team that receives"),
        queryset=Team.objects.order_by("name"),
        required=False,
        empty_label=_("No team"),
    )
    calendar = forms.ModelChoiceField(
        label=_("Hours"),
        queryset=Calendar.objects.order_by("name"),
        required=False,
        empty_label=_("Always open"),
    )

    cost = forms.DecimalField(
        label=_("Cost of a message"),
        required=False,
        min_value=0,
        max_digits=9,
        decimal_places=4,
        help_text=_("Agents see it before they send. For text messages: of each part."),
    )
    currency = forms.ChoiceField(
        label=_("Currency"), choices=[(code, code) for code in CURRENCIES], required=False
    )

    engage = forms.ChoiceField(
        label=_("What becomes a ticket"),
        choices=Engage.choices,
        required=False,
        help_text=_("What is left alone is kept under “Monitored”, where anybody can make a ticket of it. Likes never come so far."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, provider: Provider, channel: Channel | None = None, **kwargs: Any
    ) -> None:
        self.provider = provider
        self.stored = (
            frozenset(secrets.unseal(bytes(channel.sealed_settings))) if channel else frozenset()
        )
        plain = channel.plain_settings if channel else {}
        initial: dict[str, Any] = {"channel_name": provider.name}
        if channel:
            initial = {
                "channel_name": channel.name,
                "brand": channel.brand_id,
                "team": channel.team_id,
                "calendar": channel.calendar_id,
                "cost": channel.cost.normalize() if channel.cost is not None else None,
                "currency": channel.currency,
            }
        initial["engage"] = channel.engage if channel else Engage.ALL
        super().__init__(*args, **{"initial": initial} | kwargs)
        if not provider.capabilities.public:
            del self.fields["engage"]
        for setting in provider.settings:
            self.fields[PREFIX + setting.name] = self._field(
                setting, plain.get(setting.name, setting.default)
            )

    def _field(self, setting: Setting, value: Any) -> forms.Field:
        kept = setting.name in self.stored
        options: dict[str, Any] = {
            "label": _now(setting.label),
            "help_text": _now(setting.help) if setting.help else "",
            "required": setting.required and not kept and setting.kind is not FieldKind.BOOLEAN,
            "initial": value,
        }
        field = make_field(setting, options, kept)
        field.vendor_key = setting.name  # type: ignore[attr-defined]
        field.is_mono = setting.kind in {FieldKind.SECRET, FieldKind.URL, FieldKind.NUMBER}  # type: ignore[attr-defined]
        return field

    def of_provider(self, *, advanced: bool) -> Iterator[BoundField]:
        for setting in self.provider.settings:
            if setting.advanced is advanced:
                yield self[PREFIX + setting.name]

    @property
    def usual(self) -> list[BoundField]:
        return list(self.of_provider(advanced=False))

    @property
    def advanced(self) -> list[BoundField]:
        return list(self.of_provider(advanced=True))

    @property
    def advanced_has_errors(self) -> bool:
        return any(field.errors for field in self.advanced)

    @property
    def price(self) -> Price:
        cleaned = self.cleaned_data
        return Price(cleaned.get("cost"), cleaned.get("currency") or CURRENCIES[0])

    @property
    def settings(self) -> dict[str, Any]:
        """The provider's settings as typed, by their own names."""
        return {s.name: self.cleaned_data.get(PREFIX + s.name) for s in self.provider.settings}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            schema.clean(self.provider, self.settings, kept_secrets=self.stored)
        except schema.BadSettings as bad:
            for name, why in bad.errors.items():
                if PREFIX + name in self.fields and PREFIX + name not in self.errors:
                    self.add_error(PREFIX + name, why)
        return cleaned


def make_field(setting: Setting, options: dict[str, Any], kept: bool) -> forms.Field:
    match setting.kind:
        case FieldKind.SECRET:
            options["initial"] = None
            if kept:
                options["help_text"] = _now(
                    "Saved, and not shown again. Leave it empty to keep it."
                )
            attrs = {"autocomplete": "off", "spellcheck": "false"} | (
                {"placeholder": DOTS} if kept else {}
            )
            return forms.CharField(
                widget=forms.PasswordInput(attrs=attrs, render_value=False), strip=True, **options
            )
        case FieldKind.BOOLEAN:
            return forms.BooleanField(**options)
        case FieldKind.NUMBER:
            return forms.IntegerField(**options)
        case FieldKind.CHOICE:
            choices = [(value, _now(label)) for value, label in setting.choices]
            return forms.ChoiceField(
                choices=choices if setting.required else [("", "—"), *choices], **options
            )
        case FieldKind.LINES:
            value = options["initial"]
            options["initial"] = value if isinstance(value, str) else "\n".join(value or [])
            return forms.CharField(
                widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}), **options
            )
        case _:
            return forms.CharField(**options)
