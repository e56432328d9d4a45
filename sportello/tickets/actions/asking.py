"""Ask for what should not lie about in clear: the customer gets a link to a page that takes it, encrypted."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from sportello.channels.models import Channel
from sportello.core.actors import Actor
from sportello.core.events import record
from sportello.tickets.actions.replying import reply
from sportello.tickets.actions.working import BadValue
from sportello.tickets.confidential import events
from sportello.tickets.confidential.fields import known
from sportello.tickets.confidential.forms import token_hash
from sportello.tickets.confidential.words import field_names
from sportello.tickets.locking import check_answers, lock
from sportello.tickets.models import SecureForm, Ticket

GOOD_FOR = timedelta(days=7)


def ask(
    *,
    ticket: Ticket,
    fields: Sequence[str],
    actor: Actor,
    now: datetime,
    text: str = "",
    channel: Channel | None = None,
) -> SecureForm:
    """Send the customer a link to a page that asks for `fields`. `text` goes before the link.

    Raises what `actions.reply` raises, and `BadValue` when nothing is asked for.
    """
    wanted = known(list(fields))
    if not wanted:
        raise BadValue(_("Choose what to ask for."))
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        with translation.override(ticket.language or ticket.brand.language):
            said = text.strip() or invitation(wanted)
        message = reply(
            ticket=ticket, actor=actor, now=now, text=f"{said}\n\n{link_of(token)}", channel=channel
        )
        form = SecureForm.objects.create(
            token_hash=token_hash(token),
            ticket=ticket,
            contact_id=ticket.contact_id,
            message=message,
            fields=wanted,
            asked_by=str(actor),
            created_at=now,
            expires_at=now + GOOD_FOR,
        )
        payload = {"form": form.pk, "fields": wanted}
        record(events.SECURE_FORM_SENT, ticket_id=ticket.pk, contact_id=ticket.contact_id,
               actor=actor, now=now, payload=payload)  # fmt: skip
    return form


def link_of(token: str) -> str:
    return f"{settings.SPORTELLO_URL}/secure/{token}"


def invitation(fields: Sequence[str]) -> str:
    """What is written above the link when the agent writes nothing of his own, in the customer's language."""
    return _(
        "To go on we need: %(names)s. Please do not write it here: give it on our protected page, within 7 days."
    ) % {"names": field_names(fields)}


def withdraw(*, form: SecureForm, actor: Actor, now: datetime) -> SecureForm:
    """The link opens nothing any more. What was answered stays until its time."""
    with transaction.atomic():
        check_answers(lock(form.ticket), actor)
        changed = SecureForm.objects.filter(pk=form.pk, answered_at=None, withdrawn_at=None)
        if changed.update(withdrawn_at=now):
            payload = {"form": form.pk}
            record(events.SECURE_FORM_WITHDRAWN, ticket_id=form.ticket_id, actor=actor, now=now,
                   payload=payload)  # fmt: skip
    return form
