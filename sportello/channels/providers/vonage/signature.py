"""Who is calling: a JWT whose ``payload_hash`` binds the body, or the ``sig`` field of the older SMS API."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qsl

from sportello.channels.contract import Raw
from sportello.channels.vendors.shapes import key, peek, same


def genuine(raw: Raw, secret: str) -> bool:
    """True for a call signed with the account's signature secret.

    How old the token is does not matter: Vonage tries for a day, and the token fits its own body only.
    """
    if not secret:
        return False
    scheme, _, token = raw.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        claims = _claims(token.strip(), secret)
        digest = hashlib.sha256(raw.body).hexdigest()
        return claims is not None and same(key(claims.get("payload_hash")).lower(), digest)
    fields = fields_of(raw)
    return "sig" in fields and same(fields["sig"].lower(), sign_fields(fields, secret))


def fields_of(raw: Raw) -> dict[str, str]:
    """The flat fields of an SMS API call, which come as JSON, as a form or in the address."""
    data = peek(raw.body)
    if data:
        plain = {n: v for n, v in data.items() if isinstance(v, str | int) and v is not True}
        return {name: str(value) for name, value in plain.items()}
    try:
        text = raw.body.decode("utf-8", "replace") or raw.query
        return dict(parse_qsl(text, keep_blank_values=True))
    except ValueError:
        return {}


def sign_fields(fields: dict[str, str], secret: str) -> str:
    """SHA-256 HMAC over ``&name=value`` in alphabetical order, with ``&`` and ``=`` in values as ``_``."""
    told = "".join(
        f"&{name}={value.replace('&', '_').replace('=', '_')}"
        for name, value in sorted(fields.items())
        if name != "sig"
    )
    made = hmac.new(secret.encode(), told.encode("utf-8", "replace"), hashlib.sha256)
    return made.hexdigest()


def _claims(token: str, secret: str) -> dict[str, object] | None:
    """The claims of an HS256 token that is genuine."""
    try:
        head, payload, signature = token.encode("ascii").split(b".")
        made = hmac.new(secret.encode(), head + b"." + payload, hashlib.sha256).digest()
        if not hmac.compare_digest(_decoded(signature), made):
            return None
        header, claims = json.loads(_decoded(head)), json.loads(_decoded(payload))
    except (ValueError, RecursionError):
        return None
    fits = isinstance(header, dict) and header.get("alg") == "HS256" and isinstance(claims, dict)
    return claims if fits else None


def _decoded(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
