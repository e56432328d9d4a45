"""Bearer tokens in both directions: HS256 with the secret that Apple gives to a messaging service provider (MSP)."""

from __future__ import annotations

import base64
import time

import jwt

from sportello.channels.contract import Raw, Refused, Settings

LEEWAY = 300
"""Seconds that Apple's clock and ours may differ."""


def secret(settings: Settings) -> bytes:
    """The bytes behind the base64 that Apple shows; empty when it is none."""
    try:
        return base64.b64decode(str(settings.get("msp_secret") or "").strip(), validate=True)
    except ValueError:
        return b""


def genuine(raw: Raw, settings: Settings) -> None:
    """Raises `Refused`. The body is not signed; the business it is for must be this channel's."""
    key, msp = secret(settings), str(settings.get("msp_id") or "")
    scheme, _, token = raw.headers.get("authorization", "").partition(" ")
    if not key or not msp or scheme.lower() != "bearer":
        raise Refused("No token, or the channel is not set up.")
    try:
        jwt.decode(
            token,
            key,
            algorithms=["HS256"],
            audience=msp,
            leeway=LEEWAY,
            options={"require": ["aud"]},
        )
    except (jwt.PyJWTError, ValueError):
        raise Refused("The token does not fit.") from None
    if raw.headers.get("destination-id", "") != str(settings.get("business_id") or ""):
        raise Refused("This is for another business.")


def bearer(settings: Settings) -> str:
    claims = {"iss": str(settings.get("msp_id") or ""), "iat": int(time.time())}
    return f"Bearer {jwt.encode(claims, secret(settings), 'HS256')}"
