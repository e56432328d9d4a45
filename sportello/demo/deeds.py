"""Short spellings of what agents do in the demo stories, all by the verbs of tickets."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from sportello.channels.contract import Address, File
from sportello.contacts import merging
from sportello.contacts.actions import add_identity
from sportello.contacts.models import Contact
from sportello.contacts.touchpoints import Touch, record_touchpoints
from sportello.core.actors import SYSTEM, Actor
from sportello.core.events import record
from sportello.demo import elsewhere, names
from sportello.demo.script import Attached, Deed
from sportello.demo.stage import Stage, leave
from sportello.tickets import actions
from sportello.tickets.events import MODERATION_SETTLED
from sportello.tickets.identifying.acquainting import acquaint
from sportello.tickets.inbound import media
from sportello.tickets.models import (
    Direction,
    Message,
    Moderation,
    PendingMedia,
    Status,
    Ticket,
)


def assign(who: str = "", team: str = "") -> Deed:
    """To an agent by first name, who takes it on, to a team by slug, or both."""

    def run(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> None:
        if who and Ticket.objects.filter(pk=ticket.pk, status=Status.NEW).exists():
            actions.set_status(ticket=ticket, actor=actor, now=now, status=Status.OPEN)
        actions.assign(
            ticket=ticket,
            actor=actor,
            now=now,
            assignee=stage.agents[who] if who else actions.KEEP,
            team=stage.teams[team] if team else actions.KEEP,
        )

    return run


def tags(*names: str) -> Deed:
    return lambda stage, ticket, actor, now: actions.retag(
        ticket=ticket, actor=actor, now=now, add=names
    )


def priority(level: str) -> Deed:
    return lambda stage, ticket, actor, now: actions.set_priority(
        ticket=ticket, actor=actor, now=now, priority=level
    )


def kind(name: str) -> Deed:
    return lambda stage, ticket, actor, now: actions.set_kind(
        ticket=ticket, actor=actor, now=now, kind=name
    )


def status(name: str) -> Deed:
    return lambda stage, ticket, actor, now: actions.set_status(
        ticket=ticket, actor=actor, now=now, status=name
    )


def fields(**values: str) -> Deed:
    """``ordine``, ``modello``, ``matricola``."""

    def run(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> object:
        return [
            actions.set_field(ticket=ticket, actor=actor, now=now, key=key, value=value)
            for key, value in values.items()
        ]

    return run


def snooze(until: datetime) -> Deed:
    return lambda stage, ticket, actor, now: actions.snooze(
        ticket=ticket, actor=actor, now=now, until=until
    )


def merge_into(key: str) -> Deed:
    return lambda stage, ticket, actor, now: actions.merge(
        ticket=ticket, into=stage.ticket(key), actor=actor, now=now
    )


def spam(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> object:
    return actions.mark_spam(ticket=ticket, actor=actor, now=now)


def end_chat(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> object:
    return actions.end_chat(ticket=ticket, actor=actor, now=now)


def follow(who: str) -> Deed:
    return lambda stage, ticket, actor, now: actions.follow(
        ticket=ticket, agent=stage.agents[who], actor=actor, now=now
    )


def read_by(*names: str) -> Deed:
    """These agents have read it so far."""

    def run(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> None:
        ticket.refresh_from_db()
        for name in names:
            actions.mark_read(ticket=ticket, agent=stage.agents[name], now=now)

    return run


def draft(who: str, text: str) -> Deed:
    return lambda stage, ticket, actor, now: actions.save_draft(
        ticket=ticket, agent=stage.agents[who], now=now, text=text
    )


def in_private(text: str, who: str) -> Deed:
    """Answer the comment where only its author reads it; the vendor tells who he is there."""

    def run(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> None:
        said = Message.objects.filter(ticket=ticket, direction=Direction.IN).latest("pk")
        with transaction.atomic():
            answer = actions.answer_in_private(message=said, text=text, actor=actor, now=now)
            delivery = answer.deliveries.select_related("message", "channel").get()
            leave(delivery, now=now)
        person = elsewhere.person_of(who, "messenger")
        acquaint(delivery, Address("messenger", person, verified=True, how="provider"), now=now)

    return run


def hide(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> None:
    """Out of strangers' sight, and the network said yes."""
    said = Message.objects.filter(ticket=ticket, direction=Direction.IN).latest("pk")
    with transaction.atomic():
        row = actions.hide(message=said, actor=actor, now=now)
        Moderation.objects.filter(pk=row.pk).update(attempts=1, due_at=None)
        payload = {"message": said.pk, "hidden": True, "done": True}
        record(MODERATION_SETTLED, ticket_id=ticket.pk, actor=SYSTEM, now=now, payload=payload)


def number(phone: str) -> Deed:
    """The agent notes the number that the customer has told."""
    return lambda stage, ticket, actor, now: add_identity(
        contact=_contact(ticket), kind="phone", address=phone, actor=actor, now=now
    )


def picture(photo: Attached) -> Deed:
    """What the vendor would be asked for is here already."""

    def run(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> None:
        pending = PendingMedia.objects.select_related("message").filter(message__ticket=ticket)
        media.keep(
            pending.latest("pk"), File(photo.name, photo.content_type, photo.content), now=now
        )

    return run


def take_in(key: str) -> Deed:
    """Somebody unknown is this customer, and it is the same problem: contacts and tickets become one."""

    def run(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> None:
        other = stage.ticket(key)
        into, gone = _contact(ticket), _contact(other)
        if gone.pk != into.pk:
            merging.merge(contact=gone, into=into, actor=actor, now=now)
        other.refresh_from_db()
        actions.merge(ticket=other, into=ticket, actor=actor, now=now)

    return run


def call(phone: str, minutes: int, text: str) -> Deed:
    def run(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> object:
        known = _contact(ticket).identities.filter(kind="phone", address=phone).first()
        return actions.log_call(
            ticket=ticket, text=text, minutes=minutes, identity=known, actor=actor, now=now
        )

    return run


def browsed(*looks: tuple[datetime, str, str, str]) -> Deed:
    """(moment, kind, what, path) of what the customer did on the site before he complained."""

    def run(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> None:
        site = f"https://{names.DOMAIN}"
        record_touchpoints(
            Touch(
                kind, at, what, contact_id=_contact(ticket).pk, brand_id=ticket.brand_id,
                meta={"url": f"{site}{path}"} if path else {},
            )
            for at, kind, what, path in looks
        )  # fmt: skip

    return run


def _contact(ticket: Ticket) -> Contact:
    """Whose ticket it is now: contacts may have become one since."""
    return Contact.objects.get(tickets=ticket.pk)
