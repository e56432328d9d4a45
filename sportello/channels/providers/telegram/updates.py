"""What Telegram tells: one `Update` per call or per item of ``getUpdates``."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from sportello.channels.contract import (
    Address,
    Echo,
    Edited,
    File,
    Inbound,
    Parsed,
    Raw,
    Reaction,
)
from sportello.channels.vendors.shapes import (
    NullIsEmpty,
    Shape,
    Text,
    at,
    digest,
    key,
    moment,
    peek,
    read,
)

MESSAGES = ("message", "edited_message", "business_message", "edited_business_message")
SPOKEN_KINDS = ("poll", "dice", "story", "paid_media", "checklist", "game", "invoice")
"""Things people send that have no text and no file we can fetch: shown by name."""


class User(Shape):
    id: int
    is_bot: bool = False
    first_name: Text = ""
    last_name: Text = ""
    language_code: Text = ""

    @property
    def address(self) -> Address:
        name = f"{self.first_name} {self.last_name}".strip()
        return Address("telegram", str(self.id), name, verified=True, how="provider")


class Chat(Shape):
    id: int
    type: Text = ""


class Media(Shape):
    file_id: Text
    file_name: Text = ""
    mime_type: Text = ""
    emoji: Text = ""


class Place(Shape):
    latitude: float
    longitude: float


class Card(Shape):
    phone_number: Text = ""
    first_name: Text = ""
    last_name: Text = ""


class Venue(Shape):
    title: Text = ""
    address: Text = ""


class Answered(Shape):
    message_id: int = 0


class Message(Shape):
    message_id: int = 0
    sender: User | None = Field(None, alias="from")
    chat: Chat
    date: float = 0
    edit_date: float = 0
    text: Text = ""
    caption: Text = ""
    photo: Annotated[list[Media], NullIsEmpty] = []
    document: Media | None = None
    voice: Media | None = None
    audio: Media | None = None
    video: Media | None = None
    animation: Media | None = None
    video_note: Media | None = None
    sticker: Media | None = None
    location: Place | None = None
    venue: Venue | None = None
    contact: Card | None = None
    reply_to_message: Answered | None = None
    business_connection_id: Text = ""

    @property
    def id(self) -> str:
        return f"{self.chat.id}:{self.message_id}"

    @property
    def thread(self) -> str:
        """Empty for the talk of a person with the bot; else where the answer has to go."""
        if self.business_connection_id:
            return f"{self.business_connection_id}/{self.chat.id}"
        return "" if self.chat.type in ("private", "") else str(self.chat.id)


class Pressed(Shape):
    id: Text
    sender: User = Field(alias="from")
    message: Message | None = None
    data: Text = ""


class Emoji(Shape):
    type: Text = ""
    emoji: Text = ""


class Reacted(Shape):
    chat: Chat
    message_id: int
    user: User | None = None
    new_reaction: Annotated[list[Emoji], NullIsEmpty] = []


class Update(Shape):
    update_id: int
    message: Message | None = None
    edited_message: Message | None = None
    business_message: Message | None = None
    edited_business_message: Message | None = None
    callback_query: Pressed | None = None
    message_reaction: Reacted | None = None


def order_key(raw: Raw) -> tuple[str, tuple[str, ...]]:
    """Whose talk it is, and the ids that `parsed` will find. Never raises."""
    update = peek(raw.body)
    for kind in MESSAGES:
        if chat := key(at(update, kind, "chat", "id")):
            if kind.startswith("edited"):
                return chat, ()
            number = key(at(update, kind, "message_id"))
            return chat, (f"{chat}:{number}",) if number else ()
    pressed = at(update, "callback_query")
    chat = key(at(pressed, "message", "chat", "id")) or key(at(pressed, "from", "id"))
    if chat:
        return chat, (f"callback:{key(at(pressed, 'id'))}",)
    return key(at(update, "message_reaction", "chat", "id")) or "telegram", ()


def parsed(body: bytes) -> list[Parsed]:
    """Raises `Unreadable`. Updates that are no utterance say nothing."""
    data = peek(body)
    pressed = data.get("callback_query")
    if isinstance(pressed, dict) and not at(pressed, "message", "chat", "id"):
        data = data | {"callback_query": pressed | {"message": None}}
    update = read(Update, data)
    if update.callback_query:
        return [_pressed(update.callback_query, data)]
    if update.message_reaction:
        return _reacted(update.message_reaction)
    for kind in MESSAGES:
        message: Message | None = getattr(update, kind)
        if message:
            return _said(message, data[kind], edited=kind.startswith("edited"))
    return []


def _pressed(pressed: Pressed, data: dict[str, Any]) -> Inbound:
    """A button under a message of ours: its title is what the customer says."""
    rows = at(data, "callback_query", "message", "reply_markup", "inline_keyboard")
    buttons = [b for row in rows if isinstance(row, list) for b in row] if rows.__class__ is list else []  # fmt: skip
    titles = [at(b, "text") for b in buttons if at(b, "callback_data") == pressed.data]
    title = key(titles[0]) if titles else ""
    return Inbound(
        external_id=f"callback:{pressed.id}",
        sender=pressed.sender.address,
        text=title or pressed.data,
        fingerprint=digest(pressed.data),
        thread_ref=pressed.message.thread if pressed.message else "",
        language=pressed.sender.language_code,
        contact_name=pressed.sender.address.name,
        meta={"postback": pressed.data},
        answers=pressed.message.id if pressed.message else "",
    )


def _reacted(reacted: Reacted) -> list[Parsed]:
    if reacted.user is None:
        return []
    emoji = next((e.emoji for e in reacted.new_reaction if e.type == "emoji"), "")
    if reacted.new_reaction and not emoji:
        return []  # a custom emoji: a picture by number, nothing that can be shown
    return [Reaction(f"{reacted.chat.id}:{reacted.message_id}", reacted.user.address, emoji)]


def _said(message: Message, data: dict[str, Any], *, edited: bool) -> list[Parsed]:
    text, files = _text(message, data), _files(message)
    if message.sender is None or message.sender.is_bot or not (text or files):
        return []
    if text == "/start" or text.startswith("/start "):
        return []  # the app sends it when somebody opens the talk; nobody has said anything yet
    sent_at = moment(message.edit_date if edited else message.date)
    sender = message.sender.address
    ours = bool(message.business_connection_id) and message.sender.id != message.chat.id
    if edited:
        return [Edited(message.id, text, None if ours else sender, sent_at)]
    if ours:
        return [
            Echo(message.id, Address("telegram", str(message.chat.id)), text, files, message.thread, sent_at)
        ]  # fmt: skip
    answered = message.reply_to_message
    return [
        Inbound(
            external_id=message.id,
            sender=sender,
            text=text,
            sent_at=sent_at,
            fingerprint=digest(text, *(f.media_ref for f in files)),
            files=files,
            thread_ref=message.thread,
            language=message.sender.language_code,
            contact_name=sender.name,
            answers=f"{message.chat.id}:{answered.message_id}" if answered else "",
        )
    ]


def _text(message: Message, data: dict[str, Any]) -> str:
    lines = [message.text or message.caption]
    if message.sticker:
        lines.append(message.sticker.emoji)
    if message.venue:
        lines += [message.venue.title, message.venue.address]
    if place := message.location:
        lines.append(f"https://www.openstreetmap.org/?mlat={place.latitude}&mlon={place.longitude}")
    if card := message.contact:
        lines += [f"{card.first_name} {card.last_name}".strip(), card.phone_number]
    lines += [f"[{kind}]" for kind in SPOKEN_KINDS if isinstance(data.get(kind), dict)]
    return "\n".join(line for line in lines if line)


def _files(message: Message) -> tuple[File, ...]:
    found = [("photo.jpg", "image/jpeg", message.photo[-1])] if message.photo else []
    named = (
        ("voice.ogg", "audio/ogg", message.voice),
        ("audio.mp3", "audio/mpeg", message.audio),
        ("video.mp4", "video/mp4", message.video),
        ("video.mp4", "video/mp4", message.video_note),
        ("sticker.webp", "image/webp", message.sticker),
        # an animation comes with a document of the same file
        ("animation.mp4", "video/mp4", message.animation),
        ("file", "application/octet-stream", None if message.animation else message.document),
    )
    found += [(name, kind, media) for name, kind, media in named if media]
    return tuple(
        File(media.file_name or name, media.mime_type or kind, media_ref=media.file_id)
        for name, kind, media in found
        if media.file_id
    )
