"""Facebook in public: what strangers can read on a page, and the answers that stand below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sportello.channels.contract import (
    COMMENT,
    Address,
    Capabilities,
    Edited,
    Failed,
    File,
    Inbound,
    Outbound,
    Outcome,
    Parsed,
    Raw,
    Settings,
    Withdrawn,
    said,
)
from sportello.channels.vendors.meta import foreign, messages, pages
from sportello.channels.vendors.meta.foreign import Json, digest, number, text, when

if TYPE_CHECKING:
    from sportello.core.net import Net

FIELDS = frozenset(("feed", "mention", "ratings"))
POSTS = frozenset(("post", "status", "photo", "video", "share", "link"))
EDITS, REMOVALS = frozenset(("edited", "edit")), frozenset(("remove", "delete"))
RECOMMENDED = {"POSITIVE": "👍", "NEGATIVE": "👎"}


class Facebook(pages.PageProvider):
    """Likes, reactions, hiding and what the page itself says are noise."""

    kind = "facebook"
    name = "Facebook comments"
    identity_kind = "facebook"
    hue = "facebook"
    needed = ("feed",)
    private_kind = "messenger"
    capabilities = Capabilities(
        max_text=8000,
        public=True,
        edits=True,
        hides=True,
        private_answer=pages.PRIVATE_ANSWER,
    )
    settings = pages.PAGE_SETTINGS
    guide = (
        "Create an app of type Business at developers.facebook.com and add Webhooks to it.",
        "Generate an access token of the page with pages_manage_engagement and pages_read_user_content.",
        "Save this channel, then enter its webhook address and your verify token under Webhooks → Page.",
        "Subscribe the page to feed, mention and ratings.",
    )

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        return [
            parsed
            for entry in pages.entries(foreign.load(raw.body), settings.get("page_id"))
            for field, value in pages.changes(entry)
            if field in FIELDS
            for parsed in _read(field, value, entry)
        ]

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        graph = self.graph(settings, net)
        if outbound.recipient.kind == COMMENT:
            return messages.send(outbound, settings, graph, self.private_kind)
        below = outbound.thread_ref or outbound.answers
        if not below:
            return Failed(said("There is no post or comment to answer."))
        if outbound.files:
            return Failed(said("A public answer takes no files here. Continue in private to send them."))  # fmt: skip
        return pages.posted(graph, f"{below}/comments", {"message": outbound.text})

    def hide(self, external_id: str, settings: Settings, net: Net, *, hidden: bool = True) -> Outcome:  # fmt: skip
        return pages.changed(self.graph(settings, net), external_id, {"is_hidden": hidden})


def _read(field: str, value: Json, entry: Json) -> Iterator[Parsed]:
    item, verb, page = text(value, "item"), text(value, "verb"), text(entry, "id")
    names = ("comment_id",) if item == "comment" else ("post_id", "photo_id", "video_id", "open_graph_story_id")  # fmt: skip
    external_id = next((text(value, name) for name in names if text(value, name)), "")
    author = _author(value, external_id)
    if not external_id or (author.address == page and verb not in REMOVALS):
        return
    if item != "comment" and item not in POSTS and item != "rating":
        return
    words, files = _content(value)
    at = when(value.get("created_time"))
    if verb in EDITS:
        # `created_time` may stay that of the comment; the entry tells when it was changed
        yield Edited(external_id, words, author, when(entry.get("time")) or at)
    elif verb in REMOVALS:
        yield Withdrawn(
            external_id, None, when(entry.get("time")) or at
        )  # or taken down by the page
    if verb != "add":
        return
    yield Inbound(
        external_id=external_id,
        sender=author,
        text=words or ("" if files else f"[{item}]"),
        sent_at=at or when(entry.get("time")),
        fingerprint=digest(words, *(f.name for f in files)),
        files=files,
        thread_ref=_root(value, item),
        contact_name=author.name,
        meta={
            name: fact
            for name, fact in {
                "post": text(value, "post_id"),
                "link": text(value, "link"),
                "about": field if field != "feed" else "",
            }.items()
            if fact
        },
        is_public=True,
        answers=text(value, "parent_id") if item == "comment" else "",
        rating=_stars(value),
        addressed=field == "mention",
    )


def _author(value: Json, external_id: str) -> Address:
    """Three generations of the API name the author differently; for mentions, and for people who hide, not at all."""
    for account, name in (
        (text(value, "from", "id"), text(value, "from", "name")),
        (text(value, "sender_id"), text(value, "sender_name")),
        (text(value, "reviewer_id"), text(value, "reviewer_name")),
    ):
        if account:
            return Address("facebook", account, name, verified=True, how="provider")
    return Address("facebook", f"comment:{external_id}")


def _root(value: Json, item: str) -> str:
    """Where answers stand: the top comment of a comment, the post of a post. A parent that is the post is no comment."""
    if item == "comment":
        parent = text(value, "parent_id")
        own = text(value, "comment_id")
        return own if parent in ("", text(value, "post_id")) else parent
    for name in ("post_id", "open_graph_story_id", "photo_id", "video_id"):
        if text(value, name):
            return text(value, name)
    return ""


def _stars(value: Json) -> float | None:
    """A recommendation is the best or the worst that can be said."""
    told = {"POSITIVE": 5, "NEGATIVE": 1}.get(text(value, "recommendation_type"))
    stars = min(max(number(value.get("rating")), 0), 5)
    return stars or told


def _content(value: Json) -> tuple[str, tuple[File, ...]]:
    stars = min(max(number(value.get("rating")), 0), 5)
    lines = [
        "★" * stars + "☆" * (5 - stars) if stars else "",
        RECOMMENDED.get(text(value, "recommendation_type"), ""),
        text(value, "message") or text(value, "review_text"),
    ]
    files = []
    for name, mime in (("photo", "image/jpeg"), ("video", "video/mp4")):
        url = text(value, name)
        if url.startswith("https://"):
            extension = mime.rpartition("/")[2].replace("jpeg", "jpg")
            files.append(File(f"{name}.{extension}", mime, media_ref=url))
    return "\n".join(line for line in lines if line), tuple(files)


provider = Facebook()
