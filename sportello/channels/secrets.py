"""Channel secrets at rest: MultiFernet with keys outside the database, and random public ids."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def public_id() -> str:
    """128 random bits as 32 hex digits: names a channel in URLs without telling how many there are."""
    return secrets.token_hex(16)


@cache
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet(
        [
            Fernet(
                base64.urlsafe_b64encode(
                    hashlib.sha256(b"channel-secrets:" + key.encode()).digest()
                )
            )
            for key in keys
        ]
    )


def _fernet() -> MultiFernet:
    return _ring((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def seal(values: Mapping[str, Any]) -> bytes:
    """Encrypt with the newest key; older keys (``SECRET_KEY_FALLBACKS``) still open."""
    return _fernet().encrypt(json.dumps(dict(values)).encode()) if values else b""


def unseal(token: bytes) -> dict[str, Any]:
    """Raises `cryptography.fernet.InvalidToken` when no key fits."""
    return dict(json.loads(_fernet().decrypt(token))) if token else {}
