"""Direct messages of Messenger and Instagram: the same events, the same Send API."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

from sportello.channels.contract import (
    COMMENT,
    Address,
    Echo,
    Edited,
    Failed,
    File,
    Inbound,
    Outbound,
    Outcome,
    Parsed,
    Reaction,
    SeenUpTo,
    Sent,
    Settings,
    Status,
    StatusUpdate,
    Unknown,
    Withdrawn,
    said,
)
from sportello.channels.vendors.meta.foreign import Json, digest, each, obj, text, when
from sportello.channels.vendors.meta.graph import Graph
from sportello.channels.vendors.meta.parts import deliver

MEDIA = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/mp4",
    "file": "application/octet-stream",
    "story_mention": "image/jpeg",
    "ig_story": "image/jpeg",
}
"""Attachment type → content type until the bytes tell better."""
LABELS = {
    "story_mention": "Mentioned you in a story", "ig_story": "Shared a story", "ig_reel": "Shared a reel", "reel": "Shared a reel",
    "ig_post": "Shared a post", "post": "Shared a post", "share": "Shared a link", "fallback": "Shared a link",
}  # fmt: skip
WINDOW, HUMAN_AGENT = timedelta(hours=24), timedelta(days=7)
"""For anything, and for what a person wrote, with Meta's permission of the same name."""
MARK = "sportello:"


def read(event: Json, kind: str, account: str) -> Iterator[Parsed]:
    """All that one messaging event says; policies, opt-ins, payments and hand-overs say nothing to a ticket."""
    message = obj(event, "message")
    author = text(event, "sender", "id")
    if message and (message.get("is_echo") is True or (account and author == account)):
        yield from _echo(event, message, kind)
        return
    if not author or author == account:
        return
    sender = _address(kind, author)
    at = when(event.get("timestamp"))
    if message.get("is_deleted") is True:
        if mid := text(message, "mid"):
            yield Withdrawn(mid, sender, at)
    elif message:
        yield _message(event, message, sender)
    elif "postback" in event:
        yield _postback(event, sender)
    elif edit := obj(event, "message_edit"):
        if mid := text(edit, "mid"):
            yield Edited(mid, text(edit, "text"), sender, at)
    elif reaction := obj(event, "reaction"):
        taken_back = text(reaction, "action") == "unreact"
        emoji = text(reaction, "emoji") or text(reaction, "reaction")
        if mid := text(reaction, "mid"):
            yield Reaction(mid, sender, "" if taken_back else emoji)
    else:
        yield from _receipts(event, sender)


def _receipts(event: Json, reader: Address) -> Iterator[Parsed]:
    """Instagram names the message, Messenger gives a watermark; of deliveries it gives one or both."""
    at = when(event.get("timestamp"))
    mids = obj(event, "delivery").get("mids")
    named = [text(mid) for mid in mids if text(mid)] if isinstance(mids, list) else []
    for mid in named:
        yield StatusUpdate(mid, Status.DELIVERED, recipient=reader.address, at=at)
    delivered = when(obj(event, "delivery").get("watermark"))
    if delivered and not named:
        yield SeenUpTo(reader, Status.DELIVERED, delivered)
    if mid := text(event, "read", "mid"):
        yield StatusUpdate(mid, Status.READ, recipient=reader.address, at=at)
    elif read_up_to := when(obj(event, "read").get("watermark")):
        yield SeenUpTo(reader, Status.READ, read_up_to)


def _address(kind: str, account: str) -> Address:
    return Address(kind, account, verified=True, how="provider")


def _message(event: Json, message: Json, sender: Address) -> Inbound:
    mid = text(message, "mid")
    words, files = _content(message)
    story = text(message, "reply_to", "story", "url")
    facts = {
        "payload": text(message, "quick_reply", "payload"),
        "story": story,
        "ad": text(message, "referral", "ad_id") or text(event, "referral", "ad_id"),
        "standby": "yes" if event.get("standby") is True else "",
    }
    if story:  # gone after a day: fetched like a file
        files = (*files, _file("story", story, "image/jpeg"))
    answers = text(message, "reply_to", "mid")
    return _said(event, sender, words, mid, answers=answers, files=files, facts=facts)


def _postback(event: Json, sender: Address) -> Inbound:
    postback = obj(event, "postback")
    payload = text(postback, "payload")
    words = text(postback, "title") or payload or "[button]"
    return _said(event, sender, words, text(postback, "mid"), facts={"payload": payload})


def _said(
    event: Json,
    sender: Address,
    words: str,
    external_id: str,
    *,
    answers: str = "",
    files: tuple[File, ...] = (),
    facts: dict[str, str] | None = None,
) -> Inbound:
    fingerprint = digest(words, *(_lasting(f.media_ref) for f in files))
    return Inbound(
        external_id=external_id or digest(sender.address, fingerprint, event.get("timestamp")),
        sender=sender,
        text=words,
        sent_at=when(event.get("timestamp")),
        fingerprint=fingerprint,
        files=files,
        answers=answers,
        meta={name: value for name, value in (facts or {}).items() if value},
    )


def _lasting(url: str) -> str:
    """A redelivery signs the same file anew: only the path stays."""
    return url.partition("?")[0]


