"""On which channels a ticket's customer can be answered now, at what price, and why not on the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, QuerySet

from sportello.channels.models import ApprovedText
from sportello.channels.queries import Mouth, mouths
from sportello.channels.templates import APPROVED
from sportello.contacts.consents import by_kind
from sportello.contacts.ledger import Purpose
from sportello.contacts.models import Identity, Proof
from sportello.contacts.queries import identities_of
from sportello.core import sql
from sportello.core.compiled import compiled
from sportello.tickets.models import CALL, DeliveryState, Direction, Message, Thread, Ticket
from sportello.tickets.ways.windows import Window, window_of

ARRIVED = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)
_RANK = {Proof.VERIFIED: 0, Proof.NONE: 1, Proof.CLAIMED: 2}


class Shut(StrEnum):
    """Why a channel cannot carry this answer."""

    WINDOW = "window"
    """The customer wrote too long ago (or never): only an approved template may go."""
    OPTED_OUT = "opted_out"
    """He asked not to be written to at this address."""
    REFUSED = "refused"
    """He said no to service messages there. Where he writes himself he is answered all the same."""


class Consent(StrEnum):
    """What the ledger says of service messages there. An answer needs no more than `UNKNOWN`."""

    UNKNOWN = "unknown"
    GIVEN = "given"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Way:
    """One channel to one address."""

    mouth: Mouth
    identity: Identity
    thread: Thread | None = None
    window: Window | None = None
    shut: Shut | None = None
    templates: int = 0
    """How many approved texts the channel has, which may go though the window is shut."""
    consent: Consent = Consent.UNKNOWN
    arrived_at: datetime | None = None
    """When we last got through to this address by this channel, on whatever ticket."""
    preferred: bool = False
    """The customer wrote on this ticket here last."""
    wanted: bool = False
    """His profile says that he would rather be answered so."""

    @property
    def in_public(self) -> bool:
        """Strangers would read the answer: by its talk; without one, by what the channel is."""
        limits = self.mouth.provider.capabilities
        if self.thread is not None:
            return self.thread.is_public
        return limits.public and not limits.private_too

    @property
    def is_open(self) -> bool:
        """Free text may leave."""
        return self.shut is None

    @property
    def by_template(self) -> bool:
        return self.shut is Shut.WINDOW and self.templates > 0

    @property
    def usable(self) -> bool:
        return self.is_open or self.by_template

    @property
    def closes_at(self) -> datetime | None:
        """When free text stops being allowed; a person may have longer than a program."""
        return (self.window.human_until or self.window.until) if self.window else None

    @property
    def is_neutral(self) -> bool:
        """The address was only typed somewhere: a line and a link go there, no word of anybody."""
        return self.identity.proof == Proof.CLAIMED


def reachable(ticket: Ticket, *, now: datetime) -> list[Way]:
    """The way the customer used last before all others, then the one he wants, then open ones, then cheap ones, then shut ones."""
    found = {mouth.id: (mouth, identity, thread) for mouth, identity, thread in _addressed(ticket)}
    arrived, used = _arrived(ticket.contact_id), _last_used(ticket)
    said = by_kind(ticket.contact_id, Purpose.SERVICE)
    shut: dict[int, Shut] = {}
    for mouth, identity, thread in found.values():
        reason = _shut(mouth, identity, thread, now)
        if reason is None and mouth.id != used and not said.get(identity.kind, said.get("", True)):
            reason = Shut.REFUSED
        if reason is not None:
            shut[mouth.id] = reason
    templates = _templates(
        [m.id for m, _identity, _thread in found.values() if m.provider.capabilities.templates]
    )
    ways = [
        Way(
            mouth,
            identity,
            thread,
            window_of(thread, mouth.provider, mouth.settings),
            shut.get(mouth.id),
            templates.get(mouth.id, 0),
            _consent(identity, said),
            arrived.get((mouth.id, identity.address)),
            mouth.id == used,
            identity.kind == ticket.contact.preferred_channel,
        )
        for mouth, identity, thread in found.values()
    ]
    return sorted(ways, key=_order)


def _order(way: Way) -> tuple[object, ...]:
    return (
        not (way.preferred and way.is_open),
        not (way.wanted and way.is_open),
        not way.preferred,
        not way.is_open,
        not way.usable,
        way.is_neutral,
        way.thread is None,
        way.mouth.cost or 0,
        way.mouth.id,
    )


def next_best(ways: list[Way], without: set[int]) -> Way | None:
    """The best way that is none of these channels: where an answer goes that did not arrive."""
    return next((way for way in ways if way.usable and way.mouth.id not in without), None)


def _addressed(ticket: Ticket) -> list[tuple[Mouth, Identity, Thread | None]]:
    """Every channel of the ticket's brand for which the contact has an address, on this ticket or not."""
    identities = identities_of(contact=ticket.contact_id)
    threads = _threads(ticket=ticket.pk)
    found = []
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
            found.append((mouth, identity, thread))
    return found


@compiled
def _threads(*, ticket: Any) -> QuerySet[Thread]:
    return Thread.objects.filter(ticket_id=ticket).order_by("last_message_at", "id")


def _last_used(ticket: Ticket) -> int | None:
    newest = _spoken(ticket=ticket.pk)
    return (newest[0][0] if newest else None) or next(reversed(ticket.channel_ids), None)


@compiled
def _spoken(*, ticket: Any) -> QuerySet[Message, tuple[int | None]]:
    # Who called is not answered on the telephone by what somebody types.
    spoken = Message.objects.filter(ticket_id=ticket, direction=Direction.IN, is_held=False)
    return spoken.exclude(nature=CALL).order_by("-id").values_list("channel_id")[:1]


def _address(mouth: Mouth, identities: list[Identity], thread: Thread | None) -> Identity | None:
    """The address of the thread; else the best proven one of the right kind."""
    fitting = [i for i in identities if i.kind == mouth.provider.identity_kind]
    if thread is not None:
        own = next((i for i in fitting if i.pk == thread.identity_id), None)
        if own is not None:
            return own
    return min(fitting, key=lambda i: (_RANK[Proof(i.proof)], i.pk), default=None)


def _shut(mouth: Mouth, identity: Identity, thread: Thread | None, now: datetime) -> Shut | None:
    if identity.opted_out_at is not None:
        return Shut.OPTED_OUT
    window = window_of(thread, mouth.provider, mouth.settings)
    return None if window.open_at(now) else Shut.WINDOW


def _consent(identity: Identity, said: Mapping[str, bool]) -> Consent:
    given = said.get(identity.kind, said.get(""))
    if identity.opted_out_at is not None or given is False:
        return Consent.REFUSED
    return Consent.GIVEN if given else Consent.UNKNOWN


def _templates(channels: list[int]) -> Mapping[int, int]:
    if not channels:
        return {}
    rows = ApprovedText.objects.filter(channel_id__in=channels, status=APPROVED)
    return dict(rows.order_by().values_list("channel_id").annotate(n=Count("pk")))


def _arrived(contact_id: int) -> dict[tuple[int, str], datetime]:
    """Of each channel and address: when something of ours got there last."""
    rows = sql.fetch(_GOT_THROUGH, [contact_id, [state.value for state in ARRIVED]])
    return {(channel, address): at for channel, address, at in rows}


_GOT_THROUGH = """
SELECT d.channel_id, d.recipient ->> 'address', max(d.created_at)
FROM tickets_ticket t JOIN tickets_message m ON m.ticket_id = t.id JOIN tickets_delivery d ON d.message_id = m.id
WHERE t.contact_id = %s AND d.state = ANY(%s::text[]) GROUP BY 1, 2
"""
