"""A Telegram bot: by webhook with a secret, or by long polling where no public address is."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sportello.channels.contract import (
    Capabilities,
    Check,
    Envelope,
    FieldKind,
    File,
    Outbound,
    Outcome,
    Parsed,
    Provider,
    Raw,
    Refused,
    Setting,
    Settings,
    said,
)
from sportello.channels.providers.telegram import api, updates
from sportello.channels.vendors.calls import Reply, delivered, tried
from sportello.channels.vendors.shapes import at, key, same
from sportello.core.net import Broken

if TYPE_CHECKING:
    from sportello.core.net import Net

ALLOWED = [*updates.MESSAGES, "callback_query", "message_reaction"]
LONG_POLL = 5
"""Seconds Telegram keeps a question open; also how long a listener takes to stop."""
Store = Callable[[Raw, dict[str, Any]], None]


class Telegram(Provider):
    kind = "telegram"
    name = "Telegram"
    identity_kind = "telegram"
    customer_link = "https://t.me/{name}"
    conversational = True
    shared_threads = True
    hue = "telegram"
    capabilities = Capabilities(
        files=True,
        max_file_bytes=50 * 1024 * 1024,
        max_text=4096,
        quick_replies=10,
        reactions=True,
        edits=True,
    )
    settings = (
        Setting("bot_token", "Bot token", FieldKind.SECRET, required=True, help="From @BotFather."),
        Setting("secret_token", "Webhook secret", FieldKind.SECRET, help="Letters, digits, _ and -. Telegram repeats it in each call; not needed for long polling."),
        Setting("polling", "Fetch by long polling", FieldKind.BOOLEAN, default=False, help="For installations that Telegram cannot reach."),
        Setting("api_base", "API address", FieldKind.URL, default=api.API, advanced=True),
    )  # fmt: skip
    guide = (
        "Talk to @BotFather in Telegram, write /newbot and copy the token it gives you.",
        "Invent a webhook secret of letters and digits and enter it here, or turn on long polling.",
        "Without long polling: register the address shown here with the method setWebhook, with the same secret as secret_token.",
        "Press “Test the settings”, then write to the bot.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        given = raw.headers.get("x-telegram-bot-api-secret-token", "")
        if not same(given, str(settings.get("secret_token") or "")):
            raise Refused("The secret token does not fit.")

    def envelope(self, raw: Raw) -> Envelope:
        return Envelope(*updates.order_key(raw))

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        return updates.parsed(raw.body)

    def fetches(self, settings: Settings) -> bool:
        return bool(settings.get("polling"))

    def poll(
        self, settings: Settings, cursor: Mapping[str, Any], net: Net
    ) -> Iterator[tuple[Raw, dict[str, Any]]]:
        """What waits at Telegram, at most one page. Asking with an offset takes what is below off the list."""
        if not settings.get("polling"):
            return
        for update in _new(settings, net, cursor.get("offset"), 0):
            reached = {"offset": update["update_id"] + 1}
            yield Raw(json.dumps(update).encode(), source="poll"), reached

    def listen(
        self,
        settings: Settings,
        cursor: Mapping[str, Any],
        net: Net,
        store: Store,
        stopped: Callable[[], bool],
    ) -> None:
        offset = cursor.get("offset")
        while not stopped():
            if not settings.get("polling"):
                time.sleep(0.5)
                continue
            for update in _new(settings, net, offset, LONG_POLL):
                offset = update["update_id"] + 1
                store(Raw(json.dumps(update).encode(), source="poll"), {"offset": offset})
                if pressed := key(at(update, "callback_query", "id")):
                    api.ask(settings, net, "answerCallbackQuery", json={"callback_query_id": pressed})  # fmt: skip

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        return dataclasses.replace(file, content=api.download(file, settings, net))

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        return delivered(lambda: api.send(outbound, settings, net))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        return [
            tried(said("Bot"), lambda: _bot(settings, net)),
            tried(said("Receiving"), lambda: _receiving(settings, net)),
        ]


def _new(settings: Settings, net: Net, offset: object, wait: int) -> list[dict[str, Any]]:
    """Raises `NetError`; `Broken` for a refusal, which the channel's page shows."""
    asked: dict[str, Any] = {"timeout": wait, "allowed_updates": ALLOWED}
    if isinstance(offset, int):
        asked["offset"] = offset
    reply = api.ask(settings, net, "getUpdates", json=asked, timeout=wait + 15.0)
    if reply.status == 409 and "webhook" in api.words(reply):
        api.ask(settings, net, "deleteWebhook", json={})
        return []
    found = reply.data.get("result")
    if not reply.ok or not isinstance(found, list):
        raise Broken(api.words(reply) or f"Telegram answers {reply.status}.")
    return [u for u in found if isinstance(at(u, "update_id"), int)]


def _bot(settings: Settings, net: Net) -> tuple[bool, str]:
    reply = api.ask(settings, net, "getMe")
    if name := key(at(reply.data, "result", "username")):
        return True, said("The token belongs to @{name}.", name=name)
    return False, api.words(reply) or _odd(reply)


def _receiving(settings: Settings, net: Net) -> tuple[bool | None, str]:
    if settings.get("polling"):
        return True, said("Messages are fetched by long polling.")
    if not settings.get("secret_token"):
        return False, said("Enter a webhook secret, or turn on long polling.")
    reply = api.ask(settings, net, "getWebhookInfo")
    if not reply.ok:
        return False, api.words(reply) or _odd(reply)
    mine, url = str(settings.get("webhook_url") or ""), key(at(reply.data, "result", "url"))
    if mine and url != mine:
        fields = {"url": mine, "secret_token": settings["secret_token"], "allowed_updates": ALLOWED}
        made = api.ask(settings, net, "setWebhook", json=fields)
        return made.ok, said("The address was registered.") if made.ok else api.words(made)
    if not url:
        return False, said("No webhook is registered. Call setWebhook with the address shown here.")
    trouble = key(at(reply.data, "result", "last_error_message"))
    if trouble:
        return False, said("Telegram calls {url} and says: {trouble}", url=url, trouble=trouble)
    return True, said("Telegram calls {url}.", url=url)


def _odd(reply: Reply) -> str:
    return said("Unexpected answer (HTTP {status}). Is the API address right?", status=reply.status)
