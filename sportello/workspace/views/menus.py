"""What opens under a button: choices, fetched when asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sportello.accounts.queries import answering_agents, teams_visible
from sportello.channels.models import SpoolItem
from sportello.tickets.actions.calling import Outcome
from sportello.tickets.confidential.fields import FIELDS
from sportello.tickets.models import (
    CustomField,
    Follower,
    Kind,
    Message,
    Priority,
    Status,
    Tag,
    Ticket,
)
from sportello.tickets.ways.in_public import private_way
from sportello.workspace import likely
from sportello.workspace.access import (
    AgentRequest,
    agent_page,
    may_answer,
    require_answer,
    seen,
    ticket_or_404,
)


@dataclass(frozen=True, slots=True)
class Item:
    label: str
    verb: str
    values: dict[str, Any]
    icon: str = ""
    hint: str = ""
    on: bool = False
    menu: str = ""
    """Opens another menu, by name, instead of doing something."""


@agent_page()
def menu(request: AgentRequest, number: int, name: str) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    if name not in MENUS and name not in {"secure", "call", "join"}:
        raise Http404
    if name != "more":
        require_answer(request, ticket)
    if name == "secure":
        return _secure(request, ticket)
    if name == "join":
        return _join(request, ticket)
    if name == "call":
        phones = ticket.contact.identities.filter(kind="phone").order_by("-proof", "pk")
        context = {"ticket": ticket, "phones": phones, "outcomes": Outcome.choices}
        return render(request, "workspace/menus/call.html", context)
    return render(request, f"workspace/menus/{'free' if name in {'tags', 'merge', 'snooze'} else 'choices'}.html",
                  {"ticket": ticket, "name": name, "items": MENUS[name](request, ticket)})  # fmt: skip


def _join(request: AgentRequest, ticket: Ticket) -> HttpResponse:
    """What joining with somebody else's ticket means, before it is done."""
    others = likely.likely_people(request, ticket.contact)
    wanted = request.GET.get("to", "")
    for item in likely.likely_tickets(request, ticket, others):
        if item.person is not None and str(item.to.number) == wanted:
            return render(request, "workspace/menus/join.html", {"ticket": ticket, "item": item})
    raise Http404


def _secure(request: AgentRequest, ticket: Ticket) -> HttpResponse:
    """What to ask for on the protected page."""
    context = {"ticket": ticket, "fields": FIELDS.values()}
    return render(request, "workspace/menus/secure.html", context)


@agent_page()
def bulk(request: AgentRequest, name: str) -> HttpResponse:
    """The same choices for all selected rows; the page sends the numbers along."""
    if name not in {"assign", "status", "tag", "merge"} or not request.rights.can_answer:
        raise Http404
    nobody = Ticket()
    items = (
        {"assign": _assign, "status": _status}[name](request, nobody)
        if name in {"assign", "status"}
        else []
    )
    return render(
        request, "workspace/menus/bulk.html", {"name": name, "items": items, "tags": _tag_names()}
    )


def _private(request: AgentRequest, ticket: Ticket, said: Message) -> HttpResponse:
    """Where an answer in private is written."""
    way = private_way(said, now=timezone.now())
    if way is None:
        raise Http404
    context = {"ticket": ticket, "message": said, "way": way, "most": way.provider.capabilities.max_text}  # fmt: skip
    return render(request, "workspace/menus/private.html", context)


@agent_page()
def message(request: AgentRequest, number: int, message_id: int) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    require_answer(request, ticket)
    said = get_object_or_404(Message, pk=message_id, ticket=ticket)
    if "private" in request.GET:
        return _private(request, ticket, said)
    has_raw = said.spool_id is not None and SpoolItem.objects.filter(pk=said.spool_id).exists()
    context = {"ticket": ticket, "message": said, "has_raw": has_raw}
    return render(request, "workspace/menus/message.html", context)


@agent_page()
def custom_field(request: AgentRequest, number: int, key: str) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    require_answer(request, ticket)
    found = get_object_or_404(CustomField, key=key)
    context = {"ticket": ticket, "field": found, "value": ticket.custom.get(key, "")}
    return render(request, "workspace/menus/field.html", context)


def _assign(request: AgentRequest, ticket: Ticket) -> list[Item]:
    me = Item(
        _("To me"),
        "assign",
        {"assignee": "me"},
        "user-round",
        "",
        ticket.assignee_id == request.agent.pk,
    )
    nobody = Item(
        _("Nobody"), "assign", {"assignee": ""}, "circle-dashed", "", ticket.assignee_id is None
    )
    others = answering_agents().exclude(pk=request.agent.pk)[:200]
    return [
        me,
        nobody,
        *(
            Item(a.name, "assign", {"assignee": a.pk}, "", "", ticket.assignee_id == a.pk)
            for a in others
        ),
    ]


