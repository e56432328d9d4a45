"""Somebody walked in: who he is, what it is about, what he left here."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.channels.models import Channel
from sportello.contacts import actions as people
from sportello.contacts import addresses
from sportello.contacts.models import Contact
from sportello.contacts.queries import owner_of
from sportello.core.actors import Actor
from sportello.tickets.actions.opening import identity_for, open_ticket
from sportello.tickets.actions.working import BadValue
from sportello.tickets.models import Ticket

KIND = "counter"


def take_in(
    *,
    channel: Channel,
    subject: str,
    text: str,
    actor: Actor,
    now: datetime,
    contact: Contact | None = None,
    name: str = "",
    phone: str = "",
    email: str = "",
    handed_over: str = "",
) -> Ticket:
    """A ticket at this counter. An address that is known names the customer; unknown ones become his.

    Raises `BadValue`, `addresses.BadAddress`, and `people.AddressRefused` when the addresses are of two people.
    """
    given = [(kind, value) for kind, value in (("phone", phone), ("email", email)) if value.strip()]
    if contact is None and not (name.strip() or given):
        raise BadValue(_("Write at least a name, a telephone number or an e-mail address."))
    clean = [addresses.clean(kind, value) for kind, value in given]
    left = handed_over.strip()
    if left:
        text = f"{text.strip()}\n\n{_('Handed over: %(things)s') % {'things': left}}".strip()
    with transaction.atomic():
        contact = contact or _known(clean) or people.create_contact(name=name, actor=actor, now=now)
        for kind, value in clean:
            people.add_identity(contact=contact, kind=kind, address=value, actor=actor, now=now)
        if identity_for(contact.pk, channel) is None:
            people.add_identity(
                contact=contact, kind=KIND, address=f"{contact.pk}", actor=actor, now=now
            )
        return open_ticket(
            contact=contact, subject=subject, text=text, channel=channel, actor=actor, now=now
        )


def _known(given: list[tuple[str, str]]) -> Contact | None:
    owners = (owner_of(kind, value) for kind, value in given)
    return next((owner.contact for owner in owners if owner), None)
