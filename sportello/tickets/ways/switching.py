"""Going on by another channel: whether an answer does, why, and the sentence that tells the customer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from sportello.channels.queries import Mouth, mouths
from sportello.channels.vendors import sms
from sportello.core.actors import Actor
from sportello.core.compiled import compiled
from sportello.core.events import Fact
from sportello.tickets import events
from sportello.tickets.language import language_for
from sportello.tickets.models import (
    CALL,
    Delivery,
    DeliveryState,
    Direction,
    Message,
    Thread,
    Ticket,
)
from sportello.tickets.ways.windows import window_of

SUBJECT = 60
"""Characters of the subject that the sentence names."""
_PREFIX = re.compile(r"^(?:(?:re|r|fwd?|i|aw|wg|rif)\s*(?:\[\d+\])?:\s*)+", re.IGNORECASE)


class Reason(StrEnum):
    CHOSEN = "chosen"
    """Somebody wanted this channel though the customer's own was open."""
    WINDOW = "window"
    """The reply window of the customer's channel had shut."""
    FAILED = "failed"
    """An answer on another channel did not arrive."""


@dataclass(frozen=True, slots=True)
class Switch:
    """The customer wrote on channel `was` last, and was not answered on this one since."""

    was: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Talk:
    """Where the customer wrote last, and by which channels we have answered since."""

    ticket: Ticket
    last: int | None
    answered: frozenset[int]
    failed: bool
    window_shut: bool

    @classmethod
    def of(cls, ticket: Ticket, *, now: datetime) -> Talk:
        last = next(iter(_heard(ticket=ticket.pk)), None)
        if last is None or last.channel_id is None:
            return cls(ticket, None, frozenset(), failed=False, window_shut=False)
        states = _answered(ticket=ticket.pk, since=last.pk)
        return cls(
            ticket,
            last.channel_id,
            frozenset(channel for channel, _state in states),
            failed=any(state == DeliveryState.FAILED for _channel, state in states),
            window_shut=_shut(last.thread, mouths().get(last.channel_id), now),
        )

    def to(self, channel_id: int) -> Switch | None:
        """What it means to answer by this channel; None when that is no change."""
        if self.last in {None, channel_id} or channel_id in self.answered:
            return None
        reason = (
            Reason.FAILED if self.failed else Reason.WINDOW if self.window_shut else Reason.CHOSEN
        )
        return Switch(self.last or 0, reason)


@compiled
def _heard(*, ticket: Any) -> QuerySet[Message]:
    spoken = Message.objects.filter(ticket_id=ticket, is_held=False, channel__isnull=False)
    inbound = spoken.filter(direction=Direction.IN).exclude(nature=CALL).select_related("thread")
    return inbound.only("channel_id", "thread").order_by("-pk")[:1]


@compiled
def _answered(*, ticket: Any, since: Any) -> QuerySet[Delivery, tuple[int, str]]:
    """Channel and state of what we sent since that message."""
    ours = Delivery.objects.filter(
        message__ticket_id=ticket, message__direction=Direction.OUT, message_id__gt=since
    )
    return ours.exclude(state=DeliveryState.CANCELLED).values_list("channel_id", "state")


def bridge(ticket: Ticket, mouth: Mouth) -> str:
    """“Here we go on about …”, in the ticket's language; plain enough for a text message, discreet in public."""
    names: Mapping[str, str] = {
        "brand": ticket.brand.name,
        "subject": _short(_PREFIX.sub("", ticket.subject).strip()),
    }
    with translation.override(language_for(ticket)):
        named = names["subject"] and not mouth.provider.capabilities.public
        sentence = (
            _("%(brand)s: here we go on about “%(subject)s”.") if named else _("%(brand)s: here we go on with your request.")
        ) % names  # fmt: skip
    return sms.plainer(sentence) if mouth.counts_parts else sentence


def fact_of(delivery: Delivery, actor: Actor) -> Fact:
    """That the talk went on elsewhere; recorded when the answer leaves, not while it can be taken back."""
    switch = delivery.options["switch"]
    payload = {
        "message": delivery.message_id,
        "was": switch["from"],
        "channel": delivery.channel_id,
        "reason": switch["reason"],
    }
    return Fact(events.CHANNEL_SWITCHED, delivery.message.ticket_id, None, actor, payload)


def _short(subject: str) -> str:
    words = " ".join(subject.split())
    return words if len(words) <= SUBJECT else f"{words[: SUBJECT - 1].rsplit(' ', 1)[0]}…"


def _shut(thread: Thread | None, mouth: Mouth | None, now: datetime) -> bool:
    if mouth is None:
        return False
    return not window_of(thread, mouth.provider, mouth.settings).open_at(now)
