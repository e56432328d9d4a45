"""A complete small provider: signed JSON in, a list in memory out."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from sportello.channels.contract import (
    Address,
    Capabilities,
    Envelope,
    Failed,
    FieldKind,
    Inbound,
    Outbound,
    Outcome,
    Parsed,
    Provider,
    Raw,
    Refused,
    Sent,
    Setting,
    Settings,
    Status,
    StatusUpdate,
    Unknown,
    Unreadable,
)

if TYPE_CHECKING:
    from sportello.core.net import Net


def sign(body: bytes, secret: str) -> str:
    """Hex HMAC-SHA256 of the raw body."""
    return hmac.digest(secret.encode(), body, "sha256").hex()


class FakeProvider(Provider):
    """Body: ``{"messages": [{"id", "from", "name", "text"}], "statuses": [{"id", "status"}]}``.

    A text of ``explode`` cannot be parsed. A message to ``busy`` is to be tried later, one to ``gone``
    fails for good, one to ``silent`` gives no answer.
    """

    kind = "fake"
    name = "Fake"
    identity_kind = "fake"
    is_internal = True
    conversational = True
    hue = "bot"
    capabilities = Capabilities(max_text=2000, delivery_receipts=True, read_receipts=True)
    settings = (Setting("secret", "Secret", FieldKind.SECRET, required=True),)

    def __init__(self) -> None:
        self.sent: list[Outbound] = []

    def verify(self, raw: Raw, settings: Settings) -> None:
        secret = str(settings.get("secret") or "")
        if not secret or not hmac.compare_digest(
            raw.headers.get("x-fake-signature", ""), sign(raw.body, secret)
        ):
            raise Refused("The signature does not fit.")

    def envelope(self, raw: Raw) -> Envelope:
        try:
            messages = from_json(raw.body)["messages"]
            return Envelope(str(messages[0]["from"]), tuple(str(m["id"]) for m in messages))
        except (ValueError, KeyError, IndexError, TypeError):
            return Envelope("fake")

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        try:
            data = json.loads(raw.body)
        except ValueError as error:
            raise Unreadable("Not JSON.") from error
        parsed: list[Parsed] = [self._inbound(m) for m in data.get("messages", [])]
        for status in data.get("statuses", []):
            parsed.append(
                StatusUpdate(
                    str(status["id"]), Status(status["status"]), str(status.get("reason", ""))
                )
            )
        return parsed

    def _inbound(self, message: dict[str, Any]) -> Inbound:
        if message["text"] == "explode":
            raise ZeroDivisionError("as asked")
        sender = Address(
            "fake",
            str(message["from"]),
            str(message.get("name", "")),
            verified=True,
            how="provider",
        )
        return Inbound(
            external_id=str(message["id"]),
            sender=sender,
            text=str(message["text"]),
            fingerprint=hashlib.sha256(str(message["text"]).encode()).hexdigest(),
        )

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        match outbound.recipient.address:
            case "busy":
                return Failed(
                    "Too many messages.", permanent=False, retry_after=timedelta(seconds=5)
                )
            case "gone":
                return Failed("This person has left.", permanent=True)
            case "silent":
                return Unknown("No answer in time.")
        self.sent.append(outbound)
        return Sent(external_id=f"fake-{outbound.idempotency_key}")
