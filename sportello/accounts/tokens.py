"""Secret tokens: 256 random bits, kept only as SHA-256. Pure: no database."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

API_PREFIX = "sp_"
"""Lets scanners of leaked secrets recognise ours."""

_RANDOM = re.compile(r"[A-Za-z0-9_-]{43}")


def new(prefix: str = "") -> str:
    """A new token; it is shown once and never stored."""
    return prefix + secrets.token_urlsafe(32)


def digest(raw: str) -> str:
    """What the database keeps of it."""
    return hashlib.sha256(raw.encode()).hexdigest()


def looks_right(raw: object, prefix: str = "") -> bool:
    """Whether it has the exact shape of a token: blank, padded or cut ones match nobody."""
    return (
        isinstance(raw, str)
        and raw.startswith(prefix)
        and _RANDOM.fullmatch(raw[len(prefix) :]) is not None
    )


def same(one: str, other: str) -> bool:
    """Equal, in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
