"""The mail to an agent: what happened, the words as the privacy rules show them, and where to go on."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Agent
from sportello.accounts.notices import Kind
from sportello.accounts.queries import company, rights_of
from sportello.accounts.retention import policy
from sportello.channels.contract import Address, Outbound
from sportello.channels.models import Channel
from sportello.tickets import tokens
from sportello.tickets.confidential.covering import Cover
from sportello.tickets.models import Direction, Message, Notice, Thread, Ticket
from sportello.tickets.notifying.refusals import REFUSALS, Refusal

ABOVE = "##-"
"""Begins the line above which an answer is written. What stands below it never reaches a customer."""
SHOWN, LONGEST = 6, 2_000
"""Messages in one mail, and characters of each."""
SENTENCES = {
    Kind.ASSIGNED: _("It was assigned to you."),
    Kind.ANSWER: _("The customer wrote on your ticket."),
    Kind.MENTION: _("A colleague named you in a note."),
    Kind.FOLLOWED: _("There is something new on a ticket that you follow."),
    Kind.OPENED: _("It is new in your team."),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One message as the mail shows it."""

    author: str
    channel: str
    is_note: bool
    text: str


def compose(notice: Notice, channel: Channel) -> Outbound:
    """In his language. Rights were asked just before; nothing in it goes beyond what the ticket's page shows."""
    agent, ticket = notice.agent, notice.ticket
    thread = thread_of(notice)
    language = agent.language or company().language
    address = str(channel.settings["address"])
    domain = address.rpartition("@")[2]
    with translation.override(language):
        context = _context(notice, thread)
        subject = _now("[n. %(number)d] %(subject)s") % {
            "number": ticket.number,
            "subject": _covered(ticket.subject) or _now("No subject"),
        }
        text = render_to_string("tickets/notice.txt", context)
        html = render_to_string("tickets/notice.html", context)
    return Outbound(
        idempotency_key=f"notice-{notice.pk}",
        recipient=Address("email", agent.email, agent.name),
        text=text,
        html=html,
        subject=subject,
        message_id=_message_id(notice, thread, domain),
        reply_to=_reply_to(agent, thread, address),
        references=(_root(agent, ticket, domain),),
        from_name=f"{ticket.brand.name} · Sportello",
        language=language,
        automatic=True,
    )


def thread_of(notice: Notice) -> Thread | None:
    """Where an answer to this mail goes: the line of talk it tells of, else the newest that was written on."""
    messages = Message.objects.filter(
        ticket=notice.ticket_id, thread__isnull=False, is_held=False
    ).select_related("thread__channel")
    newest = messages.order_by("-pk").first()
    return newest.thread if newest else None


def _context(notice: Notice, thread: Thread | None) -> dict[str, object]:
    agent, ticket = notice.agent, notice.ticket
    sentences = [str(SENTENCES[k]) for k in SENTENCES if k.value in notice.kinds]
    if Kind.RETURNED.value in notice.kinds:
        sentences.insert(0, str(REFUSALS[Refusal(notice.refusal)]))
    team = ticket.team
    answers = rights_of(agent).answers(
        ticket.team_id, bool(team and team.is_private), ticket.brand_id
    )
    base = settings.SPORTELLO_URL
    return {
        "above": ABOVE if thread else "",
        "answers": answers and thread is not None,
        "channel": thread.channel.name if thread else "",
        "in_public": bool(thread and thread.is_public),
        "customer": _covered(ticket.contact.name),
        "ticket": ticket,
        "subject": _covered(ticket.subject),
        "sentences": sentences,
        "said": _said(notice),
        "link": base + reverse("workspace:ticket", args=[ticket.number]),
        "wishes": base + reverse("settings:notices"),
    }


def _said(notice: Notice) -> list[Said]:
    """What is new to him, oldest first; without news the customer's last words."""
    rows = Message.objects.filter(ticket=notice.ticket_id, is_held=False).select_related(
        "agent", "channel", "identity__contact"
    )
    if notice.first_message_id:
        rows = rows.filter(pk__gte=notice.first_message_id).exclude(agent=notice.agent)
    elif Kind.RETURNED.value in notice.kinds:
        return []
    else:
        rows = rows.filter(direction=Direction.IN)
    newest = list(rows.order_by("-pk")[: SHOWN if notice.first_message_id else 1])
    return [_shown(message) for message in reversed(newest)]


def _shown(message: Message) -> Said:
    who = message.author_name or (message.identity.contact.name if message.identity else "")
    text = _covered(message.text).strip()
    if len(text) > LONGEST:
        text = text[:LONGEST].rstrip() + "…"
    return Said(
        author=_covered(who),
        channel=message.channel.name if message.channel else "",
        is_note=message.direction == Direction.NOTE,
        text=text or _now("(files only)"),
    )


def _covered(text: str) -> str:
    """Covered on the way in already; once more by today's rules, since a mail cannot be called back."""
    return Cover(policy().covered_kinds).text("text", tokens.masked(text))


def _reply_to(agent: Agent, thread: Thread | None, address: str) -> str:
    return tokens.reply_address(address, thread.pk, agent.pk) if thread else ""


def _message_id(notice: Notice, thread: Thread | None, domain: str) -> str:
    """The same at every try. With a thread it carries the agent's token: some programs drop Reply-To."""
    secret = tokens.issue(thread.pk, notice.agent_id) if thread else "notice"
    return f"{secret}.n{notice.pk}@{domain}"


def _root(agent: Agent, ticket: Ticket, domain: str) -> str:
    """Nobody ever sent it: all mails about one ticket to one agent refer to it, and so stay together."""
    return f"notices.t{ticket.pk}.a{agent.pk}@{domain}"
