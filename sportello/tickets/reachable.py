"""On which channels a ticket's customer can be answered now, and why not on the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sportello.channels.queries import Mouth, mouths
from sportello.contacts.models import Identity, Proof
from sportello.tickets.models import Direction, Message, Thread, Ticket


@dataclass(frozen=True, slots=True)
class Way:
    """One channel to one address. `shut_since` is when its reply window closed."""

    mouth: Mouth
    identity: Identity
    thread: Thread | None = None
    window_until: datetime | None = None
    shut_since: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.shut_since is None


def reachable(ticket: Ticket, *, now: datetime) -> list[Way]:
    """Open ways first, the one the customer used last before all others."""
    identities = list(Identity.objects.filter(contact_id=ticket.contact_id).order_by("id"))
    threads = list(Thread.objects.filter(ticket=ticket).order_by("last_message_at", "id"))
    used = _last_used(ticket)
    ways: dict[tuple[int, str], Way] = {}
    for mouth in mouths().values():
        if (
            not mouth.is_active
            or mouth.brand_id != ticket.brand_id
            or not mouth.provider.capabilities.outbound
        ):
            continue
        thread = next((t for t in reversed(threads) if t.channel_id == mouth.id), None)
        if mouth.provider.identity_kind == "visitor" and thread is None:
            continue
        identity = _address(mouth, identities, thread)
        if identity is not None:
            ways[(mouth.id, identity.address)] = _way(mouth, identity, thread, now)
    return sorted(
        ways.values(),
        key=lambda way: (way.mouth.id != used, not way.is_open, way.thread is None, way.mouth.id),
    )


def _last_used(ticket: Ticket) -> int | None:
    spoken = Message.objects.filter(ticket=ticket, direction=Direction.IN, is_held=False)
    newest = spoken.order_by("-id").values_list("channel_id", flat=True).first()
    return newest or next(reversed(ticket.channel_ids), None)


def _address(mouth: Mouth, identities: list[Identity], thread: Thread | None) -> Identity | None:
    """The address of the thread; else the best proven one of the right kind."""
    fitting = [i for i in identities if i.kind == mouth.provider.identity_kind]
    if thread is not None:
        own = next((i for i in fitting if i.pk == thread.identity_id), None)
        if own is not None:
            return own
    order = {Proof.VERIFIED: 0, Proof.NONE: 1, Proof.CLAIMED: 2}
    return min(fitting, key=lambda i: (order[Proof(i.proof)], i.pk), default=None)


def _way(mouth: Mouth, identity: Identity, thread: Thread | None, now: datetime) -> Way:
    if not mouth.provider.capabilities.reply_window:
        return Way(mouth, identity, thread)
    until = thread.window_until if thread else None
    if until is not None and until > now:
        return Way(mouth, identity, thread, until)
    return Way(mouth, identity, thread, None, until or (thread.last_message_at if thread else now))
