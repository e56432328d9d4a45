"""Newcomers get a uuid and a secret; whoever comes back shows it. Only its SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import datetime

from sportello.core.pool import pool


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def welcome_back(
    *, channel: int, visitor: str, token: str, page: str, language: str, now: datetime
) -> bool:
    """Whether the secret fits the visitor of this channel; notes that he was here."""
    async with pool().connection() as conn:
        cursor = await conn.execute(
            "UPDATE widget_visitor SET last_seen_at = %s, page = %s, language = %s"
            " WHERE uuid = %s AND channel_id = %s AND token_hash = %s",
            (now, page, language, visitor, channel, digest(token)),
        )
        return cursor.rowcount == 1


async def newcomer(*, channel: int, page: str, language: str, now: datetime) -> tuple[str, str]:
    """A new visitor's uuid and secret."""
    visitor, token = str(uuid.uuid4()), secrets.token_urlsafe(32)
    async with pool().connection() as conn:
        await conn.execute(
            "INSERT INTO widget_visitor (uuid, channel_id, token_hash, page, language, created_at, last_seen_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (visitor, channel, digest(token), page, language, now, now),
        )
    return visitor, token


async def gone(*, visitor: str, now: datetime) -> None:
    """Notes when the visitor was last here, and which identity his words made."""
    async with pool().connection() as conn:
        await conn.execute(
            "UPDATE widget_visitor SET last_seen_at = %s, identity_id = coalesce(identity_id, (SELECT id"
            " FROM contacts_identity WHERE kind = 'visitor' AND address = %s AND proof <> 'claimed')) WHERE uuid = %s",
            (now, visitor, visitor),
        )
