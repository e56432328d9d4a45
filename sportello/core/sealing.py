"""Personal values at rest: MultiFernet, one key per purpose, derived from the secret outside the database."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@cache
def _ring(purpose: str, keys: tuple[str, ...]) -> MultiFernet:
    digests = (hashlib.sha256(f"{purpose}:{key}".encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def _fernet(purpose: str) -> MultiFernet:
    return _ring(purpose, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def seal(purpose: str, content: bytes) -> bytes:
    """Encrypt with the newest key; older ones (``SECRET_KEY_FALLBACKS``) still open."""
    return _fernet(purpose).encrypt(content)


def unseal(purpose: str, token: bytes) -> bytes:
    """Raises `cryptography.fernet.InvalidToken` when no key of this purpose fits."""
    return _fernet(purpose).decrypt(token)


def seal_json(purpose: str, value: Any) -> bytes:
    return seal(purpose, json.dumps(value).encode())


def unseal_json(purpose: str, token: bytes) -> Any:
    return json.loads(unseal(purpose, token))
