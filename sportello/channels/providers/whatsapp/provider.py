"""WhatsApp Cloud API: what it can do, and who does it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sportello.channels.contract import (
    Capabilities,
    Challenge,
    Check,
    Envelope,
    FieldKind,
    File,
    Outbound,
    Outcome,
    Parsed,
    Provider,
    Raw,
    Setting,
    Settings,
    Template,
    said,
)
from sportello.channels.providers.whatsapp import reading, writing
from sportello.channels.vendors.meta import foreign, webhook
from sportello.channels.vendors.meta.checks import line
from sportello.channels.vendors.meta.foreign import each, obj, text
from sportello.channels.vendors.meta.graph import BASE, VERSION, Graph

if TYPE_CHECKING:
    from sportello.core.net import Net

PAGES = 20  # of templates, a hundred each


class WhatsApp(Provider):
    """One webhook of an app tells about all numbers of a business: each channel reads its own."""

    kind = "whatsapp"
    name = "WhatsApp"
    identity_kind = "whatsapp"
    customer_link = "https://wa.me/{digits}"
    hue = "whatsapp"
    family = "meta-whatsapp"
    conversational = True
    capabilities = Capabilities(
        files=True,
        max_file_bytes=16 * 1024 * 1024,
        max_text=4096,
        read_receipts=True,
        delivery_receipts=True,
        quick_replies=writing.ROWS,
        templates=True,
        edits=True,
        reply_window=timedelta(hours=24),
    )
    settings = (
        Setting("phone_number_id", "Phone number ID", required=True, help="WhatsApp → API setup. Not the number itself."),
        Setting("access_token", "Access token", FieldKind.SECRET, required=True, help="Of a system user, with whatsapp_business_messaging and whatsapp_business_management. It should not expire."),
        Setting("app_secret", "App secret", FieldKind.SECRET, required=True, help="App settings → Basic."),
        Setting("verify_token", "Verify token", FieldKind.SECRET, required=True, help="Any words you choose; enter the same at Meta."),
        Setting("waba_id", "WhatsApp Business account ID", help="For templates and for the check of the webhook."),
        Setting("api_base", "API address", FieldKind.URL, default=BASE, advanced=True),
        Setting("api_version", "API version", default=VERSION, advanced=True),
    )  # fmt: skip
    guide = (
        "Create an app of type Business at developers.facebook.com and add WhatsApp to it.",
        "Add your phone number there, and copy its phone number ID and the WhatsApp Business account ID.",
        "In the business settings, make a system user with access to the app and the account, and generate a token.",
        "Save this channel, then enter its webhook address and your verify token under WhatsApp → Configuration.",
        "Subscribe to the fields messages, smb_message_echoes and user_id_update.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        webhook.verify(raw, settings)

    def challenge(self, query: Mapping[str, str], settings: Settings) -> Challenge | None:
        return webhook.challenge(query, settings)

    def envelope(self, raw: Raw) -> Envelope:
        keys, ids = [], []
        for _, value in reading.changes(foreign.peek(raw), {}):
            for message in each(value, "messages"):
                user_id, wa_id, _ = reading.who(message, value)
                keys.append(user_id or wa_id)
                ids.append(text(message, "id"))
            for about in (*each(value, "statuses"), *each(value, "message_echoes")):
                names = ("recipient_user_id", "to_user_id", "recipient_id", "to")
                keys.append(next((text(about, n) for n in names if text(about, n)), ""))
        who = next((key for key in keys if key), "")
        return Envelope(f"whatsapp:{who}", tuple(i for i in ids if i))

    def concerns(self, raw: Raw, settings: Settings) -> bool:
        ours = str(settings.get("phone_number_id") or "")
        told = (
            text(v, "metadata", "phone_number_id")
            for _, v in reading.changes(foreign.peek(raw), {})
        )
        return bool(ours) and ours in told

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        data = foreign.load(raw.body)
        return [p for _, value in reading.changes(data, settings) for p in reading.read(value)]

    def templates(self, settings: Settings, net: Net) -> list[Template]:
        """All that the composer can fill in: values in the body only, numbered."""
        graph, found, after = self._graph(settings, net), [], ""
        if not settings.get("waba_id"):
            return []
        for _ in range(PAGES):
            params = {"fields": "name,language,status,components", "limit": "100"}
            page = graph.get(
                f"{settings['waba_id']}/message_templates",
                **params | ({"after": after} if after else {}),
            )
            found += [t for t in map(writing.template, each(page, "data")) if t]
            after = text(page, "paging", "cursors", "after")
            if not after or not text(page, "paging", "next"):
                break
        return found  # fmt: skip

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        """Two steps: the id gives an address that lives for minutes and wants the token, too."""
        graph = self._graph(settings, net)
        media = graph.get(file.media_ref)
        content, content_type = graph.media(text(media, "url"), token=True)
        mime = text(media, "mime_type").partition(";")[0].strip() or content_type
        return dataclasses.replace(file, content=content, content_type=mime or file.content_type)

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        number_id = str(settings.get("phone_number_id") or "")
        return writing.send(outbound, number_id, self._graph(settings, net))

    def expires(self, settings: Settings, net: Net) -> datetime | None:
        return self._graph(settings, net).expires()

    def check(self, settings: Settings, net: Net) -> list[Check]:
        graph, waba = self._graph(settings, net), str(settings.get("waba_id") or "")
        lines = [line(said("Phone number"), lambda: self._number(graph, settings))]
        if waba:
            lines.append(line(said("Webhook"), lambda: self._subscribed(graph, waba)))
        else:
            lines.append(
                Check(
                    said("Webhook"),
                    None,
                    said("Enter the WhatsApp Business account ID: then the subscription is checked and templates are read."),
                )
            )  # fmt: skip
        return lines

    def _number(self, graph: Graph, settings: Settings) -> str | None:
        fields = "display_phone_number,verified_name,quality_rating,status"
        found = graph.get(str(settings["phone_number_id"]), fields=fields)
        quality = text(found, "quality_rating") or text(obj(found, "quality_score"), "score")
        return said(
            "{number} is {name}; quality {quality}, status {status}.",
            number=text(found, "display_phone_number"),
            name=text(found, "verified_name"),
            quality=quality or "–",
            status=text(found, "status") or "–",
        )

    def _subscribed(self, graph: Graph, waba: str) -> str | None:
        apps: list[Any] = list(each(graph.get(f"{waba}/subscribed_apps"), "data"))
        if not apps:
            return None
        names = ", ".join(text(app, "whatsapp_business_api_data", "name") for app in apps)
        return said("Subscribed by {names}.", names=names)

    def _graph(self, settings: Settings, net: Net) -> Graph:
        return Graph(settings, net)
