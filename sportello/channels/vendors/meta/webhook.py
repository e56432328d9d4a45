"""The webhook's two questions: is this really Meta, and is this really us."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from sportello.channels.contract import Challenge, Raw, Refused, Settings


def sign(body: bytes, app_secret: str) -> str:
    """What stands in ``X-Hub-Signature-256``."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def verify(raw: Raw, settings: Settings) -> None:
    """Over the raw bytes: Meta signs its own ``\\u00e9`` and ``\\/`` escapes, which no second encoder repeats."""
    secret = str(settings.get("app_secret") or "")
    if not secret:
        raise Refused("The app secret is not set.")
    given = raw.headers.get("x-hub-signature-256", "").encode("utf-8", "replace")
    if not hmac.compare_digest(given, sign(raw.body, secret).encode()):
        raise Refused("The signature does not fit the app secret.")


def challenge(query: Mapping[str, str], settings: Settings) -> Challenge | None:
    """``hub.challenge`` back when ``hub.verify_token`` is ours."""
    if "hub.mode" not in query and "hub.challenge" not in query:
        return None
    token = str(settings.get("verify_token") or "")
    given = query.get("hub.verify_token", "")
    same = hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
    if token and same and query.get("hub.mode") == "subscribe":
        return Challenge(200, query.get("hub.challenge", ""))
    return Challenge(403, "The verify token is another one.")
