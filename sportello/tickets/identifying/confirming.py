"""Asking an address whether it is somebody's: by which channel, in which language, and what is written."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from sportello.accounts.models import Agent
from sportello.accounts.queries import company
from sportello.channels.contract import Address, Failed, Outbound
from sportello.channels.queries import Mouth, mouths
from sportello.contacts import confirming
from sportello.contacts.addresses import GIVEN_BY_CHANNELS
from sportello.contacts.confirmation import Confirmation
from sportello.contacts.confirming import CannotConfirm, WrongCode, check_code
from sportello.contacts.models import Identity
from sportello.core import clock
from sportello.core.actors import Actor
from sportello.core.models import Event
from sportello.core.net import Net
from sportello.tickets.language import language_for
from sportello.tickets.models import Message
from sportello.tickets.outbox import keep_in_outbox
from sportello.tickets.queries import visible_to

_CODE = re.compile(r"\d(?:\s?\d){5}")

log = structlog.get_logger(__name__)


def ask(*, identity: Identity, way: str, agent: Agent, actor: Actor, now: datetime) -> Confirmation:
    """Send a link or a code, as the brand that he talks to, in his language. Raises `CannotConfirm`."""
    tickets = visible_to(agent).filter(contact=identity.contact_id)
    ticket = tickets.select_related("brand", "contact").order_by("-pk").first()
    mouth = mouth_for(identity, brand_id=ticket.brand_id if ticket else None)
    if mouth is None:
        raise CannotConfirm(gettext("There is no channel by which this address could be asked."))
    language = language_for(ticket) if ticket else identity.contact.language or company().language
    return confirming.ask(
        identity=identity, way=way, channel_id=mouth.id, language=language, actor=actor, now=now
    )


def mouth_for(identity: Identity, *, brand_id: int | None) -> Mouth | None:
    """Mail, or a text message: a channel that may write first, of the brand he talks to."""
    if identity.kind in GIVEN_BY_CHANNELS:
        return None
    fitting = [
        mouth
        for mouth in mouths().values()
        if mouth.is_active
        and mouth.provider.identity_kind == identity.kind
        and mouth.provider.capabilities.outbound
        and mouth.provider.capabilities.reply_window is None
        and brand_id in (None, mouth.brand_id)
    ]
    return min(fitting, key=lambda mouth: (not mouth.counts_parts, mouth.id), default=None)


def can_ask(identity: Identity) -> bool:
    """Whether a button makes sense."""
    return identity.proof != "verified" and mouth_for(identity, brand_id=None) is not None


def send(confirmation_id: int, *, now: datetime) -> None:
    """Once: a job that comes back finds nothing to send, and the agent asks again."""
    issued = confirming.issue(confirmation_id, now=now)
    if issued is None:
        return
    row, secret = issued
    outbound = _outbound(row, secret)
    try:
        outcome = keep_in_outbox(row.channel, outbound) or row.channel.code.send(
            outbound, row.channel.settings, Net.from_environ()
        )
    except Exception:
        log.exception("confirmation.raised", confirmation=row.pk)
        return  # It may have left all the same.
    if isinstance(outcome, Failed):
        confirming.note_failure(row, outcome.reason, now=now)


def _outbound(row: Confirmation, secret: str) -> Outbound:
    """A neutral line: no name, no word of any ticket. Whoever reads it may be a stranger."""
    brand = row.channel.brand.name
    with translation.override(row.language):
        subject, text = _code(brand, secret) if row.way == "code" else _link(brand, secret)
    key = uuid.uuid4()
    domain = str(row.channel.settings.get("address", "")).rpartition("@")[2]
    return Outbound(
        idempotency_key=str(key),
        recipient=Address(row.identity.kind, row.identity.address),
        subject=subject,
        text=text,
        message_id=f"confirm.{key.hex}@{domain}" if domain else str(key),
        from_name=brand,
        language=row.language,
        automatic=True,
    )


def _code(brand: str, code: str) -> tuple[str, str]:
    said = {"brand": brand, "code": code}
    text = gettext(
        "%(code)s is your code for %(brand)s. Tell it to the person you are talking with, or write it in "
        "the chat: it is good for ten minutes. You have not written to us? Then do nothing."
    )
    return gettext("Your code for %(brand)s") % said, text % said


def _link(brand: str, token: str) -> tuple[str, str]:
    said = {"brand": brand}
    text = gettext(
        "Somebody who talks with %(brand)s gave this address. If it was you, confirm it here within a "
        "day; if not, do nothing:"
    )
    url = f"{settings.SPORTELLO_URL}/confirm/{token}"
    return gettext("Is this your address?"), f"{text % said}\n\n{url}\n"


def somebody_is_asked() -> bool:
    """Nearly always nobody. A code that ran out since the message was written counts for a day."""
    return Confirmation.objects.filter(
        way=Confirmation.Way.CODE, used_at=None, expires_at__gt=clock.now() - timedelta(days=1)
    ).exists()


def listen(events: Sequence[Event]) -> None:
    """A customer who was asked for a code may type it where he talks. Inside the consumer's transaction."""
    since = min((e.recorded_at for e in events), default=None)
    people = {e.contact_id for e in events if e.contact_id}
    asked = _asked(people, now=since) if since and people else {}
    if not asked:
        return
    mine = [e for e in events if e.contact_id in asked and e.payload.get("message")]
    texts = dict(
        Message.objects.filter(pk__in=[e.payload["message"] for e in mine]).values_list(
            "pk", "text"
        )
    )
    for event in mine:
        text = texts.get(event.payload["message"], "").strip()
        for identity in asked[event.contact_id or 0] if _CODE.fullmatch(text) else ():
            _typed(identity, text, event)


def _typed(identity: Identity, code: str, event: Event) -> None:
    who = Actor.contact(identity.contact_id)
    try:
        check_code(
            identity=identity,
            code=code,
            actor=who,
            now=event.recorded_at,
            ticket_id=event.ticket_id,
        )
    except WrongCode:
        log.info("confirmation.wrong_code", identity=identity.pk)


def _asked(contact_ids: set[int], *, now: datetime) -> dict[int, list[Identity]]:
    rows = Identity.objects.filter(
        contact_id__in=contact_ids,
        confirmations__way=Confirmation.Way.CODE,
        confirmations__used_at=None,
        confirmations__expires_at__gt=now,
    ).distinct()
    found: dict[int, list[Identity]] = {}
    for identity in rows.select_related("contact"):
        found.setdefault(identity.contact_id, []).append(identity)
    return found
