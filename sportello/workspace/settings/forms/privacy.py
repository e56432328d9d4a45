"""What is covered, who may look, how long things are kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import PrivacyPolicy, RevealRole
from sportello.accounts.retention import days_of
from sportello.core import retention
from sportello.tickets.confidential.words import KINDS

MOST = 36_500


class PrivacyForm(forms.Form):
    covered_kinds = forms.MultipleChoiceField(
        label=_("Cover on the way in"),
        choices=[(kind.value, name) for kind, name in KINDS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("What arrived before stays as it is."),
    )
    reveal_role = forms.ChoiceField(
        label=_("Who may look under the cover"),
        choices=RevealRole.choices,
        help_text=_(
            "And the roles above. Each look is written to the audit log and to the ticket's story."
        ),
    )

    def __init__(self, *args: Any, policy: PrivacyPolicy, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "covered_kinds": policy.covered_kinds,
            "reveal_role": policy.reveal_role,
        } | {f"days_{rule.name}": days_of(rule, policy.days) for rule in retention.rules()}
        super().__init__(*args, **kwargs)
        for rule in retention.rules():
            self.fields[f"days_{rule.name}"] = forms.IntegerField(
                label=_now(rule.label),
                help_text=_now(rule.help),
                min_value=0,
                max_value=MOST,
                widget=forms.NumberInput(attrs={"class": "short"}),
            )

    def rules(self) -> list[tuple[str, BoundField]]:
        """Name of the rule, and its field."""
        return [(rule.name, self[f"days_{rule.name}"]) for rule in retention.rules()]

    @property
    def days(self) -> dict[str, int]:
        return {rule.name: self.cleaned_data[f"days_{rule.name}"] for rule in retention.rules()}

    def values(self) -> dict[str, Any]:
        """As `accounts.retention.save_policy` takes them."""
        return {
            "covered_kinds": self.cleaned_data["covered_kinds"],
            "reveal_role": self.cleaned_data["reveal_role"],
            "days": self.days,
        }
