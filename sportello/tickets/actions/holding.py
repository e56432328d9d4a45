"""Verbs about who takes part: held messages, copies, and proving a claimed address."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from sportello.contacts.models import Identity, Proof
from sportello.contacts.proving import suggest_owner
from sportello.contacts.resolve import normalise
from sportello.core.actors import Actor
from sportello.core.events import Fact, record, record_many
from sportello.tickets import events
from sportello.tickets.actions.joining import move_to_new_ticket
from sportello.tickets.actions.working import BadValue
from sportello.tickets.identifying.proving import token_hash
from sportello.tickets.locking import check_answers, lock
from sportello.tickets.models import Message, Participant, Proving, Status, Thread, Ticket
from sportello.tickets.preview import preview_of


def accept_held(*, message: Message, actor: Actor, now: datetime) -> Message:
    """Yes, this sender belongs here: the message counts, and he gets copies from now on."""
    with transaction.atomic():
        ticket = lock(message.ticket)
        check_answers(ticket, actor)
        updated = Message.objects.filter(pk=message.pk, is_held=True).update(is_held=False)
        message.refresh_from_db()
        if not updated:
            return message
        facts = [
            Fact(events.HELD_ACCEPTED, ticket.pk, ticket.contact_id, actor, {"message": message.pk})
        ]
        identity = message.identity
        if identity is not None and identity.kind == "email" and message.thread is not None:
            facts.append(_activate(message.thread, identity.address, identity.display, actor))
        _count_in(ticket, message, now=now)
        record_many(facts, now=now)
    return message


def _count_in(ticket: Ticket, message: Message, *, now: datetime) -> None:
    ticket.last_inbound_id = max(ticket.last_inbound_id or 0, message.pk)
    ticket.last_message_at = max(ticket.last_message_at, message.created_at)
    ticket.last_author, ticket.preview = "contact", preview_of(message.text)
    ticket.waiting_since = ticket.waiting_since or message.created_at
    if ticket.status in {Status.PENDING, Status.ON_HOLD, Status.SOLVED}:
        ticket.status, ticket.solved_at = Status.OPEN, None
    ticket.updated_at = now
    ticket.save()


def refuse_held(*, message: Message, actor: Actor, now: datetime) -> Ticket:
    """No: the message becomes a ticket of its sender's own; he learns nothing of this one."""
    with transaction.atomic():
        ticket = lock(message.ticket)
        check_answers(ticket, actor)
        message = Message.objects.select_related("identity__contact", "channel").get(
            pk=message.pk, is_held=True
        )
        identity = message.identity
        if identity is None:
            raise BadValue(_("The sender of this message is gone."))
        own = move_to_new_ticket(message, ticket, contact=identity.contact, now=now)
        Message.objects.filter(pk=message.pk).update(is_held=False)
        payload = {"message": message.pk, "into": own.pk}
        record_many(
            [
                Fact(events.HELD_REFUSED, ticket.pk, ticket.contact_id, actor, payload),
                Fact(
                    events.TICKET_OPENED,
                    own.pk,
                    own.contact_id,
                    actor,
                    {"channel": message.channel_id},
                ),
            ],
            now=now,
        )
    return own


def add_participant(
    *, thread: Thread, address: str, actor: Actor, now: datetime, name: str = ""
) -> Participant:
    """Send copies of this thread's mails to somebody else. Raises `BadValue` for what is no address."""
    address = normalise("email", address)
    try:
        validate_email(address)
    except ValidationError as error:
        raise BadValue(_("This is not an e-mail address.")) from error
    with transaction.atomic():
        ticket = lock(thread.ticket)
        check_answers(ticket, actor)
        record_many([_activate(thread, address, name, actor)], now=now)
    return Participant.objects.get(thread=thread, address=address)


def _activate(thread: Thread, address: str, name: str, actor: Actor) -> Fact:
    row, _made = Participant.objects.update_or_create(
        thread=thread,
        address=address,
        defaults={"is_active": True, "added_by": str(actor)},
        create_defaults={"name": name[:200], "is_active": True, "added_by": str(actor)},
    )
    return _changed(row, thread, actor)


def _changed(row: Participant, thread: Thread, actor: Actor) -> Fact:
    payload = {"thread": thread.pk, "participant": row.pk, "active": row.is_active}
    return Fact(events.PARTICIPANT_CHANGED, thread.ticket_id, None, actor, payload)


def remove_participant(*, participant: Participant, actor: Actor, now: datetime) -> None:
    """No more copies for him."""
    with transaction.atomic():
        thread = participant.thread
        ticket = lock(thread.ticket)
        check_answers(ticket, actor)
        participant.is_active = False
        participant.save(update_fields=["is_active"])
        record_many([_changed(participant, thread, actor)], now=now)


def proving_of(token: str, *, now: datetime) -> Proving | None:
    """The link's purpose, if the token is whole and not expired. Reading it changes nothing."""
    if len(token) != 43:
        return None
    return (
        Proving.objects.select_related("contact", "ticket__brand")
        .filter(token_hash=token_hash(token), expires_at__gt=now)
        .first()
    )


def prove_address(*, token: str, now: datetime) -> Proving | None:
    """Whoever opened the link reads that mailbox: the claimed address becomes the contact's own.

    When somebody else owns the address, it stays claimed and the two are suggested: nothing is merged here.
    """
    proving = proving_of(token, now=now)
    if proving is None:
        return None
    with transaction.atomic():
        if proving.used_at is None:
            Proving.objects.filter(pk=proving.pk).update(used_at=now)
        owned = Identity.objects.filter(kind=proving.kind, address=proving.address).exclude(
            proof=Proof.CLAIMED
        )
        identity = Identity.objects.filter(
            contact=proving.contact, kind=proving.kind, address=proving.address, proof=Proof.CLAIMED
        ).first()
        if identity is not None and owned.exists():
            suggest_owner(identity, now=now)
        elif identity is not None:
            identity.proof, identity.how, identity.proved_at = Proof.VERIFIED, "link", now
            identity.save(update_fields=["proof", "how", "proved_at"])
            record(
                events.IDENTITY_VERIFIED,
                ticket_id=proving.ticket_id,
                contact_id=proving.contact_id,
                actor=Actor.contact(proving.contact_id),
                now=now,
                payload={"identity": identity.pk},
            )
    return proving
