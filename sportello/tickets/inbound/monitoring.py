"""Monitor or engage: which of the things said in public become tickets, and which are only watched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from sportello.accounts.models import Agent, Team
from sportello.accounts.queries import rights_of
from sportello.channels.contract import Inbound
from sportello.channels.models import Engage, SpoolItem
from sportello.channels.queries import Mouth, mouths
from sportello.contacts.resolve import key_of
from sportello.core.sweeps import sweep
from sportello.tickets.arrival import raw_of
from sportello.tickets.models import Message, Monitored, Thread

LOW = 3
"""Stars out of five that want an answer, and fewer."""
ASKS = re.compile(
    r"[?？؟]|\b(?:come mai|quando|quanto costa|dove|perch[eé]|avete|potete|si può|how|when|where|why|can you|could you|do you|is there|what)\b",
    re.IGNORECASE,
)


def is_left_alone(mouth: Mouth, inbound: Inbound) -> bool:
    """Whether the channel's rule keeps this from becoming a ticket by itself. Asks the database last."""
    if mouth.engage == Engage.ALL or not inbound.is_public:
        return False
    if mouth.engage == Engage.ADDRESSED and _wants_an_answer(inbound):
        return False
    return not _goes_on(mouth, inbound)


def _wants_an_answer(inbound: Inbound) -> bool:
    if inbound.rating is not None:
        return inbound.rating <= LOW or inbound.addressed
    return inbound.addressed or bool(ASKS.search(inbound.text))


def _goes_on(mouth: Mouth, inbound: Inbound) -> bool:
    """Part of a talk that we are in, here already, or wanted by an agent."""
    kind, address = key_of(inbound.sender)
    return (
        Monitored.objects.filter(
            channel_id=mouth.id, external_id=inbound.external_id, wanted_at__isnull=False
        ).exists()
        or Message.objects.filter(channel_id=mouth.id, external_id=inbound.external_id).exists()
        or (
            bool(inbound.thread_ref)
            and Thread.objects.filter(
                channel_id=mouth.id,
                external_ref=inbound.thread_ref,
                identity__kind=kind,
                identity__address=address,
            ).exists()
        )
    )


def keep(rows: Iterable[tuple[int, str, int, datetime]]) -> None:
    """Rows: channel, external id, spool item, received at. In the applier's transaction; the first one counts."""
    Monitored.objects.bulk_create(
        [Monitored(channel_id=c, external_id=e, item_id=i, received_at=at) for c, e, i, at in rows],
        ignore_conflicts=True,
    )


def forget_opened(pairs: Iterable[tuple[int, str]]) -> None:
    """What an agent wanted is a ticket now."""
    ids = [external_id for _, external_id in pairs]
    if ids:
        channels = {channel for channel, _ in pairs}
        wanted = Monitored.objects.filter(wanted_at__isnull=False, external_id__in=ids)
        wanted.filter(channel_id__in=channels).delete()


@sweep("monitored", every=3600)
def forget_old(now: datetime) -> None:
    """Raw originals are let go of after the company's days, and with them what is only watched."""
    there = SpoolItem.objects.filter(pk=OuterRef("item_id"))
    Monitored.objects.filter(~Exists(there)).delete()


@dataclass(frozen=True, slots=True)
class Watched:
    """One monitored item with its words."""

    row: Monitored
    mouth: Mouth
    inbound: Inbound | None
    """None when its raw original can no longer be read."""


def channels_of(agent: Agent) -> list[Mouth]:
    """Channels with public items where he may answer."""
    rights = rights_of(agent)
    private = set(Team.objects.filter(is_private=True).values_list("pk", flat=True))
    return [
        m
        for m in mouths().values()
        if m.provider.capabilities.public
        and rights.answers(m.team_id, m.team_id in private, m.brand_id)
    ]


def watched(channels: Iterable[int], *, before: int | None, most: int) -> Iterator[Watched]:
    """Newest first, the words read from the raw originals."""
    known = mouths()
    rows = Monitored.objects.filter(channel_id__in=list(channels)).select_related("item")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    for row in rows.order_by("-pk")[:most]:
        mouth = known[row.channel_id]
        try:
            parsed = mouth.provider.parse(raw_of(row.item), mouth.settings)
        except Exception:
            parsed = []  # an older version took it: it is shown without words and can still be opened
        found = (p for p in parsed if isinstance(p, Inbound) and p.external_id == row.external_id)
        yield Watched(row, mouth, next(found, None))
