"""What Messenger, Instagram and Facebook comments share: a page, its token, its webhook."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from sportello.channels.contract import (
    Challenge,
    Check,
    Envelope,
    FieldKind,
    File,
    Outcome,
    Provider,
    Raw,
    Sent,
    Setting,
    Settings,
    Unknown,
    said,
)
from sportello.channels.vendors.meta import foreign, webhook
from sportello.channels.vendors.meta.checks import line
from sportello.channels.vendors.meta.foreign import Json, each, obj, text
from sportello.channels.vendors.meta.graph import BASE, VERSION, Graph, outcome

if TYPE_CHECKING:
    from sportello.core.net import Net

PAGE_SETTINGS = (
    Setting("page_id", "Page ID", required=True, help="The Facebook page, as a number."),
    Setting(
        "page_access_token",
        "Page access token",
        FieldKind.SECRET,
        required=True,
        help="Of the page, made with a long-lived token: then it does not expire.",
    ),
    Setting("app_secret", "App secret", FieldKind.SECRET, required=True, help="App settings → Basic."),
    Setting(
        "verify_token",
        "Verify token",
        FieldKind.SECRET,
        required=True,
        help="Any words you choose; enter the same at Meta.",
    ),
    Setting("api_base", "API address", FieldKind.URL, default=BASE, advanced=True),
    Setting("api_version", "API version", default=VERSION, advanced=True),
)  # fmt: skip
HUMAN_AGENT = Setting(
    "human_agent",
    "Meta has approved the Human Agent permission",
    FieldKind.BOOLEAN,
    default=True,
    help="People may then answer for seven days instead of 24 hours.",
    advanced=True,
)


PRIVATE_ANSWER = timedelta(days=7)
"""For so long after a comment its author can be answered in private, once."""


class PageProvider(Provider):
    """Verifies, checks and fetches; subclasses read and send."""

    family = "meta-page"
    needed: ClassVar[tuple[str, ...]] = ()
    """Webhook fields without which nothing comes in."""

    def verify(self, raw: Raw, settings: Settings) -> None:
        webhook.verify(raw, settings)

    def challenge(self, query: Mapping[str, str], settings: Settings) -> Challenge | None:
        return webhook.challenge(query, settings)

    def envelope(self, raw: Raw) -> Envelope:
        """Who talks: the customer, whichever way the words went."""
        keys, ids = [], []
        for entry in each(foreign.peek(raw), "entry"):
            for event in events(entry):
                message = obj(event, "message")
                side = "recipient" if message.get("is_echo") is True else "sender"
                keys.append(text(event, side, "id"))
                ids.append(text(message, "mid") or text(event, "postback", "mid"))
            for _, value in changes(entry):
                keys.append(text(value, "from", "id") or text(value, "sender_id"))
                ids.append(text(value, "comment_id") or text(value, "id") or text(value, "post_id"))
        who = next((key for key in keys if key), "")
        return Envelope(f"{self.kind}:{who}", tuple(i for i in ids if i))

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        """Signed addresses on Meta's own hosts; they die within hours, stories within a day."""
        content, content_type = self.graph(settings, net).media(file.media_ref, token=False)
        return dataclasses.replace(file, content=content, content_type=content_type or file.content_type)  # fmt: skip

    def check(self, settings: Settings, net: Net) -> list[Check]:
        graph, page = self.graph(settings, net), str(settings.get("page_id") or "")
        return [
            line(said("Page and token"), lambda: self.who_we_are(graph, page)),
            line(said("Webhook"), lambda: self._subscribed(graph, page)),
        ]

    def expires(self, settings: Settings, net: Net) -> datetime | None:
        return self.graph(settings, net).expires()

    def who_we_are(self, graph: Graph, page: str) -> str | None:
        """A sentence from a real call with the token."""
        return said("The token opens {name}.", name=text(graph.get(page, fields="name"), "name"))

    def account(self, settings: Settings) -> str:
        return str(settings.get("page_id") or "")

    def concerns(self, raw: Raw, settings: Settings) -> bool:
        """An app has one webhook for the page's messages, its comments and the Instagram account."""
        ours = {str(settings[name]) for name in ("page_id", "instagram_id") if settings.get(name)}
        return any(text(entry, "id") in ours for entry in each(foreign.peek(raw), "entry"))

    def human_window(self, settings: Settings) -> timedelta | None:
        return self.capabilities.human_window if settings.get("human_agent", True) else None

    def graph(self, settings: Settings, net: Net) -> Graph:
        return Graph(settings, net, "page_access_token")

    def _subscribed(self, graph: Graph, page: str) -> str | None:
        for app in each(graph.get(f"{page}/subscribed_apps"), "data"):
            fields = app.get("subscribed_fields")
            told = {str(f) for f in fields} if isinstance(fields, list) else set(self.needed)
            if told >= set(self.needed):
                return said("Subscribed by {names}.", names=text(app, "name") or text(app, "id"))
        return None


def entries(data: Json, *ours: object) -> Iterator[Json]:
    """Entries about our account: one app has one webhook for all its pages. Nothing in `ours`: all."""
    known = {str(account) for account in ours if account}
    for entry in each(data, "entry"):
        if not known or not text(entry, "id") or text(entry, "id") in known:
            yield entry


def events(entry: Json) -> Iterator[Json]:
    """Messaging events, also those of a talk that another app owns (`standby`), also spelt as changes."""
    yield from each(entry, "messaging")
    for event in each(entry, "standby"):
        yield {**event, "standby": True}
    for _, value in changes(entry):
        if obj(value, "sender"):
            yield value


def changes(entry: Json) -> Iterator[tuple[str, Json]]:
    """Field and value. With Instagram Login they stand in the entry itself, without a list."""
    for change in (*each(entry, "changes"), entry):
        if "field" in change:
            yield text(change, "field"), obj(change, "value")


def posted(graph: Graph, path: str, body: Json) -> Outcome:
    """POST of a public answer."""

    def post() -> Outcome:
        if external_id := text(graph.post(path, body), "id"):
            return Sent(external_id)
        return Unknown(said("Meta took the message without naming it."))

    return outcome(post)


def changed(graph: Graph, path: str, body: Json) -> Outcome:
    """POST that changes something and answers with ``success`` only."""

    def post() -> Outcome:
        graph.post(path, body)
        return Sent(path)

    return outcome(post)
