"""Standard Webhooks (standardwebhooks.com), both ways: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature``."""

from __future__ import annotations

import binascii
import time
from datetime import UTC, datetime

from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from sportello.channels.contract import Raw, Refused
from sportello.channels.vendors.shapes import same

TOLERANCE = 5 * 60
"""Seconds a call may be old, or its clock be wrong: what is older is a replay."""


def key_of(secret: str) -> Webhook:
    """``whsec_`` and base64, as the standard has it; any other text is the key itself."""
    if secret.startswith("whsec_"):
        try:
            return Webhook(secret)
        except (binascii.Error, ValueError, EmptyWebhookSecretError):
            pass  # not base64: taken as it stands
    return Webhook(secret.encode())


def headers(secret: str, id: str, body: bytes) -> dict[str, str]:
    """What goes with `body`. `id` stays the same when it is sent again."""
    moment = datetime.fromtimestamp(int(time.time()), UTC)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": key_of(secret).sign(id, moment, body.decode()),
    }


def judge(raw: Raw, secret: str) -> None:
    """Raises `Refused`."""
    id, stamp = raw.headers.get("webhook-id", ""), raw.headers.get("webhook-timestamp", "")
    if not secret or secret == "whsec_":
        raise Refused("The channel has no secret.")
    if not id or not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 11:
        raise Refused("webhook-id and webhook-timestamp are missing.")
    if abs(time.time() - int(stamp)) > TOLERANCE:
        raise Refused("The timestamp is more than five minutes away.")
    try:
        moment = datetime.fromtimestamp(int(stamp), UTC)
        expected = key_of(secret).sign(id, moment, raw.body.decode())
    except ValueError as error:
        raise Refused("The body is not UTF-8.") from error
    given = raw.headers.get("webhook-signature", "").split(" ")[:10]
    if not any(same(one, expected) for one in given):
        raise Refused("The signature does not fit.")
