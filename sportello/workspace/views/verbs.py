"""What an agent does to a ticket: ``POST tickets/<n>/do/<verb>``, one verb of `tickets.actions` each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from sportello.accounts.queries import agents_visible, rights_of, teams_visible
from sportello.contacts.actions import AddressRefused, add_identity
from sportello.contacts.addresses import BadAddress
from sportello.tickets import actions, people
from sportello.tickets.actions import BadValue, asking
from sportello.tickets.actions.calling import Outcome
from sportello.tickets.models import Delivery, Message, Participant, SecureForm, Ticket
from sportello.workspace.access import AgentRequest, agent_page, may_answer, seen, ticket_or_404
from sportello.workspace.views.ticket import update

type Verb = Callable[[AgentRequest, Ticket, QueryDict, dict[str, Any]], object]

REFUSALS = (BadValue, actions.CannotMerge, actions.TooLate, actions.Unreachable, actions.Empty)
LIGHT = {"follow", "unfollow", "mark_unread"}
"""Verbs that concern only the agent himself: a light agent may."""


def apply(request: AgentRequest, ticket: Ticket, verb: str) -> None:
    """Do it, as this agent, now. Raises `Http404` for unknown verbs, and what the verb raises."""
    if verb not in VERBS:
        raise Http404
    if verb not in LIGHT and not may_answer(request, ticket):
        raise PermissionDenied
    by: dict[str, Any] = {"actor": request.actor, "now": timezone.now()}
    try:
        VERBS[verb](request, ticket, request.POST, by)
    except actions.NotAllowed as error:
        raise PermissionDenied from error


@agent_page("POST")
def do(request: AgentRequest, number: int, verb: str) -> HttpResponse:
    """Answers with the pieces of the page that changed; a refusal says why, at the ticket."""
    ticket = ticket_or_404(request, number)
    try:
        apply(request, ticket, verb)
    except REFUSALS as refusal:
        return refused(request, str(refusal))
    if not seen(request).filter(pk=ticket.pk).exists():
        return HttpResponse(headers={"HX-Redirect": "/app/"})
    if verb in {"merge", "join_both", "unmerge"}:
        # The composer leaves or comes back: the page is another one.
        there = Ticket.objects.select_related("merged_into").get(pk=ticket.pk)
        number = there.merged_into.number if there.merged_into else there.number
        return HttpResponse(headers={"HX-Redirect": f"/app/tickets/{number}"})
    response = update(request, ticket_or_404(request, number))
    response["HX-Trigger"] = "sportello:done"
    return response


def refused(request: AgentRequest, why: str) -> HttpResponse:
    return render(request, "workspace/ticket/refused.html", {"why": why}, status=422)


def _assign(request: AgentRequest, ticket: Ticket, form: QueryDict, by: dict[str, Any]) -> object:
    to = form.get("assignee", "")
    agent = request.agent if to == "me" else None
    if to not in {"", "me"}:
        agent = get_object_or_404(agents_visible(request.agent), pk=_id(to))
        private = bool(ticket.team and ticket.team.is_private)
        if not rights_of(agent).answers(ticket.team_id, private, ticket.brand_id):
            raise BadValue(_("%(name)s cannot see or answer this ticket.") % {"name": agent.name})
    return actions.assign(ticket=ticket, assignee=agent, **by)


def _team(request: AgentRequest, ticket: Ticket, form: QueryDict, by: dict[str, Any]) -> object:
    to = form.get("team", "")
    team = get_object_or_404(teams_visible(request.agent), pk=_id(to)) if to else None
    return actions.assign(ticket=ticket, team=team, **by)


def _tags(request: AgentRequest, ticket: Ticket, form: QueryDict, by: dict[str, Any]) -> object:
    return actions.retag(
        ticket=ticket, add=form.getlist("add"), remove=form.getlist("remove"), **by
    )


def _snooze(request: AgentRequest, ticket: Ticket, form: QueryDict, by: dict[str, Any]) -> object:
    return actions.snooze(ticket=ticket, until=_moment(form.get("until", "")), **by)


def _merge(request: AgentRequest, ticket: Ticket, form: QueryDict, by: dict[str, Any]) -> object:
    return actions.merge(ticket=ticket, into=_into(request, form), **by)


def _join_both(
    request: AgentRequest, ticket: Ticket, form: QueryDict, by: dict[str, Any]
) -> object:
    """Only who may answer on every ticket of both people: then nothing hidden moves."""
    into = _into(request, form)
    for contact in (ticket.contact, into.contact):
        if not people.reaches_all(request.agent, contact):
            raise PermissionDenied
    return actions.join_both(ticket=ticket, into=into, **by)


def _into(request: AgentRequest, form: QueryDict) -> Ticket:
    into = (
        seen(request)
        .select_related("team", "contact")
        .filter(number=_id(form.get("into", "").lstrip("#")))
        .first()
    )
    if into is None:
        raise BadValue(_("There is no such ticket."))
    if not may_answer(request, into):
        raise PermissionDenied
    return into


def _refuse(request: AgentRequest, ticket: Ticket, form: QueryDict, by: dict[str, Any]) -> object:
    to = get_object_or_404(seen(request), number=_id(form.get("to", "")))
    actions.refuse(ticket=ticket, to=to, **by)
    return ticket


def _split(request: AgentRequest, ticket: Ticket, form: QueryDict, by: dict[str, Any]) -> object:
    message = _message(ticket, form)
    return actions.split(
        ticket=ticket,
        message=message,
        subject=form.get("subject", "") or message.subject or ticket.subject,
        **by,
    )


def _participant(
    request: AgentRequest, ticket: Ticket, form: QueryDict, by: dict[str, Any]
) -> object:
    row = get_object_or_404(
        Participant.objects.select_related("thread"),
        pk=_id(form.get("participant", "")),
        thread__ticket=ticket,
    )
    return actions.add_participant(thread=row.thread, address=row.address, name=row.name, **by)


def _message(ticket: Ticket, form: QueryDict) -> Message:
    return get_object_or_404(
        Message.objects.select_related("ticket"), pk=_id(form.get("message", "")), ticket=ticket
    )


def _delivery(ticket: Ticket, form: QueryDict) -> Delivery:
    return get_object_or_404(
        Delivery.objects.select_related("message__ticket"),
        pk=_id(form.get("delivery", "")),
        message__ticket=ticket,
    )


def _id(text: str) -> int:
    """A number from the page, or one that no row has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _moment(text: str) -> datetime:
    """A moment in the agent's zone, as a menu or a date field gives it."""
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None:
        raise BadValue(_("Say until when."))
    return timezone.make_aware(at) if timezone.is_naive(at) else at


