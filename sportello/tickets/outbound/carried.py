"""What channels carried lately, and what did not get through: the figures of the channel page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q

from sportello.core import sql
from sportello.tickets.models import Delivery, DeliveryState
from sportello.tickets.outbound.failures import Trouble, trouble_of

LATELY = timedelta(days=1)
REASONS = 50
"""How many different reasons of one day are read."""


@dataclass(slots=True)
class Carried:
    """One channel's last day."""

    last_in: datetime | None = None
    last_out: datetime | None = None
    waiting: int = 0
    """Answers that have not left yet."""
    unconfirmed: int = 0
    retry_at: datetime | None = None
    """The vendor asked us to come back: nothing refused leaves before."""
    retry_reason: str = ""
    arrived: int = 0
    failed: int = 0
    failures: dict[tuple[Trouble, str], int] = field(default_factory=dict)
    """(kind, the vendor's own words where the kind tells nothing) → how many."""

    def failed_by(self, trouble: Trouble) -> int:
        return sum(n for (kind, _reason), n in self.failures.items() if kind is trouble)


_NEWEST = """
SELECT c.id,
  greatest(
    (SELECT m.created_at FROM tickets_message m WHERE m.channel_id = c.id AND m.direction = 'in' ORDER BY m.id DESC LIMIT 1),
    (SELECT w.received_at FROM tickets_monitored w WHERE w.channel_id = c.id ORDER BY w.id DESC LIMIT 1)),
  (SELECT d.settled_at FROM tickets_delivery d
    WHERE d.channel_id = c.id AND d.state IN ('sent', 'delivered', 'read') ORDER BY d.id DESC LIMIT 1)
FROM unnest(%s::bigint[]) AS c(id)
"""


def carried(channels: Sequence[int], *, now: datetime) -> dict[int, Carried]:
    """Of each of these channels."""
    found = {channel: Carried() for channel in channels}
    for channel, last_in, last_out in sql.fetch(_NEWEST, [list(channels)]):
        found[channel].last_in, found[channel].last_out = last_in, last_out
    _leaving(found, now)
    _settled(found, now)
    return found


def _leaving(found: dict[int, Carried], now: datetime) -> None:
    again = Q(state=DeliveryState.QUEUED, attempts__gt=0, due_at__gt=now)
    rows = (
        Delivery.objects.filter(channel__in=found)
        .filter(state__in=["held", "queued", "sending", "unknown"])
        .values_list("channel")
        .annotate(
            waiting=Count("pk", filter=~Q(state=DeliveryState.UNKNOWN)),
            unconfirmed=Count("pk", filter=Q(state=DeliveryState.UNKNOWN)),
            retry_at=Max("due_at", filter=again),
            reason=Max("reason", filter=again),
        )
    )
    for channel, waiting, unconfirmed, retry_at, reason in rows:
        one = found[channel]
        one.waiting, one.unconfirmed = waiting, unconfirmed
        one.retry_at, one.retry_reason = retry_at, reason or ""


def _settled(found: dict[int, Carried], now: datetime) -> None:
    recent = Delivery.objects.filter(channel__in=found, settled_at__gt=now - LATELY)
    failed = recent.filter(state=DeliveryState.FAILED).values_list("channel", "reason")
    counted = failed.annotate(n=Count("pk")).order_by("-n")
    for channel, reason, n in counted[: REASONS * len(found)]:
        one, trouble = found[channel], trouble_of(reason)
        kind = trouble, reason if trouble is Trouble.OTHER else ""
        one.failures[kind] = one.failures.get(kind, 0) + n
        one.failed += n
    arrived = recent.filter(
        state__in=[DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ]
    )
    for channel, n in arrived.values_list("channel").annotate(n=Count("pk")):
        found[channel].arrived = n
