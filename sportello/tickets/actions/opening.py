"""Open a ticket by hand or by program: somebody phoned, walked in, or an application noticed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.accounts.models import Brand, Team
from sportello.accounts.retention import policy
from sportello.channels.models import Channel
from sportello.contacts.models import Contact, Identity
from sportello.core.actors import Actor
from sportello.core.events import Fact, record_many
from sportello.core.plain import storable
from sportello.language.detect import language_of
from sportello.tickets import events
from sportello.tickets.actions.working import BadValue, tag_name
from sportello.tickets.confidential.covering import Cover, keep_one
from sportello.tickets.models import Direction, Message, Priority, Thread, Ticket
from sportello.tickets.preview import preview_of


def open_ticket(
    *,
    contact: Contact,
    subject: str,
    text: str,
    actor: Actor,
    now: datetime,
    channel: Channel | None = None,
    brand: Brand | None = None,
    team: Team | None = None,
    priority: str = Priority.NORMAL,
    tags: Iterable[str] = (),
) -> Ticket:
    """A ticket with the customer's words as its first message. With a channel, it is answered there."""
    if priority not in Priority.values:
        raise BadValue(
            _("Priority is one of %(choices)s.") % {"choices": ", ".join(Priority.values)}
        )
    if not (subject.strip() or text.strip()):
        raise BadValue(_("A ticket needs a subject or a text."))
    brand = brand or (channel.brand if channel else Brand.objects.order_by("pk").first())
    if brand is None:
        raise BadValue(_("There is no brand yet."))
    cover = Cover(policy().covered_kinds)
    subject = cover.text("subject", storable(subject).strip()[:500])
    text = cover.text("text", storable(text))
    with transaction.atomic():
        ticket = Ticket.objects.create(
            subject=subject or preview_of(text)[:120],
            brand=brand,
            contact=contact,
            organization_id=contact.organization_id,
            team=team or (channel.team if channel else None),
            priority=priority,
            tags=[tag for tag in dict.fromkeys(tag_name(t) for t in tags) if tag],
            language=language_of(f"{subject}\n{text}"),
            created_at=now,
            updated_at=now,
            last_message_at=now,
            waiting_since=now,
            preview=preview_of(text),
            channel_ids=[channel.pk] if channel else [],
        )
        ticket.refresh_from_db()
        thread, identity = _thread(ticket, channel, now=now)
        message = Message.objects.create(
            ticket=ticket,
            thread=thread,
            channel=channel,
            direction=Direction.IN,
            identity=identity,
            author_name=contact.name,
            subject=ticket.subject,
            text=text,
            created_at=now,
        )
        keep_one(message.pk, cover, now=now)
        Ticket.objects.filter(pk=ticket.pk).update(last_inbound_id=message.pk)
        ticket.last_inbound_id = message.pk
        payload = {
            "channel": channel.pk if channel else None,
            "thread": thread.pk if thread else None,
        }
        record_many(
            [
                Fact(events.TICKET_OPENED, ticket.pk, contact.pk, actor, payload),
                Fact(
                    events.MESSAGE_RECEIVED,
                    ticket.pk,
                    contact.pk,
                    actor,
                    payload | {"message": message.pk, "nature": "person"},
                ),
            ],
            now=now,
        )
    return ticket


def _thread(
    ticket: Ticket, channel: Channel | None, *, now: datetime
) -> tuple[Thread | None, Identity | None]:
    if channel is None:
        return None, None
    identity = identity_for(ticket.contact_id, channel)
    if identity is None:
        raise BadValue(_("This contact has no address for %(name)s.") % {"name": channel.name})
    thread = Thread.objects.create(
        ticket=ticket, channel=channel, identity=identity, last_message_at=now, created_at=now
    )
    return thread, identity


def identity_for(contact_id: int, channel: Channel) -> Identity | None:
    """The contact's best address for a channel: proved ones first, then the oldest."""
    identities = Identity.objects.filter(contact_id=contact_id, kind=channel.code.identity_kind)
    rank = {"verified": 0, "none": 1, "claimed": 2}
    return min(identities, key=lambda i: (rank[i.proof], i.pk), default=None)
