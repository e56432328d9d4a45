"""What the composer calls: send, undo, draft, uploads, saved replies, colleagues."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sportello.accounts.queries import agents_visible, company, rights_of
from sportello.automation.models import SavedReply
from sportello.channels import templates
from sportello.channels.contract import TemplateUse
from sportello.channels.models import Channel
from sportello.core.models import StoredFile
from sportello.tickets import actions, uploads
from sportello.tickets.confidential import documents, words
from sportello.tickets.language import language_for
from sportello.tickets.models import Draft, Message, Status, Ticket
from sportello.workspace import saved_replies
from sportello.workspace.access import (
    AgentRequest,
    agent_page,
    may_answer,
    require_answer,
    ticket_or_404,
)
from sportello.workspace.reach import reaches
from sportello.workspace.views.verbs import REFUSALS


@agent_page("POST")
def answer(request: AgentRequest, number: int) -> HttpResponse:
    """Send a reply or add a note. 409 when a colleague has answered since the page was drawn."""
    ticket = ticket_or_404(request, number)
    note = request.POST.get("kind") == "note"
    if not note:
        require_answer(request, ticket)
    try:
        message = _note(request, ticket) if note else _reply(request, ticket)
    except actions.Crossed as crossed:
        who = crossed.message.author_name or _("A colleague")
        why = _(
            "%(who)s has answered in the meantime. Read it, then send yours if it still fits."
        ) % {"who": who}
        return JsonResponse({"why": why, "seen": crossed.message.pk}, status=409)
    except REFUSALS as refusal:
        return JsonResponse({"why": str(refusal)}, status=422)
    except actions.NotAllowed as error:
        raise PermissionDenied from error
    return JsonResponse(_sent(message, ticket))


def _reply(request: AgentRequest, ticket: Ticket) -> Message:
    form = request.POST
    then = form.get("then", "")
    return actions.reply(
        ticket=ticket, actor=request.actor, now=timezone.now(), text=form.get("text", ""), html=form.get("html", ""),
        channel=_channel(ticket, form.get("channel", "")), files=form.getlist("files"), cc=_addresses(form.get("cc", "")),
        bcc=_addresses(form.get("bcc", "")), undo_seconds=company().undo_send_seconds,
        then=then if then in Status.values else None, seen_message_id=_id(form.get("seen", "")),
        template=_template(form), choices=form.getlist("choice"), instead_of=_id(form.get("instead_of", "")),
    )  # fmt: skip


def _note(request: AgentRequest, ticket: Ticket) -> Message:
    named = {
        int(i)
        for i in request.POST.getlist("mentions")
        if i.isascii() and i.isdigit() and len(i) < 19
    }
    seeing = [a.pk for a in agents_visible(request.agent).filter(pk__in=named) if _sees(a, ticket)]
    return actions.note(
        ticket=ticket, actor=request.actor, now=timezone.now(), text=request.POST.get("text", ""),
        mentions=seeing, files=request.POST.getlist("files"),
    )  # fmt: skip


def _sees(agent: Any, ticket: Ticket) -> bool:
    return rights_of(agent).sees(
        ticket.team_id, bool(ticket.team and ticket.team.is_private), ticket.brand_id
    )


def _sent(message: Message, ticket: Ticket) -> dict[str, Any]:
    delivery = message.deliveries.order_by("pk").first()
    held = delivery is not None and delivery.state == "held"
    left = (delivery.due_at - timezone.now()).total_seconds() if held and delivery else 0
    what = _("%(channel)s to %(name)s") % {
        "channel": message.channel.name if message.channel else "",
        "name": ticket.contact.name or _("the customer"),
    }
    return {"message": message.pk, "undo": round(left), "what": what}


@agent_page("POST")
def undo(request: AgentRequest, number: int, message_id: int) -> HttpResponse:
    """Take the answer back while it is held; the words return to the composer."""
    ticket = ticket_or_404(request, number)
    require_answer(request, ticket)
    message = get_object_or_404(
        Message.objects.select_related("ticket"), pk=message_id, ticket=ticket, agent=request.agent
    )
    try:
        draft = actions.undo_send(message=message, actor=request.actor, now=timezone.now())
    except actions.TooLate:
        return JsonResponse({"why": _("It has left already.")}, status=409)
    return JsonResponse(_kept(draft) if draft else {})


@agent_page("POST")
def elsewhere(request: AgentRequest, number: int, message_id: int) -> HttpResponse:
    """An answer that did not arrive, for the composer: its words and files, and the next best channel."""
    ticket = ticket_or_404(request, number)
    require_answer(request, ticket)
    message = get_object_or_404(
        Message.objects.select_related("ticket"), pk=message_id, ticket=ticket, direction="out"
    )
    try:
        draft = actions.elsewhere(message=message, actor=request.actor, now=timezone.now())
    except (actions.TooLate, actions.Unreachable) as refusal:
        return JsonResponse({"why": str(refusal)}, status=409)
    return JsonResponse(_kept(draft))


def _kept(draft: Draft) -> dict[str, Any]:
    files = StoredFile.objects.filter(key__in=draft.file_keys, bound=False).select_related("blob")
    return {
        "text": draft.text, "html": draft.html, "channel": draft.channel_id, "cc": draft.cc, "bcc": draft.bcc,
        "files": [_file(file) for file in files], "choices": draft.choices, "template": draft.template,
        "instead_of": draft.instead_of,
    }  # fmt: skip


@agent_page("POST")
def draft(request: AgentRequest, number: int) -> HttpResponse:
    """Keep what he is writing. Own draft only; asked at every save whether he may still see the ticket."""
    ticket, form = ticket_or_404(request, number), request.POST
    now = timezone.now()
    if form.get("kind") != "note":
        require_answer(request, ticket)
    actions.save_draft(
        ticket=ticket, agent=request.agent, now=now, text=form.get("text", "")[:100_000], html=form.get("html", "")[:200_000],
        is_note=form.get("kind") == "note", channel=_channel(ticket, form.get("channel", "")), cc=form.get("cc", ""),
        bcc=form.get("bcc", ""), file_keys=[key for key in form.getlist("files") if len(key) <= 43],
        choices=form.getlist("choice"), template=_template(form), instead_of=_id(form.get("instead_of", "")),
    )  # fmt: skip
    return JsonResponse({"at": date_format(timezone.localtime(now), "H:i")})


@agent_page("POST")
def upload(request: AgentRequest, number: int) -> HttpResponse:
    """A file for the answer: bound to this agent until a message takes it."""
    ticket_or_404(request, number)
    given = request.FILES.get("file")
    if given is None or (given.size or 0) > uploads.LARGEST:
        return JsonResponse({"why": _("The file is larger than 25 MB.")}, status=413)
    try:
        file = uploads.take_in(
            agent=request.agent,
            name=given.name or "file",
            content_type=given.content_type or "",
            content=given.read(),
            now=timezone.now(),
        )
    except uploads.InfectedUpload:
        why = _("The virus scanner found something in this file. It was not taken.")
        return JsonResponse({"why": why}, status=422)
    except uploads.QuotaExceeded:
        why = _("Too many files uploaded and not sent. Try again later.")
        return JsonResponse({"why": why}, status=429)
    return JsonResponse(_file(file))


def _file(file: StoredFile) -> dict[str, Any]:
    about = {"key": file.key, "name": file.name, "type": file.content_type, "size": file.blob.size}
    kinds = documents.kinds_in(file)
    warning = _("holds: %(kinds)s") % {"kinds": words.kind_names(kinds)} if kinds else ""
    return about | {"warning": warning}


@agent_page()
def ways(request: AgentRequest, number: int) -> HttpResponse:
    """Every way to the customer with all that is known of it, as a menu."""
    ticket = ticket_or_404(request, number)
    require_answer(request, ticket)
    found = reaches(ticket, now=timezone.now())
    return render(request, "workspace/menus/ways.html", {"ticket": ticket, "reaches": found})


@agent_page()
def approved_texts(request: AgentRequest, number: int) -> HttpResponse:
    """The approved templates of a channel of this ticket, with a field for each value."""
    ticket = ticket_or_404(request, number)
    require_answer(request, ticket)
    channel = _channel(ticket, request.GET.get("channel", ""))
    if channel is None:
        raise Http404
    draft = Draft.objects.filter(ticket=ticket, agent=request.agent).first()
    context = {
        "channel": channel,
        "offered": templates.offered(channel.pk, language_for(ticket)),
        "kept": draft.template if draft and draft.channel_id == channel.pk else None,
        "places": saved_replies.places(ticket, request.agent),
    }
    return render(request, "workspace/ticket/templates.html", context)


@agent_page()
def replies(request: AgentRequest, number: int) -> HttpResponse:
    """Saved replies that fit this ticket, filled in."""
    ticket = ticket_or_404(request, number)
    if not may_answer(request, ticket):
        raise Http404
    fitting = saved_replies.fitting(SavedReply.objects.all(), ticket)
    filled = [
        {
            "shortcut": r.shortcut,
            "title": r.title,
            "text": saved_replies.fill(r.text, ticket, request.agent),
        }
        for r in fitting
    ]
    return JsonResponse({"replies": filled})


@agent_page()
def colleagues(request: AgentRequest) -> HttpResponse:
    """Whom he may mention."""
    people = agents_visible(request.agent).exclude(pk=request.agent.pk)[:500]
    return JsonResponse(
        {"people": [{"id": a.pk, "name": a.name, "initials": a.initials} for a in people]}
    )


def _channel(ticket: Ticket, text: str) -> Channel | None:
    return Channel.objects.filter(pk=_id(text) or 0, brand_id=ticket.brand_id).first()


def _template(form: QueryDict) -> TemplateUse | None:
    """``name/language`` of an approved text, and its values in order."""
    name, _slash, language = form.get("template", "").rpartition("/")
    return TemplateUse(name, language, tuple(form.getlist("value")[:50])) if name else None


def _addresses(text: str) -> list[str]:
    return [part.strip() for part in text.replace(";", ",").split(",") if "@" in part][:50]


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
