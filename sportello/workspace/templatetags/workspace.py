"""The small parts of every page: icons, faces, times, channels."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.template import engines
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html, urlize
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sportello.contacts.models import Contact, Identity
from sportello.core.templatetags.assets import asset
from sportello.tickets import tokens
from sportello.workspace import shell as shell_of
from sportello.workspace.glyphs import called as called_so
from sportello.workspace.glyphs import shown_address
from sportello.workspace.rows import Clock
from sportello.workspace.said import duration, exact, moment
from sportello.workspace.story.held import because
from sportello.workspace.story.in_public import public_of

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A glyph of the sprite, hidden from readers: the name stands beside it."""
    return _icon(name, size, asset("sprite.svg"))


@lru_cache(maxsize=1024)
def _icon(name: str, size: str, sprite: str) -> SafeString:
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>', size, sprite, name
    )


@register.simple_tag
def channel(mouth: Any, text: bool = False) -> SafeString:
    """A channel's glyph in its colour; the name for readers, or visibly with ``text``."""
    return _channel(mouth.hue, mouth.name, icon(mouth.icon), text)


@lru_cache(maxsize=1024)
def _channel(hue: str, called: str, drawn: SafeString, text: bool) -> SafeString:
    name = format_html("{}" if text else '<span class="sr">{}</span>', called)
    return format_html('<span class="ch {}" title="{}">{}{}</span>', hue, called, drawn, name)


@register.simple_tag
def face(who: Any, size: str = "", title: str = "") -> SafeString:
    """Initials in a circle; dashed when nobody."""
    if who is None:
        return _face("", size, title or _("Not assigned"))
    return _face(str(who), size, title or str(who))


@lru_cache(maxsize=4096)
def _face(name: str, size: str, title: str) -> SafeString:
    if not name:
        return format_html('<span class="av none {}" title="{}"></span>', size, title)
    return format_html('<span class="av {}" title="{}">{}</span>', size, title, initials(name))


@register.simple_tag
@lru_cache(maxsize=4096)
def sla(clock: Clock) -> SafeString:
    """The promise's clock of a ticket, a ring that empties or a word."""
    sign = SLA_ICONS.get(clock.style)
    drawn = icon(sign) if sign else format_html('<span class="ring p{}"></span>', clock.left)
    return format_html('<span class="sla {}" title="{}">{}{}</span>', clock.style, clock.title, drawn, clock.words)  # fmt: skip


SLA_ICONS = {"late": "triangle-alert", "wait": "clock", "done": "check"}


@register.simple_tag(takes_context=True)
def drawn(context: template.Context, name: str) -> SafeString:
    """A part that repeats, from ``jinja2/workspace``: it knows what the page knows."""
    known: Any = context.flatten()
    return SafeString(engines["drawing"].get_template(f"workspace/{name}").render(known))


register.filter("in_public", public_of)


@register.filter
def address(identity: Identity) -> str:
    return shown_address(identity)


@register.simple_tag
def called(contact: Contact | None, channels: Any = ()) -> str:
    """The contact's name, or what people say of somebody without one."""
    return called_so(contact, channels or ())


@register.filter
def initials(name: str) -> str:
    words = [word for word in name.split() if word[:1].isalnum()] or ["?"]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.simple_tag
def when(at: datetime | None, form: str = "short") -> SafeString:
    """A time as people say it; exact in the title."""
    if at is None:
        return SafeString("")
    local = timezone.localtime(at)
    match form:
        case "clock":
            words = f"{local:%H:%M}"
        case "date":
            words = date_format(local, "j M Y").lower()
        case _:
            words = moment(at, timezone.now())
    # Digits and names of days: only the names could hold a sign that means something.
    title, said = escape(exact(local)), escape(words)
    return SafeString(f'<time datetime="{local.isoformat()}" title="{title}">{said}</time>')


@register.filter
def said_for(since: datetime) -> str:
    return duration(timezone.now() - since)


@register.filter
def span(length: timedelta) -> str:
    return duration(length)


@register.filter
def size(count: int) -> str:
    return filesizeformat(count) if count >= 1024 else _("less than 1 KB")


@register.filter
def capped(count: int | None) -> str:
    """A count for a list: nothing when zero, ``999+`` above."""
    if not count:
        return ""
    return "999+" if count > 999 else str(count)


@register.simple_tag(takes_context=True)
def shell(context: template.Context) -> shell_of.Shell:
    """What the frame around every workspace page needs to know."""
    return shell_of.of(context["request"])


LONGEST = 20_000
"""Characters of one message that are made clickable; the rest is shown as it is."""
_MAY_LINK = re.compile(r"://|www\.|@|\.(?:com|edu|gov|int|mil|net|org)\b", re.IGNORECASE)
"""What `urlize` looks for in each word: a text without it has no address, and most have none."""
_MARKUP = re.compile(r"(<[^>]*>)")
_MENTION = re.compile(r"(?<![\w@])@([^\W\d_][\w.’'-]{1,40})")


@register.filter
def plain(text: str) -> SafeString:
    """What somebody wrote: escaped, with addresses of pages made clickable in a tab of their own."""
    if not _MAY_LINK.search(text):
        return SafeString(escape(text))
    linked = urlize(text[:LONGEST], nofollow=True, autoescape=True).replace(
        'rel="nofollow"', 'rel="nofollow noopener noreferrer" target="_blank"'
    )
    return SafeString(linked + escape(text[LONGEST:]))


@register.filter
def mentions(text: str) -> SafeString:
    """`plain`, with @names set off."""
    if "@" not in text:
        return plain(text)
    parts = _MARKUP.split(plain(text))  # every second one is a tag: an @ in an address stays there
    parts[::2] = [_MENTION.sub(r'<span class="mention">@\1</span>', part) for part in parts[::2]]
    return SafeString("".join(parts))


@register.filter
def mailbox(address: str) -> str:
    """An address without the secret by which answers find their ticket."""
    return tokens.masked(str(address))


@register.filter
def held_because(message: Any) -> str:
    """Why a message with a right reply address is not shown as one of the ticket's own."""
    return because(message)