def _ask_securely(
    request: AgentRequest, ticket: Ticket, form: QueryDict, by: dict[str, Any]
) -> object:
    return asking.ask(ticket=ticket, fields=form.getlist("field"), text=form.get("text", ""), **by)


def _withdraw_form(
    request: AgentRequest, ticket: Ticket, form: QueryDict, by: dict[str, Any]
) -> object:
    row = get_object_or_404(
        SecureForm.objects.select_related("ticket"), pk=_id(form.get("form", "")), ticket=ticket
    )
    return asking.withdraw(form=row, **by)


def _log_call(request: AgentRequest, ticket: Ticket, form: QueryDict, by: dict[str, Any]) -> object:
    identity, phone = None, form.get("phone", "").strip()[:40]
    if phone:
        try:
            identity = add_identity(contact=ticket.contact, kind="phone", address=phone, **by)
        except BadAddress as error:
            raise BadValue(str(error)) from error
        except AddressRefused:
            identity = None  # somebody else's: families share telephones
    return actions.log_call(
        ticket=ticket,
        text=form.get("text", ""),
        direction=form.get("direction", ""),
        minutes=_id(form.get("minutes", "")),
        outcome=form.get("outcome", "") or Outcome.TALKED,
        identity=identity,
        **by,
    )


VERBS: dict[str, Verb] = {
    "ask_securely": _ask_securely,
    "withdraw_form": _withdraw_form,
    "assign": _assign,
    "team": _team,
    "set_status": lambda r, t, f, by: actions.set_status(
        ticket=t, status=f.get("status", ""), **by
    ),
    "set_priority": lambda r, t, f, by: actions.set_priority(
        ticket=t, priority=f.get("priority", ""), **by
    ),
    "set_kind": lambda r, t, f, by: actions.set_kind(ticket=t, kind=f.get("kind", ""), **by),
    "rename": lambda r, t, f, by: actions.rename(ticket=t, subject=f.get("subject", ""), **by),
    "set_field": lambda r, t, f, by: actions.set_field(
        ticket=t, key=f.get("key", ""), value=f.get("value", ""), **by
    ),
    "retag": _tags,
    "snooze": _snooze,
    "wake": lambda r, t, f, by: actions.wake(ticket=t, **by),
    "mark_spam": lambda r, t, f, by: actions.mark_spam(ticket=t, **by),
    "unmark_spam": lambda r, t, f, by: actions.unmark_spam(ticket=t, **by),
    "merge": _merge,
    "join_both": _join_both,
    "unmerge": lambda r, t, f, by: actions.unmerge(ticket=t, **by),
    "refuse": _refuse,
    "split": _split,
    "follow": lambda r, t, f, by: actions.follow(ticket=t, agent=r.agent, **by),
    "unfollow": lambda r, t, f, by: actions.unfollow(ticket=t, agent=r.agent, **by),
    "mark_unread": lambda r, t, f, by: actions.mark_unread(ticket=t, agent=r.agent, now=by["now"]),
    "accept_held": lambda r, t, f, by: actions.accept_held(message=_message(t, f), **by),
    "refuse_held": lambda r, t, f, by: actions.refuse_held(message=_message(t, f), **by),
    "add_participant": _participant,
    "hide": lambda r, t, f, by: actions.hide(
        message=_message(t, f), hidden=f.get("hidden", "1") == "1", **by
    ),
    "answer_in_private": lambda r, t, f, by: actions.answer_in_private(
        message=_message(t, f), text=f.get("text", ""), **by
    ),
    "retry_delivery": lambda r, t, f, by: actions.retry_delivery(delivery=_delivery(t, f), **by),
    "log_call": _log_call,
    "end_chat": lambda r, t, f, by: actions.end_chat(ticket=t, **by),
}
