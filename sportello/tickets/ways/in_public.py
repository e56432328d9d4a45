"""What can be done about a message that strangers read."""

from __future__ import annotations

from datetime import datetime

from sportello.channels.queries import Mouth, mouths
from sportello.tickets.models import Delivery, DeliveryState, Direction, Message


def is_public_word(message: Message) -> bool:
    """Something a customer said in public, as the vendor names it."""
    return bool(
        message.direction == Direction.IN
        and message.meta.get("public")
        and message.external_id
        and not message.is_held
    )


def can_hide(message: Message) -> bool:
    """Whether this channel hides what strangers wrote."""
    mouth = mouths().get(message.channel_id or 0)
    return bool(
        mouth
        and mouth.is_active
        and mouth.provider.capabilities.hides
        and is_public_word(message)
        and not message.meta.get("withdrawn_at")
    )


def private_way(message: Message, *, now: datetime) -> Mouth | None:
    """The channel on which its author can be answered in private now: once, while the vendor allows."""
    mouth = mouths().get(message.channel_id or 0)
    if mouth is None or not is_public_word(message) or message.meta.get("withdrawn_at"):
        return None
    allowed = mouth.provider.capabilities.private_answer
    if allowed is None or now >= (message.sent_at or message.created_at) + allowed:
        return None
    return None if _answered(message) else _beside(mouth)


def _answered(message: Message) -> bool:
    """One that failed does not count."""
    answer = message.meta.get("private_answer")
    over = (DeliveryState.FAILED, DeliveryState.CANCELLED)
    return bool(answer) and (
        Delivery.objects.filter(message_id=answer).exclude(state__in=over).exists()
    )


def _beside(mouth: Mouth) -> Mouth | None:
    """The channel for private talks of the same account and brand; it may be the same channel."""
    account = mouth.provider.account(mouth.settings)
    fitting = [
        m
        for m in mouths().values()
        if m.is_active
        and m.provider.kind == mouth.provider.private_kind
        and m.brand_id == mouth.brand_id
        and m.provider.account(m.settings) == account
    ]
    return next((m for m in fitting if m.id == mouth.id), next(iter(fitting), None))
