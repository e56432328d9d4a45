"""Who wrote: the identity and the contact behind each arrival, and whether he still wants to hear from us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sportello.channels.contract import Address
from sportello.contacts import consents
from sportello.contacts.models import Identity, Proof
from sportello.contacts.resolve import Key, Known, claim, key_of, resolve
from sportello.core import sql
from sportello.core.events import Fact
from sportello.tickets.arrival import Arrival
from sportello.tickets.inbound.placing import Named
from sportello.tickets.models import Ticket


def resolve_senders(
    arrivals: Sequence[Arrival], named: dict[int, Named], facts: list[Fact], *, now: datetime
) -> dict[tuple[Key, int], Known]:
    """(address, thread of its token or 0) → identity and contact.

    Whoever answers with the secret token from an address of the ticket's requester, even a claimed
    one, has shown that he reads it.
    """
    owned_by: dict[Key, int] = {}
    strangers: list[Address] = []
    for arrival in arrivals:
        sender, key = arrival.inbound.sender, key_of(arrival.inbound.sender)
        thread = _shown_to(arrival, named)
        if thread and key in thread.own and thread.own[key].proof == "claimed":
            owned_by[key] = thread.place.contact_id
            sender = Address(
                sender.kind, sender.address, sender.name, verified=True, how="mail_token"
            )
        strangers.append(sender)
    signed = _signed_in(arrivals, now=now)
    known = resolve(strangers, now=now, owned_by=owned_by | signed)
    _adopt(signed, known)
    facts += claim(
        [
            (known[key_of(a.inbound.sender)].contact_id, address)
            for a in arrivals
            for address in a.inbound.claimed
            if not address.verified
        ],
        now=now,
    )
    senders: dict[tuple[Key, int], Known] = {}
    for arrival in arrivals:
        key = key_of(arrival.inbound.sender)
        thread = named.get(arrival.claim.thread_id) if arrival.claim else None
        senders[key, arrival.claim.thread_id if arrival.claim else 0] = known[key]
        if thread and key in thread.own:
            thread.own[key] = known[key]
    return senders


def _shown_to(arrival: Arrival, named: dict[int, Named]) -> Named | None:
    """What the token opens, where it went to the requester: an agent's proves nothing about him."""
    if arrival.claim is None or arrival.claim.agent_id is not None:
        return None
    return named.get(arrival.claim.thread_id)


def _signed_in(arrivals: Sequence[Arrival], *, now: datetime) -> dict[Key, int]:
    """Visitors whose site vouches for who they are join the contact of that identity."""
    vouched = {
        key_of(a.inbound.sender): address
        for a in arrivals
        for address in a.inbound.claimed
        if address.verified
    }
    if not vouched:
        return {}
    owners = resolve(list(vouched.values()), now=now)
    return {visitor: owners[key_of(address)].contact_id for visitor, address in vouched.items()}


def _adopt(signed: dict[Key, int], known: dict[Key, Known]) -> None:
    """A visitor who chatted as nobody and then signed in brings his tickets along."""
    for key, contact_id in signed.items():
        visitor = known[key]
        if visitor.contact_id == contact_id:
            continue
        Identity.objects.filter(pk=visitor.identity_id).update(contact_id=contact_id)
        if (
            not Identity.objects.filter(contact_id=visitor.contact_id)
            .exclude(proof=Proof.CLAIMED)
            .exists()
        ):
            Ticket.objects.filter(contact_id=visitor.contact_id).update(contact_id=contact_id)
        known[key] = Known(visitor.identity_id, contact_id, Proof.VERIFIED)


def sender_of(arrival: Arrival, senders: dict[tuple[Key, int], Known]) -> Known:
    return senders[key_of(arrival.inbound.sender), arrival.claim.thread_id if arrival.claim else 0]


_WRITES_AGAIN = """
UPDATE contacts_identity SET opted_out_at = NULL
WHERE id = ANY(%s) AND opted_out_at IS NOT NULL RETURNING id
"""


def note_opting_out(arrivals: Sequence[Arrival], known: Sequence[Known], *, now: datetime) -> None:
    """STOP is honoured until the same address writes anything else."""
    out = {
        k.identity_id for a, k in zip(arrivals, known, strict=True) if a.inbound.meta.get("opt_out")
    }
    back = {k.identity_id for k in known} - out
    if out:
        Identity.objects.filter(pk__in=out).update(opted_out_at=now)
        consents.note_stop(list(out), now=now)
    if any(a.mouth.provider.conversational for a in arrivals):
        consents.note_return([row[0] for row in sql.fetch(_WRITES_AGAIN, [sorted(back)])], now=now)
