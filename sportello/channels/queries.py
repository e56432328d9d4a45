"""Reads about channels, cached for the doors that ask at each message."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import close_old_connections, connection

from sportello.channels.contract import Provider
from sportello.channels.models import Channel

FRESH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Mouth:
    """What a door needs of a channel, without its row."""

    id: int
    public_id: str
    name: str
    provider: Provider
    brand_id: int
    team_id: int | None
    settings: Mapping[str, Any]
    is_active: bool
    cost: Decimal | None = None
    """Of one message; a text message: of each of its parts."""
    currency: str = "EUR"
    engage: str = "all"
    """`Engage`: which public items become tickets."""

    @property
    def counts_parts(self) -> bool:
        """Text messages by telephone: a long one is cut into parts, and each part is paid."""
        return self.provider.hue == "sms" and self.provider.identity_kind == "phone"

    @property
    def address(self) -> str:
        """E-mail channels: the mailbox's address, lower case."""
        return str(self.settings.get("address", "")).strip().lower()


class _Cached[T]:
    def __init__(self, load: Callable[[], T]) -> None:
        self._load, self._at, self._lock = load, 0.0, threading.Lock()
        self._value: T | None = None

    def get(self) -> T:
        if self._value is None or time.monotonic() - self._at > FRESH_SECONDS:
            with self._lock:
                if self._value is None or time.monotonic() - self._at > FRESH_SECONDS:
                    self._value, self._at = self._load(), time.monotonic()
        return self._value

    def peek(self) -> T | None:
        """The value when it is fresh; never waits."""
        return self._value if time.monotonic() - self._at <= FRESH_SECONDS else None

    def forget(self) -> None:
        self._value = None


def _load() -> dict[int, Mouth]:
    if connection.in_atomic_block:
        return _read()  # closing here would cut the caller's transaction
    # Threads of the doors live long: a connection that died with the database must not stay with them.
    close_old_connections()
    try:
        return _read()
    finally:
        close_old_connections()


def _read() -> dict[int, Mouth]:
    rows = Channel.objects.order_by("id")
    return {
        row.pk: Mouth(
            row.pk,
            row.public_id,
            row.name,
            row.code,
            row.brand_id,
            row.team_id,
            row.settings,
            row.is_active,
            row.cost,
            row.currency,
            row.engage,
        )
        for row in rows
    }


_mouths: _Cached[dict[int, Mouth]] = _Cached(_load)


def mouths() -> dict[int, Mouth]:
    """All channels by id, at most two seconds old."""
    return _mouths.get()


def forget() -> None:
    """Read the channels anew at the next call (a poke says that one changed)."""
    _mouths.forget()


def siblings(mouth: Mouth) -> list[Mouth]:
    """The other active channels of its family: one webhook of the vendor may speak of all of them."""
    family = mouth.provider.family
    if not family:
        return []
    return [
        m
        for m in mouths().values()
        if m.provider.family == family and m.id != mouth.id and m.is_active
    ]


def channel_by_public_id(public_id: str) -> Mouth | None:
    return next((m for m in mouths().values() if m.public_id == public_id), None)


_named: tuple[dict[int, Mouth], dict[str, Mouth]] = ({}, {})


def mouths_at_hand() -> dict[str, Mouth] | None:
    """Channels by public id when they are fresh: for event loops, which must not wait for the database."""
    global _named
    known = _mouths.peek()
    if known is None:
        return None
    if _named[0] is not known:
        _named = known, {mouth.public_id: mouth for mouth in known.values()}
    return _named[1]


def mail_channels() -> list[Mouth]:
    """Active e-mail channels."""
    return [m for m in mouths().values() if m.is_active and m.provider.kind == "email"]


def mail_receivers() -> list[Mouth]:
    """Active channels that take mail at an address: mailboxes, and those of providers that say so."""
    taking = (m for m in mouths().values() if m.is_active and m.provider.takes_mail)
    return [*mail_channels(), *taking]
