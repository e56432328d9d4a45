"""A minute later: does he still need to hear it? Then the mail leaves."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from sportello.accounts.notices import Kind, Road, wanted
from sportello.channels.contract import Failed, Outcome
from sportello.channels.models import Channel
from sportello.channels.queries import mouths
from sportello.core.net import Net
from sportello.core.sweeps import sweep
from sportello.tickets.models import Mention, Message, Notice, ReadMark
from sportello.tickets.notifying import jobs
from sportello.tickets.notifying.composing import compose
from sportello.tickets.outbox import keep_in_outbox
from sportello.tickets.queries import visible_to

BATCH = 200
HERE = timedelta(minutes=2)
"""Whoever did something in the workspace so lately is there."""
LOOK_AGAIN = timedelta(minutes=5)
GIVE_UP = timedelta(hours=1)
"""After so long in the workspace he has seen what he wanted to see."""
TRIES = 5

log = structlog.get_logger(__name__)


@sweep("notices", every=5)
def leave(now: datetime) -> None:
    """A job for each notice whose time has come."""
    due = Notice.objects.filter(due_at__lte=now).order_by("due_at").values_list("pk", flat=True)
    for notice_id in due[:BATCH]:
        jobs.send_later(notice_id)


def send(notice_id: int, *, now: datetime) -> None:
    """Send it if he still needs it. Doing it twice is harmless: only one caller finds it due."""
    notice = _begin(notice_id, now=now)
    if notice is None:
        return
    channel = _mailbox(notice)
    if channel is None:
        log.warning("notice.no_mailbox", notice=notice.pk)
        _settle(notice, sent_at=None)
        return
    outcome = _bring(notice, channel)
    if isinstance(outcome, Failed):
        log.warning("notice.not_sent", notice=notice.pk, reason=outcome.reason[:200])
        if outcome.permanent or notice.attempts >= TRIES:
            _settle(notice, sent_at=None)
    else:
        _settle(notice, sent_at=now)


def _begin(notice_id: int, *, now: datetime) -> Notice | None:
    """The notice, claimed for ten minutes; None when it is not due, not needed, or not yet."""
    with transaction.atomic():
        notice = (
            Notice.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
            .select_related("agent", "ticket__brand", "ticket__team", "ticket__contact")
            .filter(pk=notice_id, due_at__lte=now)
            .first()
        )
        if notice is None:
            return None
        if not _may_hear(notice) or not _is_news(notice):
            notice.due_at = None
        elif _is_here(notice, now=now):
            later = now + LOOK_AGAIN
            notice.due_at = later if later < notice.created_at + GIVE_UP else None
        else:
            notice.attempts += 1
            notice.due_at = now + LOOK_AGAIN * 2 ** (notice.attempts - 1)
            newest = Message.objects.filter(ticket=notice.ticket_id).order_by("-pk").first()
            notice.last_message_id = newest.pk if newest else None
            notice.save(update_fields=["attempts", "due_at", "last_message_id"])
            return notice
        notice.save(update_fields=["due_at"])
    return None


def _may_hear(notice: Notice) -> bool:
    """Rights and wishes as they are now. A support mailbox is told nothing: it would answer itself."""
    agent = notice.agent
    if not agent.is_active or notice.ticket.is_spam or _is_ours(agent.email):
        return False
    if not visible_to(agent).filter(pk=notice.ticket_id).exists():
        return False
    kept = wanted(agent.preferences, Road.MAIL) | {Kind.RETURNED}
    notice.kinds = [kind for kind in notice.kinds if Kind(kind) in kept]
    if Kind.ASSIGNED.value in notice.kinds and notice.ticket.assignee_id != agent.pk:
        notice.kinds.remove(Kind.ASSIGNED.value)
    if Kind.OPENED.value in notice.kinds and notice.ticket.assignee_id not in (None, agent.pk):
        notice.kinds.remove(Kind.OPENED.value)
    return bool(notice.kinds)


def _is_ours(address: str) -> bool:
    local, _, domain = address.strip().lower().rpartition("@")
    plain = f"{local.partition('+')[0]}@{domain}"
    return plain in {m.address for m in mouths().values() if m.address}


def _is_news(notice: Notice) -> bool:
    """Not, when all it tells of was read in the meantime."""
    if {Kind.ASSIGNED.value, Kind.RETURNED.value} & set(notice.kinds):
        return True
    unread = Mention.objects.filter(agent=notice.agent, ticket=notice.ticket_id, read_at=None)
    if Kind.MENTION.value in notice.kinds and unread.exists():
        return True
    others = set(notice.kinds) - {Kind.MENTION.value}
    mark = ReadMark.objects.filter(agent=notice.agent, ticket=notice.ticket_id).first()
    news = Message.objects.filter(
        ticket=notice.ticket_id, pk__gte=notice.first_message_id or 0
    ).exclude(agent=notice.agent)
    if mark is not None:  # it counts what customers wrote
        news = news.exclude(direction="in", pk__lte=mark.message_id, is_held=False)
    return bool(others) and news.exists()


def _is_here(notice: Notice, *, now: datetime) -> bool:
    seen = notice.agent.seen_at
    returned = Kind.RETURNED.value in notice.kinds
    return not returned and seen is not None and seen > now - HERE


def _mailbox(notice: Notice) -> Channel | None:
    """The ticket's brand writes; another one's mailbox rather than none."""
    found = Channel.objects.filter(provider="email", is_active=True).order_by("pk")
    own = [c for c in found if c.brand_id == notice.ticket.brand_id]
    return next(iter([*own, *found]), None)


def _bring(notice: Notice, channel: Channel) -> Outcome:
    outbound = compose(notice, channel)
    return keep_in_outbox(channel, outbound) or channel.code.send(
        outbound, channel.settings, Net.from_environ()
    )


def _settle(notice: Notice, *, sent_at: datetime | None) -> None:
    Notice.objects.filter(pk=notice.pk).update(due_at=None, sent_at=sent_at)
