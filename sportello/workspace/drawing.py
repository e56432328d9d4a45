"""The two parts of a page that repeat: the rows of a list and the messages of a ticket, drawn by Jinja.

Everything else is a Django template. Compiled templates draw a list and a story in a quarter of the time:
docs/decisions/28-compiled-templates.md has the figures. Their files lie in ``jinja2/workspace``, and know the
same words as the others: ``icon``, ``channel``, ``face``, ``when`` are one function each.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment

from sportello.workspace.templatetags import workspace as words


def environment(**options: Any) -> Environment:
    """What Django's Jinja engine is made of (``TEMPLATES`` in the settings)."""
    made = Environment(**options, extensions=["jinja2.ext.i18n"])  # noqa: S701 (Django turns escaping on)
    made.install_gettext_callables(_said, _said_of_many, newstyle=False)  # type: ignore[attr-defined]
    made.globals.update(
        {
            "called": words.called,
            "channel": words.channel,
            "face": words.face,
            "icon": words.icon,
            "mailbox": words.mailbox,
            "mentions": words.mentions,
            "menu_of": menu_of,
            "rest_of": rest_of,
            "sla": words.sla,
            "when": words.when,
        }
    )
    return made


def _said(text: str) -> SafeString:
    """Our own words, translated: like ``{% trans %}`` they are markup."""
    return _said_in(get_language(), text)


@lru_cache(maxsize=512)
def _said_in(_language: str | None, text: str) -> SafeString:
    return mark_safe(gettext(text))  # noqa: S308


def _said_of_many(one: str, many: str, number: int) -> SafeString:
    return mark_safe(ngettext(one, many, number))  # noqa: S308


@lru_cache(maxsize=1)
def _menus() -> tuple[str, str, str]:
    """The address of a message's menu around its two numbers: reversing it for each takes longer than all else."""
    first, second = 71_717_171, 17_171_717
    before, _, rest = reverse("workspace:message_menu", args=[first, second]).partition(str(first))
    between, _, after = rest.partition(str(second))
    return before, between, after


def menu_of(number: int, message_id: int) -> str:
    before, between, after = _menus()
    return f"{before}{number}{between}{message_id}{after}"


def rest_of(
    entry: Any, ticket: Any, can_answer: bool, can_reveal: bool, csrf_token: Any
) -> SafeString:
    """What stands under the words of a message; most have nothing there."""
    context = {
        "entry": entry,
        "message": entry.message,
        "ticket": ticket,
        "can_answer": can_answer,
        "can_reveal": can_reveal,
        "csrf_token": csrf_token,
    }
    return render_to_string("workspace/ticket/msg_more.html", context)
