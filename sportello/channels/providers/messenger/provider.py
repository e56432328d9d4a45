"""Messenger: what it can do. Events and the Send API are in ``vendors/meta/messages.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sportello.channels.contract import Capabilities, Outbound, Outcome, Parsed, Raw, Settings
from sportello.channels.vendors.meta import foreign, messages, pages
from sportello.channels.vendors.meta.foreign import text

if TYPE_CHECKING:
    from sportello.core.net import Net


class Messenger(pages.PageProvider):
    """Comments on the same page have a channel of their own; their authors can be answered here in private."""

    kind = "messenger"
    name = "Messenger"
    identity_kind = "messenger"
    customer_setting = "page_id"
    customer_link = "https://m.me/{name}"
    hue = "messenger"
    conversational = True
    needed = ("messages",)
    capabilities = Capabilities(
        files=True,
        max_file_bytes=25 * 1024 * 1024,
        max_text=2000,
        read_receipts=True,
        delivery_receipts=True,
        quick_replies=13,
        edits=True,
        reply_window=messages.WINDOW,
        human_window=messages.HUMAN_AGENT,
    )
    settings = (*pages.PAGE_SETTINGS, pages.HUMAN_AGENT)
    guide = (
        "Create an app of type Business at developers.facebook.com and add Messenger to it.",
        "Connect your page there and generate its access token.",
        "Save this channel, then enter its webhook address and your verify token under Messenger → Webhooks.",
        "Subscribe the page to messages, message_echoes, message_deliveries, message_reads, message_reactions, message_edits and messaging_postbacks.",
        "Ask Meta for the permissions pages_messaging and Human Agent.",
    )

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        return [
            parsed
            for entry in pages.entries(foreign.load(raw.body), settings.get("page_id"))
            for event in pages.events(entry)
            for parsed in messages.read(event, self.kind, text(entry, "id"))
        ]

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        return messages.send(outbound, settings, self.graph(settings, net), self.kind)
