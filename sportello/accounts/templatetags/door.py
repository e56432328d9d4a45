"""``{% load door %}``: what the sign-in pages show of the house."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from sportello.accounts.queries import company

register = template.Library()


@register.simple_tag
def company_name() -> str:
    return company().name


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