def _team(request: AgentRequest, ticket: Ticket) -> list[Item]:
    none = Item(_("No team"), "team", {"team": ""}, "circle-dashed", "", ticket.team_id is None)
    return [
        none,
        *(
            Item(t.name, "team", {"team": t.pk}, "hash", "", ticket.team_id == t.pk)
            for t in teams_visible(request.agent)
        ),
    ]


def _status(request: AgentRequest, ticket: Ticket) -> list[Item]:
    icons = {"open": "circle", "pending": "clock", "on_hold": "pause", "solved": "check"}
    return [
        Item(
            str(label),
            "set_status",
            {"status": value},
            icons[value],
            "E" if value == "solved" else "",
            ticket.status == value,
        )
        for value, label in Status.choices
        if value in icons
    ]


def _priority(request: AgentRequest, ticket: Ticket) -> list[Item]:
    return [
        Item(str(label), "set_priority", {"priority": v}, "flag", "", ticket.priority == v)
        for v, label in Priority.choices
    ]


def _kind(request: AgentRequest, ticket: Ticket) -> list[Item]:
    return [
        Item(str(label), "set_kind", {"kind": v}, "", "", ticket.kind == v)
        for v, label in Kind.choices
    ]


def _snooze(request: AgentRequest, ticket: Ticket) -> list[Item]:
    now = timezone.localtime()
    morning = (now + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    monday = (now + timedelta(days=7 - now.weekday())).replace(
        hour=9, minute=0, second=0, microsecond=0
    )
    choices = [
        (_("In an hour"), now + timedelta(hours=1)),
        (_("In three hours"), now + timedelta(hours=3)),
        (_("Tomorrow morning"), morning),
        (_("Monday morning"), monday),
        (_("In a week"), morning + timedelta(days=6)),
    ]
    items = [
        Item(
            label,
            "snooze",
            {"until": at.isoformat(timespec="seconds")},
            "",
            date_format(at, "D j M, H:i").lower(),
        )
        for label, at in choices
    ]
    return [*items, Item(_("Wake it now"), "wake", {}, "bell")] if ticket.snoozed_until else items


def _more(request: AgentRequest, ticket: Ticket) -> list[Item]:
    follows = Follower.objects.filter(ticket=ticket, agent=request.agent).exists()
    items = [
        Item(_("Stop following"), "unfollow", {}, "bell-off")
        if follows
        else Item(_("Follow"), "follow", {}, "bell"),
        Item(_("Mark as unread"), "mark_unread", {}, "mail"),
    ]
    if may_answer(request, ticket):
        spam = (
            Item(_("Not spam"), "unmark_spam", {}, "undo-2")
            if ticket.is_spam
            else Item(_("Spam"), "mark_spam", {}, "octagon-alert")
        )
        items.append(Item(_("Log a call…"), "", {}, "phone", menu="call"))
        items += (
            [spam, Item(_("End the chat"), "end_chat", {}, "message-square")]
            if _has_chat(ticket)
            else [spam]
        )
        if ticket.status not in {"solved", "closed"}:
            items.insert(0, Item(_("Solve"), "set_status", {"status": "solved"}, "check", "E"))
    return items


def _has_chat(ticket: Ticket) -> bool:
    threads = ticket.threads.filter(is_open=True).select_related("channel")
    return any(thread.channel.code.capabilities.live for thread in threads)


def _merge(request: AgentRequest, ticket: Ticket) -> list[Item]:
    """First the other tickets of the same customer."""
    others = (
        seen(request).filter(contact_id=ticket.contact_id, merged_into=None).exclude(pk=ticket.pk)
    )
    newest = others.exclude(status=Status.CLOSED).order_by("-last_message_at")[:8]
    return [
        Item(o.subject or o.preview, "merge", {"into": o.number}, "merge", f"n. {o.number}")
        for o in newest
    ]


def _tags(request: AgentRequest, ticket: Ticket) -> list[Item]:
    known = dict.fromkeys([*ticket.tags, *_tag_names()])
    return [
        Item(
            tag,
            "retag",
            {"remove" if tag in ticket.tags else "add": tag},
            "tag",
            "",
            tag in ticket.tags,
        )
        for tag in known
    ]


def _tag_names() -> list[str]:
    return list(Tag.objects.order_by("name").values_list("name", flat=True)[:200])


MENUS: dict[str, Callable[[AgentRequest, Ticket], list[Item]]] = {
    "assign": _assign, "team": _team, "status": _status, "priority": _priority, "kind": _kind,
    "snooze": _snooze, "more": _more, "merge": _merge, "tags": _tags,
}  # fmt: skip
