"""One telling: sign, send through the guarded client, note the outcome, try again later or pause.

Standard Webhooks: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature`` over the raw body.
"""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from standardwebhooks import Webhook as Signer

from sportello.automation.webhooks import jobs, outside
from sportello.automation.webhooks.models import TellState, Webhook, WebhookDelivery
from sportello.core.models import Event
from sportello.core.net import Net, NetError

log = structlog.get_logger(__name__)

BACK_OFF = (5, 60, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
"""Seconds before the second try, the third, …"""
PAUSE_AFTER = 15
"""Failed tries in a row, over all events, until the webhook is paused."""
TIMEOUT = 10.0
MAX_ANSWER = 64 * 1024


@cache
def _net() -> Net:
    """One client for the process: it keeps connections for a while."""
    return Net.from_environ()


def message_id(event_id: int) -> str:
    """The same for every try and every replay: receivers forget doubles by it."""
    return f"evt_{event_id}"


def body_of(event: Event) -> str:
    """What is sent: ids, enums and numbers. Whoever wants words asks the API, with its rights."""
    fact = outside.facts([event])[0]
    at = fact.pop("occurred_at")
    body: dict[str, Any] = {"type": fact.pop("type"), "timestamp": _z(at), "data": fact}
    return json.dumps(body, separators=(",", ":"))


def headers_of(hook: Webhook, event: Event, body: str, *, now: datetime) -> dict[str, str]:
    """Signed with the current secret, and with the previous one while receivers change over."""
    kept = hook.secrets
    signatures = [
        Signer(kept[name]).sign(message_id(event.pk), now, body)
        for name in ("current", "previous")
        if kept.get(name)
    ]
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id(event.pk),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def tell(delivery_id: int, *, now: datetime, net: Net | None = None) -> None:
    """One try. Harmless when it was told already, switched off or paused."""
    delivery = WebhookDelivery.objects.select_related("webhook").filter(pk=delivery_id).first()
    if delivery is None or delivery.state != TellState.WAITING:
        return
    hook = delivery.webhook
    if not hook.is_active or hook.paused_at:
        return
    event = Event.objects.filter(pk=delivery.event_id).first()
    if event is None:
        return
    body = body_of(event)
    status, error = _send(hook, event, body, now=now, net=net or _net())
    _note(delivery, status, error, now=now)


def _send(
    hook: Webhook, event: Event, body: str, *, now: datetime, net: Net
) -> tuple[int | None, str]:
    """(status, why not). The answer's body is nobody's business: it may come from inside."""
    try:
        answer = net.http.post(
            hook.url,
            content=body.encode(),
            headers=headers_of(hook, event, body, now=now),
            timeout=TIMEOUT,
            max_bytes=MAX_ANSWER,
        )
    except NetError as error:
        return None, type(error).__name__
    good = 200 <= answer.status_code < 300
    return answer.status_code, "" if good else f"Answered {answer.status_code}."


def _note(delivery: WebhookDelivery, status: int | None, error: str, *, now: datetime) -> None:
    with transaction.atomic():
        row = WebhookDelivery.objects.select_for_update(no_key=True).get(pk=delivery.pk)
        row.attempts, row.status_code, row.error = row.attempts + 1, status, error[:300]
        if not error:
            row.state, row.settled_at = TellState.DELIVERED, now
            Webhook.objects.filter(pk=row.webhook_id).exclude(failures=0).update(failures=0)
        else:
            _failed(row, status, now=now)
        row.save()


def _failed(row: WebhookDelivery, status: int | None, *, now: datetime) -> None:
    Webhook.objects.filter(pk=row.webhook_id).update(failures=F("failures") + 1)
    hook = Webhook.objects.select_for_update(no_key=True).get(pk=row.webhook_id)
    if status == 410:
        _pause(hook, "The receiver says that it is gone (410).", now=now)
    elif hook.failures >= PAUSE_AFTER:
        _pause(hook, f"{hook.failures} tries in a row have failed.", now=now)
    if row.attempts > len(BACK_OFF):
        row.state, row.settled_at = TellState.FAILED, now
    elif not hook.paused_at:
        wait = BACK_OFF[row.attempts - 1] * random.uniform(1.0, 1.2)  # noqa: S311  (jitter)
        row.due_at = now + timedelta(seconds=wait)
        jobs.tell_later(row.pk, at=row.due_at)


def _pause(hook: Webhook, reason: str, *, now: datetime) -> None:
    if hook.paused_at:
        return
    hook.paused_at, hook.paused_reason = now, reason
    hook.save(update_fields=["paused_at", "paused_reason"])
    log.warning("webhook.paused", webhook=hook.pk, reason=reason)


def _z(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