def _echo(event: Json, message: Json, kind: str) -> Iterator[Parsed]:
    """Said by the page: with the vendor's inbox, by another app, or by us."""
    recipient, mid = text(event, "recipient", "id"), text(message, "mid")
    at, mark = when(event.get("timestamp")), text(message, "metadata")
    if message.get("is_deleted") is True:
        if mid:
            yield Withdrawn(mid, None, at)
        return
    if not recipient:
        return
    if mid and mark.startswith(MARK):
        yield StatusUpdate(mid, Status.SENT, "", recipient, at, key=mark.removeprefix(MARK))
        return
    words, files = _content(message)
    external_id = mid or digest(recipient, words, event.get("timestamp"))
    yield Echo(external_id, _address(kind, recipient), words, files, sent_at=at)


def _content(message: Json) -> tuple[str, tuple[File, ...]]:
    lines, files = [text(message, "text")], []
    for attachment in each(message, "attachments"):
        kind, payload = text(attachment, "type"), obj(attachment, "payload")
        url = text(payload, "url") or text(payload, "story_media_url") or text(attachment, "url")
        if kind in MEDIA and url:
            files.append(_file(kind, url, MEDIA[kind]))
        if kind not in ("image", "video", "audio", "file"):
            lines.append(_described(kind, attachment, "" if kind in MEDIA else url))
        elif not url:
            lines.append(f"[{kind}]")
    words = "\n".join(line for line in lines if line)
    if not words and not files:
        words = "[unsupported]" if message.get("is_unsupported") is True else "[message]"
    return words, tuple(files)


def _described(kind: str, attachment: Json, url: str) -> str:
    """What is no file, in a line."""
    payload = obj(attachment, "payload")
    at = obj(payload, "coordinates")
    if at:
        where = f"mlat={text(at, 'lat')}&mlon={text(at, 'long')}"
        return f"📍 https://www.openstreetmap.org/?{where}"
    titles = [text(attachment, "title") or text(payload, "title") or text(payload, "text")]
    for part in (payload, obj(payload, "product"), obj(payload, "generic")):
        titles += [text(e, "title") for e in each(part, "elements")]
    label = f"[{LABELS.get(kind, kind or 'attachment')}]"
    return " ".join(p for p in (label, *titles, url) if p)


def _file(kind: str, url: str, content_type: str) -> File:
    try:
        name = unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        name = ""
    guessed = mimetypes.guess_type(name)[0]
    if not guessed:  # lookaside addresses have no file name
        name = f"{kind}{mimetypes.guess_extension(content_type) or '.bin'}"
    return File(name[-150:], guessed or content_type, media_ref=url)


def send(outbound: Outbound, settings: Settings, graph: Graph, kind: str) -> Outcome:
    """By the Send API. Within a day as an answer, within seven by a person, then not at all."""
    page = str(settings.get("page_id") or "")
    platform = "" if kind == "messenger" else kind
    how = _how(outbound, settings)
    if isinstance(how, Failed):
        return how
    named = COMMENT if outbound.recipient.kind == COMMENT else ""
    body: Json = {"recipient": {"comment_id" if named else "id": outbound.recipient.address}, **how}

    def post(message: Json) -> Outcome:
        # Instagram documents no `metadata`: its echoes are told by their id alone
        marked = (
            message if platform else {**message, "metadata": f"{MARK}{outbound.idempotency_key}"}
        )
        answer = graph.post(f"{page}/messages", {**body, "message": marked})
        if mid := text(answer, "message_id"):
            # whoever wrote the comment is known to Meta by another id in private: told here
            whom = text(answer, "recipient_id") if named else ""
            return Sent(mid, recipient=_address(kind, whom) if whom else None)
        return Unknown(said("Meta took the message without naming it."))

    return deliver(lambda: list(_parts(outbound, page, graph, platform)), post)


def _how(outbound: Outbound, settings: Settings) -> Json | Failed:
    until, now = outbound.window_until, datetime.now(UTC)
    if until is None or now < until or outbound.recipient.kind == COMMENT:
        return {"messaging_type": "RESPONSE"}
    if now >= until - WINDOW + HUMAN_AGENT or not settings.get("human_agent", True):
        return Failed(said("Too long since the customer wrote: only they can take the talk up again."))  # fmt: skip
    if outbound.automatic:
        return Failed(said("More than 24 hours since the customer wrote: only a person may answer, no robot."))  # fmt: skip
    return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}


def _parts(outbound: Outbound, page: str, graph: Graph, platform: str) -> Iterator[Json]:
    for file in outbound.files:
        family = file.content_type.partition("/")[0]
        kind = family if family in ("image", "video", "audio") else "file"
        if not file.content and file.media_ref.startswith("https://"):
            payload: Json = {"url": file.media_ref}
        else:
            payload = {"attachment_id": _upload(file, kind, page, graph, platform)}
        yield {"attachment": {"type": kind, "payload": payload}}
    replies = [
        {"content_type": "text", "title": r.title[:20], "payload": r.id[:1000]}
        for r in outbound.quick_replies[:13]
    ]
    if outbound.text:
        yield {"text": outbound.text, **({"quick_replies": replies} if replies else {})}


def _upload(file: File, kind: str, page: str, graph: Graph, platform: str) -> str:
    message = json.dumps({"attachment": {"type": kind, "payload": {"is_reusable": False}}})
    fields = {"message": message, **({"platform": platform} if platform else {})}
    part = (file.name, file.content, file.content_type)
    answer = graph.upload(f"{page}/message_attachments", fields, "filedata", part)
    return text(answer, "attachment_id")
