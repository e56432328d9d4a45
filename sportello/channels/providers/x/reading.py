"""What the X Activity API tells: one event per call, in one envelope."""

from __future__ import annotations

import html
from datetime import datetime
from typing import Any

from sportello.channels.contract import (
    Address,
    Echo,
    File,
    Inbound,
    Parsed,
    Raw,
    SeenUpTo,
    Status,
)
from sportello.channels.providers.x.events import (
    Conversation,
    Direct,
    Entities,
    Envelope,
    Event,
    Media,
    Post,
    Sealed,
)
from sportello.channels.vendors.shapes import at, digest, iso_moment, key, moment, peek, read

SPEECH = {"post.mention.create": "", "post.reply.create": "", "post.quote.create": "quote"}
"""Posts of others that speak to us or of us. Likes, reposts and follows are noise."""
OWN_POST = "post.create"
DIRECT = ("dm.received", "dm.sent")
ENCRYPTED = ("chat.received", "chat.sent")
READ = "dm.read"
SEALED = "🔒 Encrypted message: it can be read in X only. · Messaggio cifrato: si legge solo su X."
"""What stands in place of words that only the customer's and the company's own devices can decrypt."""


def order_key(raw: Raw) -> tuple[str, tuple[str, ...]]:
    """Whose talk it is, and the ids that `parsed` will find. Never raises."""
    event = at(peek(raw.body), "data")
    us, payload = key(at(event, "filter", "user_id")), at(event, "payload")
    first = at(payload, "direct_message_events", 0)
    who = [
        key(at(payload, "author_id")),
        key(at(payload, "sender_id")),
        key(at(first, "message_create", "sender_id")),
        key(at(first, "message_create", "target", "recipient_id")),
        key(at(payload, "in_reply_to_user_id")),
        *key(at(payload, "conversation_id")).split(":"),
    ]
    customer = next((w for w in who if w and w != us), "")
    found = key(at(first, "id")) or key(at(payload, "id"))
    if found and key(at(payload, "author_id")) not in ("", us):
        found = named(found, customer)
    return f"x:{customer}", (found,) if found else ()


def parsed(body: bytes, us: str) -> list[Parsed]:
    """Raises `Unreadable`. `us` is our account's id; events about other accounts of the app say nothing."""
    event = read(Envelope, body).data
    if us and event.filter and event.filter.user_id not in ("", us):
        return []
    if event.event_type in SPEECH or event.event_type == OWN_POST:
        return _post(read(Post, event.payload), event, us)
    if event.event_type in DIRECT:
        talk = read(Conversation, event.payload)
        return [p for e in talk.direct_message_events for p in _direct(e, event, us)]
    if event.event_type in ENCRYPTED:
        return _sealed(read(Sealed, event.payload), us)
    return _seen(event.payload) if event.event_type == READ else []


def named(post: str, author: str) -> str:
    """A customer's post as an external id: with its author, who may have to be answered in private."""
    return f"{post}@{author}"


def _post(post: Post, event: Event, us: str) -> list[Parsed]:
    if (
        not post.id
        or not post.author_id
        or any(r.type == "retweeted" for r in post.referenced_tweets)
    ):
        return []  # fmt: skip
    long = post.note_tweet if post.note_tweet and post.note_tweet.text else None
    start = post.display_text_range[0] if post.display_text_range and not long else 0
    shown = (long.text if long else post.text)[start if post.in_reply_to_user_id else 0 :]
    files, links = _pictures(post, event), (long or post).entities
    words = _words(shown, links, without="/status/" if files else "")
    thread, sent_at = post.conversation_id or post.id, iso_moment(post.created_at)
    if post.author_id == us or event.event_type == OWN_POST:
        if post.author_id != us or post.in_reply_to_user_id in ("", us):
            return []  # news of ours, to nobody in particular
        recipient = _person(post.in_reply_to_user_id, event)
        return [Echo(post.id, recipient, words, files, thread, sent_at)]
    sender, first = _person(post.author_id, event), (post.edit_history_tweet_ids or [post.id])[0]
    facts = {
        "about": SPEECH[event.event_type],
        "edited": first != post.id,
        "link": f"https://x.com/i/status/{post.id}",
    }
    return [
        Inbound(
            external_id=named(post.id, post.author_id),
            sender=sender,
            text=f"✏️ {words}" if facts["edited"] else words or ("" if files else "[post]"),
            sent_at=sent_at,
            fingerprint=digest(words, *(f.name for f in files)),
            files=files,
            thread_ref=thread,
            language=post.lang if len(post.lang) == 2 else "",
            contact_name=sender.name,
            meta={name: fact for name, fact in facts.items() if fact},
            is_public=True,
            addressed=not SPEECH[event.event_type],
            answers=named(first, post.author_id) if facts["edited"] else _answered(post, us),
        )
    ]


