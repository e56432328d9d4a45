"""Activities of the Bot Framework, as Teams sends them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field

from sportello.channels.contract import (
    Address,
    Edited,
    Envelope,
    File,
    Inbound,
    Parsed,
    Raw,
    Reaction,
    Withdrawn,
)
from sportello.channels.vendors.shapes import (
    NullIsEmpty,
    Shape,
    Text,
    address,
    at,
    digest,
    iso_moment,
    key,
    peek,
    read,
)

KINDS = {"message", "messageUpdate", "messageDelete", "messageReaction"}
"""Others tell of joining, typing, installing; ``invoke`` belongs to cards that we do not send."""
DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"
EMOJI = {"like": "👍", "heart": "❤️", "laugh": "😆", "surprised": "😮", "sad": "😢", "angry": "😠"}


class Account(Shape):
    id: Text = ""
    name: Text = ""
    aadObjectId: Text = ""  # noqa: N815 (Microsoft's own names)


class Conversation(Shape):
    id: Text
    tenantId: Text = ""  # noqa: N815


class Attachment(Shape):
    contentType: Text = ""  # noqa: N815
    contentUrl: Text = ""  # noqa: N815
    content: Any = None
    name: Text = ""


class Entity(Shape):
    type: Text = ""
    text: Text = ""
    mentioned: Account | None = None


class Reacted(Shape):
    type: Text = ""


class Activity(Shape):
    type: Text = ""
    id: Text = ""
    timestamp: Text = ""
    serviceUrl: Text = ""  # noqa: N815
    sender: Account = Field(alias="from")
    recipient: Account | None = None
    conversation: Conversation
    text: Text = ""
    locale: Text = ""
    replyToId: Text = ""  # noqa: N815
    value: Any = None
    channelData: Annotated[dict[str, Any], NullIsEmpty] = {}  # noqa: N815
    attachments: Annotated[list[Attachment], NullIsEmpty] = []
    entities: Annotated[list[Entity], NullIsEmpty] = []
    reactionsAdded: Annotated[list[Reacted], NullIsEmpty] = []  # noqa: N815
    reactionsRemoved: Annotated[list[Reacted], NullIsEmpty] = []  # noqa: N815

    @property
    def event(self) -> str:
        return key(at(self.channelData, "eventType"))


def envelope(raw: Raw) -> Envelope:
    """All of one conversation is applied in order."""
    activity = peek(raw.body)
    talk, id = key(at(activity, "conversation", "id")), key(activity.get("id"))
    spoken = activity.get("type") == "message" and talk and id
    return Envelope(talk or "teams", (message_id(talk, id),) if spoken else ())


def message_id(conversation: str, id: str) -> str:
    """Ids of messages are unique within their conversation."""
    return f"{conversation}|{id}"


def parsed(raw: Raw) -> list[Parsed]:
    """Raises `Unreadable`."""
    data = peek(raw.body)
    if data and key(data.get("type")) not in KINDS:
        return []
    if isinstance(data.get("channelData"), dict) is False:
        data = {k: v for k, v in data.items() if k != "channelData"}
    activity = read(Activity, data or raw.body)
    if activity.sender.id.startswith("28:") or not (activity.sender.id or activity.sender.aadObjectId):  # fmt: skip
        return []  # bots, ours among them
    who, where = _address(activity), activity.conversation.id
    match activity.type:
        case "message":
            found = _said(activity, who)
            return [found] if found else []
        case "messageUpdate" if activity.event == "editMessage" and activity.id:
            when = iso_moment(activity.timestamp)
            return [Edited(message_id(where, activity.id), _text(activity), who, when)]
        case "messageDelete" if activity.id:
            when = iso_moment(activity.timestamp)
            return [Withdrawn(message_id(where, activity.id), who, when)]
        case "messageReaction" if activity.replyToId:
            return _reacted(activity, who)
    return []


def _address(activity: Activity) -> Address:
    """By the directory's id, which is the same for every bot; outside of directories by the bot's own."""
    tenant = activity.conversation.tenantId or key(at(activity.channelData, "tenant", "id"))
    directory = activity.sender.aadObjectId
    address = f"{tenant}:{directory}" if tenant and directory else activity.sender.id or directory
    return Address("teams", address, activity.sender.name, verified=True, how="provider")


def _said(activity: Activity, who: Address) -> Inbound | None:
    text, files = _text(activity), _files(activity.attachments)
    meta: dict[str, Any] = {}
    if isinstance(activity.value, str) and activity.value:
        text, meta = text or activity.value, {"postback": activity.value}
    if not text and not files:
        return None
    where = activity.conversation.id
    fingerprint = digest(text, *(f.media_ref for f in files))
    return Inbound(
        external_id=message_id(where, activity.id or fingerprint),
        sender=who,
        text=text,
        sent_at=iso_moment(activity.timestamp),
        fingerprint=fingerprint,
        files=files,
        thread_ref=f"{activity.serviceUrl} {where}",
        language=activity.locale[:8],
        contact_name=who.name,
        meta=meta,
        answers=message_id(where, activity.replyToId) if activity.replyToId else "",
    )


def _text(activity: Activity) -> str:
    """Without the mention that called us; other people's mentions stay as names."""
    text = activity.text
    for entity in activity.entities:
        us = entity.mentioned and activity.recipient and entity.mentioned.id == activity.recipient.id  # fmt: skip
        if us and entity.text:
            text = text.replace(entity.text, "")
    text = re.sub(r"</?at\b[^<>]{0,100}>", "", text)
    for name, character in (("nbsp", " "), ("lt", "<"), ("gt", ">"), ("amp", "&")):
        text = text.replace(f"&{name};", character)
    return text.strip()


def _files(attachments: list[Attachment]) -> tuple[File, ...]:
    """Uploaded files and pasted pictures. The message's own HTML and cards are no files."""
    found = []
    for one in attachments:
        if one.contentType == DOWNLOAD:
            url = address(at(one.content, "downloadUrl"))
            kind = "application/octet-stream"
        elif one.contentType.startswith(("image/", "audio/", "video/")):
            url, kind = address(one.contentUrl), one.contentType
        else:
            continue
        if url:
            kind = "image/png" if kind == "image/*" else kind
            found.append(File(one.name or "picture.png", kind, media_ref=url))
    return tuple(found)


def _reacted(activity: Activity, who: Address) -> list[Parsed]:
    id = message_id(activity.conversation.id, activity.replyToId)
    if activity.reactionsAdded:
        name = activity.reactionsAdded[-1].type
        return [Reaction(id, who, EMOJI.get(name, name))]
    return [Reaction(id, who, "")] if activity.reactionsRemoved else []
