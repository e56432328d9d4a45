"""An agent answers the mail that told him: checked like an agent in the browser, else held on the ticket."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import structlog
from django.core.exceptions import ValidationError

from sportello.accounts.models import Agent
from sportello.accounts.notices import Kind
from sportello.accounts.queries import owes_second_factor
from sportello.channels.contract import Nature
from sportello.contacts.resolve import normalise
from sportello.core import files
from sportello.core.actors import Actor
from sportello.tickets import actions, tokens
from sportello.tickets.arrival import Arrival, Prepared
from sportello.tickets.inbound import appending
from sportello.tickets.locking import NotAllowed
from sportello.tickets.models import AgentMail, Message, Notice, Thread
from sportello.tickets.notifying.composing import ABOVE
from sportello.tickets.notifying.refusals import Refusal

_NOTE = re.compile(r"#not[ea]\b[ \t:]*\n?", re.IGNORECASE)
_OF_NOTICE = re.compile(r"\.n(\d{1,18})@", re.ASCII)
log = structlog.get_logger(__name__)


class Refused(Exception):
    """Not sent; the mail is held with this reason."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


def is_agents(prepared: Prepared) -> bool:
    """Whether it carries the token of a mail to an agent. Such items are applied one at a time."""
    return any(a.claim is not None and a.claim.agent_id is not None for a in prepared.arrivals)


def take(prepared: Prepared, *, now: datetime) -> Prepared:
    """Let the agent's words go out as his; returns the item with what has still to be applied: held mail."""
    rest = [a for a in prepared.arrivals if not _is_done(a, now=now)]
    return replace(prepared, arrivals=rest)


def _is_done(arrival: Arrival, *, now: datetime) -> bool:
    claim = arrival.claim
    if claim is None or claim.agent_id is None:
        return False
    known = {"channel_id": arrival.mouth.id, "external_id": appending.suffixed_id_of(arrival)}
    if AgentMail.objects.filter(**known).exists():
        return True
    if appending.known_messages([arrival]).get(0):
        return False  # it was held when it came first
    if arrival.inbound.nature is not Nature.PERSON:
        log.info("notice.machine_answered", agent=claim.agent_id, spool=arrival.spool_id)
        return True
    thread = Thread.objects.select_related("ticket", "channel").filter(pk=claim.thread_id).first()
    if thread is None:
        return False
    try:
        message = _speak(arrival, claim.agent_id, thread, now=now)
    except Refused as refused:
        _hold(arrival, claim.agent_id, thread, refused.why, now=now)
        return False
    AgentMail.objects.create(**known, message=message, spool_id=arrival.spool_id)
    return True


def _speak(arrival: Arrival, agent_id: int, thread: Thread, *, now: datetime) -> Message:
    agent = _proved(arrival, agent_id)
    text = words_of(arrival.verbatim)
    actor = Actor.agent(agent.pk)
    note = _NOTE.match(text)
    try:
        keys = _files(arrival, actor)
        if note:
            return actions.note(
                ticket=thread.ticket, actor=actor, now=now, text=text[note.end() :], files=keys
            )
        return actions.reply(
            ticket=thread.ticket,
            actor=actor,
            now=now,
            text=text,
            channel=thread.channel,
            files=keys,
            seen_message_id=_knew(arrival, agent.pk, thread),
        )
    except NotAllowed as error:
        raise Refused(Refusal.RIGHTS) from error
    except actions.Crossed as error:
        raise Refused(Refusal.CROSSED) from error
    except actions.Empty as error:
        raise Refused(Refusal.EMPTY) from error
    except (actions.Unreachable, ValidationError, ValueError) as error:
        log.info("notice.answer_unreachable", error=str(error)[:200])
        raise Refused(Refusal.UNREACHABLE) from error


def _proved(arrival: Arrival, agent_id: int) -> Agent:
    """The agent of the token, writing from his own address. Where DMARC is known, it must have passed."""
    sender = arrival.inbound.sender
    agent = Agent.objects.filter(pk=agent_id).first()
    if agent is None or normalise("email", sender.address) != normalise("email", agent.email):
        raise Refused(Refusal.ADDRESS)
    if arrival.mouth.settings.get("authserv_id") and not sender.verified:
        raise Refused(Refusal.UNPROVED)
    if not agent.is_active or owes_second_factor(agent):
        raise Refused(Refusal.RIGHTS)
    return agent


def words_of(text: str) -> str:
    """What stands above the line, without quotes' beginnings and our secrets."""
    kept: list[str] = []
    for line in text.splitlines():
        if ABOVE in line:
            while kept and (not kept[-1].strip() or _introduces(kept[-1])):
                kept.pop()
            break
        kept.append(line)
    return tokens.masked("\n".join(kept)).strip()


def _introduces(line: str) -> bool:
    """“On Friday … wrote:”, or a lone quotation mark: what mail programs put above a quote."""
    return line.strip() == ">" or line.rstrip().endswith(":")


def _files(arrival: Arrival, actor: Actor) -> list[str]:
    """His attachments, his own as if he had uploaded them. Pictures of a signature stay behind."""
    return [
        files.save(
            file.content, name=file.name, content_type=file.content_type, owner=str(actor)
        ).key
        for file in arrival.inbound.files
        if not file.inline and file.content
    ]


def _knew(arrival: Arrival, agent_id: int, thread: Thread) -> int | None:
    """The newest message that the mail he answers told him of."""
    numbers = [m[1] for r in arrival.inbound.references if (m := _OF_NOTICE.search(r))]
    notices = Notice.objects.filter(
        pk__in=[int(n) for n in numbers[:20]], agent=agent_id, ticket=thread.ticket_id
    )
    newest = notices.order_by("-pk").first()
    return newest.last_message_id if newest else None


def _hold(arrival: Arrival, agent_id: int, thread: Thread, why: Refusal, *, now: datetime) -> None:
    """It waits on the ticket, and the agent whose name it bears hears of it."""
    held = {"why": why.value, "agent": agent_id}
    arrival.inbound = replace(arrival.inbound, meta={**arrival.inbound.meta, "agent_mail": held})
    notice, made = Notice.objects.get_or_create(
        agent_id=agent_id,
        ticket_id=thread.ticket_id,
        due_at__isnull=False,
        attempts=0,
        defaults={"kinds": [Kind.RETURNED.value], "created_at": now, "due_at": now, "refusal": why},
    )
    if not made:
        notice.kinds = sorted({*notice.kinds, Kind.RETURNED.value})
        notice.refusal, notice.due_at = why, now
        notice.save(update_fields=["kinds", "refusal", "due_at"])
