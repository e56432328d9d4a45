"""Links that prove a claimed address: 256 random bits, kept as a hash, good for two weeks."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings

from sportello.core.clock import now
from sportello.tickets.models import Delivery, Proving

GOOD_FOR = timedelta(days=14)


def link_for(delivery: Delivery) -> str:
    """A fresh link for the address this delivery goes to."""
    token = secrets.token_urlsafe(32)
    Proving.objects.create(
        token_hash=token_hash(token),
        contact=delivery.message.ticket.contact,
        kind=delivery.recipient["kind"],
        address=delivery.recipient["address"],
        ticket=delivery.message.ticket,
        expires_at=now() + GOOD_FOR,
    )
    return f"{settings.SPORTELLO_URL}/proof/{token}"


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
