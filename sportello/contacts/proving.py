"""What it proves that somebody reads an address: it is his, and so is a contact that is nothing but a claim to it.

Whoever else has the address already is suggested, never merged.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from sportello.contacts import events, mailboxes
from sportello.contacts.matching import AT_MOST, Match
from sportello.contacts.merging import merge
from sportello.contacts.models import Contact, Identity, Proof, Suggestion
from sportello.contacts.names import different_people
from sportello.contacts.organizations import join_by_domain
from sportello.contacts.queries import owner_of
from sportello.contacts.suggesting import suggest
from sportello.core.actors import SYSTEM, Actor
from sportello.core.events import record, record_many


def prove(
    identity_id: int, *, how: str, actor: Actor, now: datetime, ticket_id: int | None = None
) -> Identity:
    """Its contact reads this address. Inside the caller's transaction, which holds him and his shadows.

    Comes back `verified`, or `claimed` when somebody else has the address.
    """
    identity = Identity.objects.select_related("contact").get(pk=identity_id)
    for shadow in Contact.objects.filter(pk__in=shadows_of(identity)).order_by("pk"):
        merge(contact=shadow, into=identity.contact, actor=SYSTEM, now=now)
    identity.refresh_from_db()
    identity.how, identity.proved_at = how, now
    if _own(identity):
        join_by_domain([identity.pk], now=now)
        record(
            events.IDENTITY_VERIFIED,
            ticket_id=ticket_id,
            contact_id=identity.contact_id,
            actor=actor,
            now=now,
            payload={"identity": identity.pk},
        )
        return identity
    identity.proof = Proof.CLAIMED
    identity.save(update_fields=["how", "proved_at"])
    suggest_owner(identity, now=now)
    return identity


def shadows_of(identity: Identity) -> list[int]:
    """Contacts of whom nothing is known but that they named this address: whoever reads it is they.

    Not when two names contradict, when somebody told the two apart, and never behind an address of many.
    """
    if identity.doubt or (identity.kind == "email" and mailboxes.is_office(identity.address)):
        return []
    same = {"kind": identity.kind, "address": identity.address}
    claims = Identity.objects.filter(**same, proof=Proof.CLAIMED, contact__blocked=False)
    claims = claims.exclude(contact=identity.contact_id).select_related("contact")
    rows = list(claims.order_by("contact_id")[: AT_MOST + 1])
    if len(rows) > AT_MOST:
        return []
    return [
        row.contact_id
        for row in rows
        if not row.contact.identities.exclude(**same).exists()
        and not different_people(identity.contact.name, row.contact.name)
        and not _told_apart(identity.contact_id, row.contact_id)
    ]


def _told_apart(one: int, other: int) -> bool:
    low, high = sorted([one, other])
    dismissed = Suggestion.objects.filter(state=Suggestion.State.DISMISSED)
    return dismissed.filter(first=low, second=high).exists()


def _own(identity: Identity) -> bool:
    """His from now on, unless somebody else has it."""
    owner = owner_of(identity.kind, identity.address)
    if owner is not None and owner.contact_id != identity.contact_id:
        return False
    try:
        with transaction.atomic():
            identity.proof = Proof.VERIFIED
            identity.save(update_fields=["proof", "how", "proved_at"])
    except IntegrityError:
        return False
    return True


def suggest_owner(identity: Identity, *, now: datetime) -> None:
    """He has shown that he reads an address that somebody else writes from: one person, perhaps.

    Inside the caller's transaction.
    """
    owner = owner_of(identity.kind, identity.address)
    if owner is None or owner.contact_id == identity.contact_id or owner.doubt:
        return
    if identity.kind == "email" and mailboxes.is_office(identity.address):
        return
    if different_people(identity.contact.name, owner.contact.name):
        return
    match = Match(identity.contact_id, owner.contact_id, "proved", identity.kind, identity.address)
    record_many(suggest([match], now=now), now=now)
