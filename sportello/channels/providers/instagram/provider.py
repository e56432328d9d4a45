"""Instagram: direct messages by the Send API, comments and mentions in public."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sportello.channels.contract import (
    COMMENT,
    Address,
    Capabilities,
    Failed,
    Inbound,
    Outbound,
    Outcome,
    Parsed,
    Raw,
    Setting,
    Settings,
    said,
)
from sportello.channels.vendors.meta import foreign, messages, pages
from sportello.channels.vendors.meta.foreign import Json, digest, obj, text, when
from sportello.channels.vendors.meta.graph import Graph

if TYPE_CHECKING:
    from sportello.core.net import Net

MENTION = "mention:"
"""Before media and comment in `thread_ref`: an answer to a mention has an edge of its own."""


class Instagram(pages.PageProvider):
    """A `thread_ref` means public: the comment below which answers stand. Direct messages have none."""

    kind = "instagram"
    name = "Instagram"
    identity_kind = "instagram"
    customer_link = "https://ig.me/m/{name}"
    hue = "instagram"
    conversational = True
    needed = ("messages",)
    private_kind = "instagram"
    capabilities = Capabilities(
        files=True,
        max_file_bytes=25 * 1024 * 1024,
        max_text=1000,
        media=("image/*", "video/*", "audio/*", "application/pdf"),
        read_receipts=True,
        quick_replies=13,
        public=True,
        private_too=True,
        edits=True,
        reply_window=messages.WINDOW,
        human_window=messages.HUMAN_AGENT,
        hides=True,
        private_answer=pages.PRIVATE_ANSWER,
    )
    settings = (
        *pages.PAGE_SETTINGS,
        Setting(
            "instagram_id",
            "Instagram account ID",
            help="Needed to answer mentions; events of other accounts are then ignored.",
        ),
        pages.HUMAN_AGENT,
    )
    guide = (
        "Make the Instagram account a professional one and link it to your Facebook page.",
        "In the Instagram app, allow access to messages for connected tools.",
        "Create an app of type Business at developers.facebook.com, add Instagram and Messenger, and generate the page's access token.",
        "Save this channel, then enter its webhook address and your verify token under Webhooks → Instagram.",
        "Subscribe to messages, messaging_postbacks, messaging_seen, message_reactions, comments, live_comments and mentions.",
        "Ask Meta for instagram_manage_messages, instagram_manage_comments and Human Agent.",
    )

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        ours = settings.get("instagram_id")
        accounts = (ours, settings.get("page_id")) if ours else ()
        found: list[Parsed] = []
        for entry in pages.entries(foreign.load(raw.body), *accounts):
            account = text(entry, "id")
            for event in pages.events(entry):
                found += messages.read(event, self.kind, account)
            for field, value in pages.changes(entry):
                if field in ("comments", "live_comments"):
                    found += _comment(value, entry, {account, str(ours or "")})
                elif field == "mentions":
                    found += _mention(value, entry)
        return found

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        graph = self.graph(settings, net)
        if not outbound.thread_ref or outbound.recipient.kind == COMMENT:
            return messages.send(outbound, settings, graph, self.kind)
        if outbound.files:
            return Failed(said("A public answer takes no files here. Continue in private to send them."))  # fmt: skip
        body: Json = {"message": outbound.text}
        if not outbound.thread_ref.startswith(MENTION):
            return pages.posted(graph, f"{outbound.thread_ref}/replies", body)
        media, _, comment = outbound.thread_ref.removeprefix(MENTION).partition(":")
        body |= {"media_id": media} | ({"comment_id": comment} if comment else {})
        us = settings.get("instagram_id") or settings.get("page_id")
        return pages.posted(graph, f"{us}/mentions", body)

    def hide(self, external_id: str, settings: Settings, net: Net, *, hidden: bool = True) -> Outcome:  # fmt: skip
        return pages.changed(self.graph(settings, net), external_id, {"hide": hidden})

    def who_we_are(self, graph: Graph, page: str) -> str | None:
        found = graph.get(page, fields="name,instagram_business_account{id,username}")
        account = obj(found, "instagram_business_account")
        return said(
            "The token opens {name}; Instagram account {account}.",
            name=text(found, "name"),
            account=f"@{text(account, 'username')} ({text(account, 'id')})" if account else "–",
        )


def _comment(value: Json, entry: Json, ours: set[str]) -> Iterator[Inbound]:
    """Answers stand below the top comment: Instagram has one level only. Boosted posts tell things twice."""
    external_id, author = text(value, "id"), text(value, "from", "id")
    if not external_id or (author and author in ours):
        return
    name, words = text(value, "from", "username"), text(value, "text") or "[comment]"
    media = obj(value, "media")
    facts = {
        "media": text(media, "id"),
        "media_type": text(media, "media_product_type"),
        "ad": text(media, "ad_title") or text(media, "ad_id"),
    }
    yield Inbound(
        external_id=external_id,
        sender=_author(author, external_id, name),
        text=words,
        sent_at=when(entry.get("time")),
        fingerprint=digest(words),
        thread_ref=text(value, "parent_id") or external_id,
        contact_name=name,
        meta={name: fact for name, fact in facts.items() if fact},
        is_public=True,
        answers=text(value, "parent_id"),
    )


def _mention(value: Json, entry: Json) -> Iterator[Inbound]:
    """Meta tells where, neither who nor what: the words are at ``/{account}?fields=mentioned_comment``."""
    media, comment = text(value, "media_id"), text(value, "comment_id")
    if not (media or comment):
        return
    where = "a comment" if comment else "a post"
    yield Inbound(
        external_id=f"{MENTION}{comment or media}",
        sender=_author("", comment or media, ""),
        text=f"[Mentioned you in {where}]",
        sent_at=when(entry.get("time")),
        thread_ref=f"{MENTION}{media}:{comment}",
        meta={"media": media, "comment": comment},
        is_public=True,
        addressed=True,
    )


def _author(account: str, comment: str, name: str) -> Address:
    """Where Meta hides the author, each comment is a stranger of its own."""
    if account:
        return Address("instagram", account, name, verified=True, how="provider")
    return Address("instagram", f"comment:{comment}", name)
