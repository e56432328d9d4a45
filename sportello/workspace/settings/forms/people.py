"""Forms about people: invitations, grants, tokens, one's own profile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sportello.accounts.actions.people import GrantSpec
from sportello.accounts.models import Agent, Brand, Role, Team
from sportello.accounts.queries import answering_agents
from sportello.workspace.settings.forms.company import languages, zones
from sportello.workspace.shell import DENSITIES, THEMES


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"))
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.AGENT)
    team = forms.ModelChoiceField(
        label=_("Team"),
        queryset=Team.objects.order_by("name"),
        required=False,
        empty_label=_("Every public team"),
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if Agent.objects.filter(email=email).exists():
            raise forms.ValidationError(_now("An agent with this address is here already."))
        return email


class GrantForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=[("", "—"), *Role.choices], required=False)
    team = forms.ModelChoiceField(
        label=_("Team"),
        queryset=Team.objects.order_by("name"),
        required=False,
        empty_label=_("Every public team"),
    )
    brand = forms.ModelChoiceField(
        label=_("Brand"),
        queryset=Brand.objects.order_by("name"),
        required=False,
        empty_label=_("Every brand"),
    )


GrantFormSet = forms.formset_factory(GrantForm, extra=2, can_delete=True, max_num=50)


def grants_of(agent: Agent) -> list[dict[str, Any]]:
    """What the formset shows of his grants."""
    rows = agent.grants.order_by("id").values_list("role", "team", "brand")
    return [{"role": role, "team": team, "brand": brand} for role, team, brand in rows]


def specs(formset: forms.BaseFormSet[GrantForm]) -> list[GrantSpec]:
    """The grants as written: rows without a role and ticked ones are left out."""
    rows = (form.cleaned_data for form in formset.forms)
    return [
        (r["role"], r.get("team"), r.get("brand"))
        for r in rows
        if r.get("role") and not r.get("DELETE")
    ]


class TokenForm(forms.Form):
    DAYS = (30, 90, 365)
    agent = forms.ModelChoiceField(
        label=_("Acts as"),
        queryset=Agent.objects.none(),
        empty_label=_("Choose a person"),
        help_text=_("The program sees and does what this person may."),
    )
    name = forms.CharField(label=_("What it is for"), max_length=100)
    days = forms.ChoiceField(label=_("Ends"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agent"].queryset = answering_agents()  # type: ignore[attr-defined]
        self.fields["days"].choices = [  # type: ignore[attr-defined]
            *((str(days), _now("after %(days)d days") % {"days": days}) for days in self.DAYS),
            ("", _now("never")),
        ]

    @property
    def lifetime(self) -> timedelta | None:
        days = self.cleaned_data["days"]
        return timedelta(days=int(days)) if days else None


THEME_NAMES = {"system": _("As the system"), "light": _("Light"), "dark": _("Dark")}
DENSITY_NAMES = {"compact": _("Compact"), "normal": _("Normal"), "roomy": _("Roomy")}


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("Customers read it under your answers.")
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=lambda: [("", _now("The company's")), *languages()],
        required=False,
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [("", _now("The company's")), *zones()],
        required=False,
    )
    theme = forms.ChoiceField(label=_("Colours"), choices=[(t, THEME_NAMES[t]) for t in THEMES])
    density = forms.ChoiceField(
        label=_("Density of lists"), choices=[(d, DENSITY_NAMES[d]) for d in DENSITIES]
    )
    single_keys = forms.BooleanField(
        label=_("Single-key shortcuts"),
        required=False,
        help_text=_("J, K, R, N… outside of fields. Ctrl K works in any case."),
    )
    is_available = forms.BooleanField(
        label=_("Available for chats"),
        required=False,
        help_text=_("While it is off for everybody, channels that want somebody free are not offered."),
    )  # fmt: skip
    OWN = ("name", "language", "time_zone", "is_available")

    @classmethod
    def initial_of(cls, agent: Agent) -> dict[str, Any]:
        likes = {"theme": "system", "density": "normal", "single_keys": True} | agent.preferences
        return {name: getattr(agent, name) for name in cls.OWN} | {
            name: likes.get(name, False) for name in cls.base_fields if name not in cls.OWN
        }

    @property
    def own(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.OWN}

    @property
    def preferences(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name not in self.OWN}
