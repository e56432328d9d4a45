"""The list of settings pages beside every one of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from sportello.accounts.rights import Rights


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    url: str
    section: str


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    places: tuple[Place, ...]


def groups(rights: Rights) -> list[Group]:
    """What this agent may open, in the order of the page."""
    found = [
        Group(_("You"), (_place("profile", _("Profile")), _place("notices", _("Notifications"))))
    ]
    if rights.may_manage:
        found.append(
            Group(
                _("Company"),
                (
                    _place("company", _("Profile and rules")),
                    _place("brands", _("Brands")),
                    _place("hours", _("Hours and holidays")),
                    _place("agents", _("People")),
                    _place("teams", _("Teams")),
                    _place("privacy", _("Privacy")),
                    _place("wordings", _("Consents")),
                ),
            )
        )
    work = (
        [_place("replies", _("Saved replies")), _place("tags", _("Tags"))]
        if rights.may_supervise
        else []
    )
    if rights.may_manage:
        work = [
            _place("channels", _("Channels")),
            _place("shops", _("Shops")),
            *work,
            _place("fields", _("Custom fields")),
        ]
    if work:
        found.append(Group(_("Work"), tuple(work)))
    if rights.may_manage:
        system = [
            _place("tokens", _("API tokens")),
            _place("audit", _("Audit log")),
            _place("system", _("System")),
        ]
        found.append(Group(_("System"), tuple(system)))
    return found


def _place(section: str, name: str) -> Place:
    return Place(name, reverse(f"settings:{section}"), section)
