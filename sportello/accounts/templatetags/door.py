"""``{% load door %}``: what the sign-in pages show of the house."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.accounts.queries import company, owes_second_factor

register = template.Library()


@register.simple_tag(takes_context=True)
def second_factor_owed(context: template.Context) -> bool:
    """Whether this page is all he may open until he has set one up."""
    agent = context["request"].user
    return isinstance(agent, Agent) and owes_second_factor(agent)


@register.simple_tag
def company_name() -> str:
    return company().name


BROWSERS = {
    "Edg/": "Edge",
    "Firefox/": "Firefox",
    "OPR/": "Opera",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


@register.filter
def browser(user_agent: str) -> str:
    """``Firefox, Linux``: as much of a browser's name as a person wants to read."""
    found = [
        next((name for mark, name in marks.items() if mark in user_agent), "")
        for marks in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(part for part in found if part) or user_agent[:60]


@register.simple_tag
def tongues() -> list[tuple[str, str]]:
    """The languages, each in its own words."""
    return list(settings.LANGUAGES)


@register.simple_tag
def threads() -> list[dict[str, Any]]:
    """The channels that run together into one line: the drawing beside the door."""
    drawn = [
        ("email", "mail", _("E-mail")),
        ("web", "message-square", _("Chat")),
        ("whatsapp", "b-whatsapp", "WhatsApp"),
        ("messenger", "b-messenger", "Messenger"),
        ("facebook", "b-facebook", "Facebook"),
        ("instagram", "b-instagram", "Instagram"),
        ("telegram", "b-telegram", "Telegram"),
        ("sms", "smartphone", "SMS"),
        ("phone", "phone", _("Phone")),
    ]
    return [
        {"y": y, "icon_y": y - 8, "text_y": y + 4.5, "hue": hue, "icon": icon, "name": name}
        for y, (hue, icon, name) in zip(range(170, 731, 70), drawn, strict=True)
    ]
