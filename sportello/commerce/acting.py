"""Doing what an agent asked of a shop. Network: never inside a transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from sportello.commerce import applying, jobs
from sportello.commerce.contract import Act, Done, Failed, Outcome, Request, Unknown
from sportello.commerce.events import ORDER_ACT_SETTLED
from sportello.commerce.models import Deed, DeedState
from sportello.commerce.reasons import Reason, Why, why
from sportello.core.actors import Actor
from sportello.core.clock import now as the_present
from sportello.core.events import Fact, record_many
from sportello.core.net import Net

TRIES = 5
LATER = timedelta(seconds=30)
"""When to try again, times the number of tries, if the shop does not say."""
NO_ANSWER = timedelta(minutes=5)
"""After this a deed that is being done counts as unknown: the worker died with it."""
OVERDUE = timedelta(seconds=30)

log = structlog.get_logger(__name__)


def act(deed_id: int, *, now: datetime, net: Net | None = None) -> None:
    """Ask the shop. What may have been done is never asked again by itself."""
    deed = _begin(deed_id, now)
    if deed is None:
        return
    connection = deed.order.connection
    request = Request(
        act=Act(deed.kind),
        order=deed.order.external_id,
        number=deed.order.number,
        currency=deed.order.currency,
        idempotency_key=str(deed.key),
        total=deed.order.total,
        refunded=deed.order.refunded,
        amount=deed.amount,
        reason=deed.reason,
    )
    outcome: Outcome
    try:
        outcome = connection.code.act(request, connection.settings, net or Net.from_environ())
    except Exception:
        log.exception("commerce.act_broke", deed=deed.pk)
        outcome = Unknown(why(Reason.NO_ANSWER))
    _settle(deed, outcome, now=the_present())


def _begin(deed_id: int, now: datetime) -> Deed | None:
    """The deed, marked as being done before anything leaves; None when it is not its turn."""
    with transaction.atomic():
        rows = Deed.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        deed = rows.filter(pk=deed_id, state=DeedState.QUEUED).first()
        if deed is None or (deed.due_at and deed.due_at > now):
            return None
        deed.state, deed.attempts, deed.due_at = DeedState.SENDING, deed.attempts + 1, now + NO_ANSWER  # fmt: skip
        deed.save(update_fields=["state", "attempts", "due_at"])
    return Deed.objects.select_related("order__connection").get(pk=deed.pk)


def _settle(deed: Deed, outcome: Outcome, *, now: datetime) -> None:
    with transaction.atomic():
        row = Deed.objects.select_for_update(no_key=True).get(pk=deed.pk)
        facts: list[Fact] = []
        match outcome:
            case Done(reference=reference, records=records):
                row.state, row.reference = DeedState.DONE, reference[:500]
                _explain(row, "")
                facts = applying.apply(deed.order.connection, records, now=now).facts
            case Failed(reason=reason, permanent=False, retry_after=wait) if row.attempts < TRIES:
                row.state, row.due_at = DeedState.QUEUED, now + (wait or LATER * row.attempts)
                _explain(row, reason)
                row.save(update_fields=["state", *_SAID, "due_at"])
                return
            case Failed(reason=reason):
                row.state = DeedState.FAILED
                _explain(row, reason)
            case Unknown(reason=reason):
                row.state = DeedState.UNKNOWN
                _explain(row, reason)
        row.due_at, row.settled_at = None, now
        row.save(update_fields=["state", "reference", *_SAID, "due_at", "settled_at"])
        record_many([*facts, _settled(row, deed.order.contact_id)], now=now)


_SAID = ("why", "values", "words")


def _explain(row: Deed, reason: str) -> None:
    """A code and values, where there are some; what the shop itself says stays in its words."""
    if isinstance(reason, Why):
        row.why, row.values, row.words = reason.code.value, dict(reason.values), reason.words[:500]
    else:
        row.why, row.values, row.words = "", {}, reason[:500]


def _settled(row: Deed, contact_id: int | None) -> Fact:
    payload = {"order": row.order_id, "deed": row.pk, "act": row.kind, "state": row.state}
    return Fact(ORDER_ACT_SETTLED, row.ticket_id, contact_id, Actor.parse(row.actor), payload)


def settle_overdue(now: datetime) -> None:
    """Queued deeds whose time has come go on; those without an answer are said to be unknown."""
    queued = Deed.objects.filter(state=DeedState.QUEUED, due_at__lte=now)
    for pk in queued.values_list("pk", flat=True):
        jobs.act_later(pk)
    with transaction.atomic():
        rows = Deed.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        lost = list(rows.filter(state=DeedState.SENDING, due_at__lte=now).select_related("order"))
        facts = []
        for row in lost:
            row.state, row.due_at, row.settled_at = DeedState.UNKNOWN, None, now
            _explain(row, why(Reason.NO_ANSWER))
            row.save(update_fields=["state", "due_at", "settled_at", *_SAID])
            facts.append(_settled(row, row.order.contact_id))
        record_many(facts, now=now)
