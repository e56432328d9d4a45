"""What an agent hears, and by which road."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Agent
from sportello.accounts.notices import CHOICES, LABELS, Road, chosen

ROADS = {Road.BROWSER: _("In the browser"), Road.MAIL: _("By e-mail")}


class NoticesForm(forms.Form):
    notify = forms.BooleanField(
        label=_("Tell me on the desktop"),
        required=False,
        help_text=_(
            "While the workspace is open and its window is behind. Your browser asks once."
        ),
    )
    sound = forms.BooleanField(label=_("With a sound"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in CHOICES:
            for road, name in ROADS.items():
                self.fields[f"{kind}_{road}"] = forms.BooleanField(
                    required=False,
                    label=f"{LABELS[kind][0]}: {name}",
                    widget=forms.CheckboxInput(attrs={"aria-label": f"{LABELS[kind][0]}: {name}"}),
                )

    @classmethod
    def initial_of(cls, agent: Agent) -> dict[str, Any]:
        likes = agent.preferences
        ticked = {
            f"{kind}_{road}": kind in chosen(likes, road) for kind in CHOICES for road in ROADS
        }
        return {name: likes.get(name, False) for name in ("notify", "sound")} | ticked

    @property
    def preferences(self) -> dict[str, Any]:
        values = self.cleaned_data
        notices = {
            road.value: [kind.value for kind in CHOICES if values[f"{kind}_{road}"]]
            for road in ROADS
        }
        return {"notify": values["notify"], "sound": values["sound"], "notices": notices}

    def rows(self) -> Iterator[tuple[str | Promise, str | Promise, list[forms.BoundField]]]:
        """Label, help and the boxes of each event."""
        for kind in CHOICES:
            yield *LABELS[kind], [self[f"{kind}_{road}"] for road in ROADS]
