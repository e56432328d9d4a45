"""What follows from every fact: a row per webhook that wants it, and a job that tells it."""

from __future__ import annotations

from collections.abc import Sequence

from sportello.automation.webhooks import jobs
from sportello.automation.webhooks.models import Webhook, WebhookDelivery
from sportello.core.clock import now
from sportello.core.consumers import consumer
from sportello.core.models import Event


def _somebody_listens() -> bool:
    return Webhook.objects.filter(is_active=True).exists()


@consumer("webhooks", listens=_somebody_listens)
def digest(events: Sequence[Event]) -> None:
    """Rows once per event and webhook, however often a batch is digested. A paused webhook's rows wait."""
    hooks = list(Webhook.objects.filter(is_active=True))
    at = now()
    wanted = [
        WebhookDelivery(
            webhook=hook, event_id=event.pk, event_type=event.type, due_at=at, created_at=at
        )
        for event in events
        for hook in hooks
        if event.recorded_at >= hook.created_at and (not hook.types or event.type in hook.types)
    ]
    told = _known(wanted)
    fresh = [row for row in wanted if (row.webhook_id, row.event_id) not in told]
    paused = {hook.pk for hook in hooks if hook.paused_at}
    for row in WebhookDelivery.objects.bulk_create(fresh):
        if row.webhook_id not in paused:
            jobs.tell_later(row.pk)


def _known(rows: Sequence[WebhookDelivery]) -> set[tuple[int, int]]:
    """The consumer runs alone, so what is not there now will not be there a moment later."""
    found = WebhookDelivery.objects.filter(
        event_id__in={row.event_id for row in rows}, webhook__in={row.webhook_id for row in rows}
    )
    return set(found.values_list("webhook_id", "event_id"))
