"""On which thread an answer leaves, and whether free text may go there now."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from sportello.channels.models import Channel
from sportello.contacts.consents import may
from sportello.contacts.ledger import Purpose
from sportello.contacts.models import Identity
from sportello.tickets.actions.opening import identity_for
from sportello.tickets.actions.refusals import Unreachable
from sportello.tickets.models import Thread, Ticket
from sportello.tickets.ways.windows import window_of


def thread_for(ticket: Ticket, channel: Channel | None, *, now: datetime) -> Thread:
    """The thread on which an answer leaves: the newest one, or a new one on another channel."""
    threads = ticket.threads.select_related("channel", "identity").order_by(
        "-last_message_at", "-pk"
    )
    if channel is not None:
        threads = threads.filter(channel=channel)
    for thread in threads:
        if (
            thread.channel.is_active
            and thread.channel.code.capabilities.outbound
            and thread.identity
        ):
            return thread
    if channel is None:
        channel = _any_channel(ticket)
    if channel is None:
        raise Unreachable(_("This contact has no address on any channel that is on."))
    if not channel.is_active:
        raise Unreachable(_("%(name)s is off.") % {"name": channel.name})
    identity = identity_for(ticket.contact_id, channel)
    if identity is None:
        raise Unreachable(_("This contact has no address for %(name)s.") % {"name": channel.name})
    return Thread.objects.create(
        ticket=ticket, channel=channel, identity=identity, last_message_at=now, created_at=now
    )


def _any_channel(ticket: Ticket) -> Channel | None:
    kinds = set(
        Identity.objects.filter(contact_id=ticket.contact_id).values_list("kind", flat=True)
    )
    for channel in Channel.objects.filter(is_active=True, brand_id=ticket.brand_id).order_by("pk"):
        if (
            channel.code.capabilities.outbound
            and not channel.code.capabilities.live
            and channel.code.identity_kind in kinds
        ):
            return channel
    return None


def check_window(thread: Thread, *, person: bool, now: datetime) -> None:
    """Free text goes while the reply window is open; a person may have longer than a program."""
    channel = thread.channel
    if not window_of(thread, channel.code, channel.settings).open_at(now, person=person):
        raise Unreachable(
            _("The reply window of %(name)s has shut: only an approved template may go.")
            % {"name": channel.name}
        )


def check_permitted(thread: Thread) -> None:
    """Where the customer has not written himself, his no to service messages counts."""
    identity = thread.identity
    if identity and not may(identity.contact_id, Purpose.SERVICE, identity.kind):
        raise Unreachable(
            _("This person does not want to be written to by %(name)s.")
            % {"name": thread.channel.name}
        )
