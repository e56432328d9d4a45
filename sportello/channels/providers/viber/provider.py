"""Viber bots, by the REST Bot API. Viber always answers 200: what happened is in ``status``."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sportello.channels.contract import (
    Capabilities,
    Check,
    Envelope,
    Failed,
    FieldKind,
    File,
    Outbound,
    Outcome,
    Parsed,
    Provider,
    Raw,
    Refused,
    Sent,
    Setting,
    Settings,
    said,
)
from sportello.channels.providers.viber import reading
from sportello.channels.vendors import media
from sportello.channels.vendors.calls import (
    PATIENCE,
    Reply,
    asked_to_wait,
    base,
    call,
    delivered,
    public_address,
    refused,
    tried,
    without_address,
)
from sportello.channels.vendors.shapes import key, same

if TYPE_CHECKING:
    from sportello.core.net import Net

API = "https://chatapi.viber.com"
EVENTS = ("delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started")
LATER = {8, 10, 12}
"""Statuses worth another try: account suspended for now, no reason told, too many requests."""
WORDS = {
    2: said("Viber does not accept the auth token."),
    5: said("This person is not on Viber any more."),
    6: said("This person has not subscribed to the bot, or has left it."),
    7: said("The bot is blocked."),
    9: said("No webhook is registered for the bot."),
    12: said("Too many messages at once."),
}


class Viber(Provider):
    kind = "viber"
    name = "Viber"
    identity_kind = "viber"
    customer_link = "viber://pa?chatURI={name}"
    conversational = True
    hue = "viber"
    capabilities = Capabilities(
        files=True,
        max_file_bytes=50 * 1024 * 1024,
        max_text=7000,
        quick_replies=24,
        delivery_receipts=True,
        read_receipts=True,
    )
    settings = (
        Setting("auth_token", "Auth token", FieldKind.SECRET, required=True, help="In the bot's admin panel, under Info."),
        Setting("sender_name", "Sender name", required=True, help="At most 28 characters, shown above each message."),
        Setting("api_base", "API address", FieldKind.URL, default=API, advanced=True),
    )  # fmt: skip
    guide = (
        "Bots are commercial: ask Viber or a partner for one, and copy its auth token.",
        "Enter the sender name that people see.",
        "Register the address shown here with the method set_webhook, with the events delivered, seen and failed.",
        "Press “Test the settings”, then write to the bot.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        token = str(settings.get("auth_token") or "")
        made = hmac.new(token.encode(), raw.body, hashlib.sha256).hexdigest()
        if not token or not same(raw.headers.get("x-viber-content-signature", "").lower(), made):
            raise Refused("Viber's signature does not fit.")

    def envelope(self, raw: Raw) -> Envelope:
        return reading.envelope(raw)

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        return reading.parsed(raw)

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        return media.fetched(file, net, of="Viber")

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        """Text, then each file. What follows a part that left is not tried again by itself."""
        common = {
            "receiver": outbound.recipient.address,
            "min_api_version": 3,
            "sender": {"name": str(settings.get("sender_name") or "")[:28]},
            "tracking_data": outbound.idempotency_key,
        }
        parts: list[dict[str, Any]] = []
        if outbound.text:
            parts.append(common | {"type": "text", "text": outbound.text})
        for file in outbound.files:
            url = public_address(file)
            if not url:
                return without_address(file)
            parts.append(common | _media(file, url))
        if not parts:
            return Failed(said("There is nothing to send."), permanent=True)
        if outbound.quick_replies:
            parts[-1]["keyboard"] = {
                "Type": "keyboard",
                "Buttons": [
                    {"ActionType": "reply", "ActionBody": q.id or q.title, "Text": q.title}
                    for q in outbound.quick_replies
                ],
            }
            parts[-1]["min_api_version"] = 4
        first = delivered(lambda: _sent(settings, net, parts[0]))
        for part in parts[1:]:
            if not isinstance(first, Sent):
                return first
            outcome = delivered(lambda part=part: _sent(settings, net, part))  # type: ignore[misc]
            if not isinstance(outcome, Sent):
                words = said("Only a part was sent. {reason}", reason=outcome.reason)
                return Failed(words, permanent=True)
        return first

    def check(self, settings: Settings, net: Net) -> list[Check]:
        return [tried(said("Bot"), lambda: _account(settings, net))]


def _media(file: File, url: str) -> dict[str, Any]:
    if file.content_type == "image/jpeg":
        return {"type": "picture", "text": "", "media": url}
    size = len(file.content)
    return {"type": "file", "media": url, "size": size, "file_name": file.name[:256]}


def _ask(settings: Settings, net: Net, method: str, fields: dict[str, Any]) -> Reply:
    headers = {"x-viber-auth-token": str(settings.get("auth_token") or "")}
    return call(net, "POST", f"{base(settings, API)}/pa/{method}", json=fields, headers=headers)


def _sent(settings: Settings, net: Net, message: dict[str, Any]) -> Outcome:
    reply = _ask(settings, net, "send_message", message)
    status, token = reply.data.get("status"), key(reply.data.get("message_token"))
    if status == 0 and token:
        return Sent(token)
    if not reply.ok or type(status) is not int or status == 0:
        return refused(reply, _words(reply))
    if status in LATER:
        wait: timedelta = asked_to_wait(reply.headers) or PATIENCE
        return Failed(_words(reply), permanent=False, retry_after=wait)
    return Failed(_words(reply), permanent=True)


def _words(reply: Reply) -> str:
    status, told = reply.data.get("status"), key(reply.data.get("status_message"))
    ours = WORDS.get(status) if type(status) is int else None
    return ours or told


def _account(settings: Settings, net: Net) -> tuple[bool, str]:
    reply = _ask(settings, net, "get_account_info", {})
    if reply.data.get("status") != 0:
        return False, _words(reply) or said("Unexpected answer (HTTP {status}). Is the API address right?", status=reply.status)  # fmt: skip
    name, url = key(reply.data.get("name")), key(reply.data.get("webhook"))
    mine = str(settings.get("webhook_url") or "")
    if mine and url != mine:
        fields = {"url": mine, "event_types": list(EVENTS), "send_name": True}
        made = _ask(settings, net, "set_webhook", fields)
        if made.data.get("status") != 0:
            return False, _words(made)
        return True, said("The address was registered.")
    if not url:
        return False, said("{name}: no webhook is registered. Call set_webhook with the address shown here.", name=name)  # fmt: skip
    return True, said("{name}: Viber calls {url}.", name=name, url=url)
