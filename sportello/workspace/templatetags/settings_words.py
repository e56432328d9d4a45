"""``{% load settings_words %}``: the audit log in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _

from sportello.channels.contract import Said

register = template.Library()


def action_names() -> dict[str, str]:
    """Every action that `core.audit.note` is given, as people say it."""
    return {
        "agent.created": _("joined"),
        "agent.rights": _("changed rights"),
        "agent.deactivated": _("shut out"),
        "agent.reactivated": _("let in again"),
        "agent.second_factor_reset": _("reset the second factor"),
        "agent.second_factor": _("changed the own second factor"),
        "agent.password": _("changed the own password"),
        "invitation.sent": _("invited"),
        "invitation.withdrawn": _("withdrew an invitation"),
        "token.created": _("made an API token"),
        "token.revoked": _("revoked an API token"),
        "company.saved": _("changed the company"),
        "brand.saved": _("changed a brand"),
        "team.saved": _("changed a team"),
        "team.deleted": _("deleted a team"),
        "hours.saved": _("changed hours"),
        "channel.created": _("made a channel"),
        "channel.saved": _("changed a channel"),
        "channel.switched": _("turned a channel on or off"),
        "channel.offered": _("changed when a channel is offered"),
        "channel.deleted": _("deleted a channel"),
        "saved_reply.saved": _("changed a saved reply"),
        "saved_reply.deleted": _("deleted a saved reply"),
        "tag.saved": _("changed a tag"),
        "tag.deleted": _("deleted a tag"),
        "field.saved": _("changed a custom field"),
        "field.deleted": _("deleted a custom field"),
        "field.adopted": _("made a custom field of other details"),
        "parked.replayed": _("tried a parked item again"),
        "covered.revealed": _("looked at covered data"),
        "covered.form": _("read the answers of a secure form"),
        "covered.form_file": _("opened a file of a secure form"),
        "privacy.requested": _("wrote down a request of a person"),
        "identity.marked": _("marked an address as not telling one person"),
        "identity.cleared": _("cleared the mark of an address"),
        "privacy.answered": _("answered a request of a person"),
        "covered.raw": _("read a raw original with covered data"),
        "wording.written": _("wrote a new wording of a consent"),
        "wording.withdrawn": _("withdrew a wording of a consent"),
        "privacy.policy": _("changed the privacy rules"),
        "contact.exported": _("exported a contact's data"),
        "contact.erased": _("erased a contact's data"),
    }


@register.filter
def translated(sentence: str) -> str:
    """What a provider said, in the reader's language."""
    if isinstance(sentence, Said):
        return (
            _(sentence.template).format(**sentence.parts)
            if sentence.parts
            else _(sentence.template)
        )
    return sentence


@register.filter
def action_words(action: str) -> str:
    return action_names().get(action, action)


@register.filter
def change_lines(changes: Mapping[str, Any]) -> list[tuple[str, str | None, str | None]]:
    """(name, old, new); both None for a secret, of which only the change is known."""
    lines: list[tuple[str, str | None, str | None]] = []
    for name, change in changes.items():
        if isinstance(change, list) and len(change) == 2:
            lines.append((name, _said(change[0]), _said(change[1])))
        else:
            lines.append((name, None, None))
    return lines


def _said(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_said(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_said(part)}" for key, part in value.items())
    return str(value)