def _answered(post: Post, us: str) -> str:
    above, author = post.in_reply_to_tweet_id, post.in_reply_to_user_id
    above = above or next((r.id for r in post.referenced_tweets if r.type == "replied_to"), "")
    return above if not above or author in ("", us) else named(above, author)


def _direct(direct: Direct, event: Event, us: str) -> list[Parsed]:
    made = direct.message_create
    said = made.message_data if made else None
    if made is None or said is None or not direct.id or not made.sender_id:
        return []
    media = said.attachment.media if said.attachment else None
    files = tuple(_file(media)) if media else ()
    words = _words(said.text, said.entities, without=media.url if media and files else "")
    sent_at = _moment(direct.created_timestamp)
    if made.sender_id == us:
        recipient = made.target.recipient_id if made.target else ""
        return [Echo(direct.id, _person(recipient, event), words, files, "", sent_at)] if recipient else []  # fmt: skip
    return [_private(direct.id, _person(made.sender_id, event), words, files, sent_at)]


def _sealed(sealed: Sealed, us: str) -> list[Parsed]:
    if not sealed.id or not sealed.sender_id:
        return []
    sent_at = _moment(sealed.created_at_msec)
    if sealed.sender_id != us:
        return [
            _private(sealed.id, _address(sealed.sender_id), SEALED, (), sent_at, encrypted=True)
        ]
    others = [who for who in sealed.conversation_id.split(":") if who and who != us]
    if len(others) != 1:
        return []  # a group, or a talk we cannot place
    return [Echo(sealed.id, _address(others[0]), SEALED, (), "", sent_at)]


def _private(
    external_id: str, sender: Address, words: str, files: tuple[File, ...], sent_at: datetime | None, **facts: bool
) -> Inbound:  # fmt: skip
    return Inbound(
        external_id=external_id,
        sender=sender,
        text=words or ("" if files else "[message]"),
        sent_at=sent_at,
        fingerprint=digest(words, *(f.name for f in files)),
        files=files,
        contact_name=sender.name,
        meta=facts,
    )


def _seen(payload: dict[str, Any]) -> list[Parsed]:
    """Everything up to a moment was read. The shape is the one of v1.1; for this event X has published none."""
    found = payload.get("direct_message_mark_read_events")
    marks = found if isinstance(found, list) else []
    told = [(key(at(m, "sender_id")), _moment(key(at(m, "created_timestamp")))) for m in marks]
    return [SeenUpTo(_address(who), Status.READ, when) for who, when in told if who and when]


def _address(account: str, name: str = "") -> Address:
    return Address("x", account, name, verified=True, how="provider")


def _person(account: str, event: Event) -> Address:
    """With the name that came along: a list of users beside posts, a map of them beside messages."""
    users = at(event.includes, "users")
    known = at(event.payload, "users", account)
    candidates = [*(users if isinstance(users, list) else ()), at(known, "data") or known]
    for user in candidates:
        data = at(user, "data") or user
        if key(at(data, "id")) == account:
            return _address(account, key(at(data, "name")) or key(at(data, "username")))
    return _address(account)


def _words(text: str, entities: Entities | None, *, without: str = "") -> str:
    """Shortened links opened, the link to what is attached dropped, `&amp;` an ampersand again."""
    for link in entities.urls if entities else ():
        is_attachment = without and (without == link.url or (without in link.expanded_url and link.expanded_url.rstrip("0123456789").endswith(("/photo/", "/video/"))))  # fmt: skip
        if link.url:
            text = text.replace(link.url, "" if is_attachment else link.expanded_url or link.url)
    return html.unescape(text).strip()


def _pictures(post: Post, event: Event) -> tuple[File, ...]:
    wanted = post.attachments.media_keys if post.attachments else []
    found = at(event.includes, "media")
    shown = [read(Media, m) for m in found if isinstance(m, dict)] if isinstance(found, list) else []  # fmt: skip
    return tuple(f for media in shown if media.media_key in wanted for f in _file(media))


def _file(media: Media) -> list[File]:
    if media.type == "photo":
        url = media.media_url_https or media.url
        return [File("photo.jpg", "image/jpeg", media_ref=url)] if url.startswith("http") else []
    films = media.variants or (media.video_info.variants if media.video_info else [])
    films = [f for f in films if f.content_type == "video/mp4" and f.url]
    best = max(films, key=lambda f: f.bit_rate or f.bitrate or 0, default=None)
    return [File("video.mp4", "video/mp4", media_ref=best.url)] if best else []


def _moment(milliseconds: str) -> datetime | None:
    return moment(int(milliseconds) / 1000) if milliseconds.isdecimal() and len(milliseconds) < 16 else None  # fmt: skip
