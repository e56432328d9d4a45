"""What Slack tells: events of the Events API, and pressed buttons."""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import parse_qs

from sportello.channels.contract import (
    Address,
    Edited,
    Envelope,
    File,
    Inbound,
    Parsed,
    Raw,
    Reaction,
    Settings,
    Withdrawn,
)
from sportello.channels.providers.slack import mrkdwn
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

EVENTS = {"message", "app_mention", "reaction_added", "reaction_removed"}
"""Others of the hundred have fields of the same names and other shapes: they are not looked at."""
SPOKEN = {"", "file_share", "me_message", "thread_broadcast"}
"""Subtypes of messages that somebody wrote; the others tell of joining, renaming, pinning."""


class Attached(Shape):
    id: Text = ""
    name: Text = ""
    title: Text = ""
    mimetype: Text = ""
    mode: Text = ""
    url_private: Text = ""
    url_private_download: Text = ""


class Profile(Shape):
    real_name: Text = ""
    display_name: Text = ""


class Edit(Shape):
    ts: Text = ""


class Message(Shape):
    subtype: Text = ""
    user: Text = ""
    bot_id: Text = ""
    team: Text = ""
    user_team: Text = ""
    source_team: Text = ""
    text: Text = ""
    ts: Text = ""
    thread_ts: Text = ""
    files: Annotated[list[Attached], NullIsEmpty] = []
    user_profile: Profile | None = None
    edited: Edit | None = None


class Item(Shape):
    type: Text = ""
    channel: Text = ""
    ts: Text = ""


class Event(Message):
    type: Text = ""
    channel: Text = ""
    channel_type: Text = ""
    event_ts: Text = ""
    deleted_ts: Text = ""
    reaction: Text = ""
    item: Item | None = None
    message: Message | None = None
    previous_message: Message | None = None


class Authorization(Shape):
    team_id: Text = ""
    user_id: Text = ""
    is_bot: bool = False


class Body(Shape):
    type: Text = ""
    team_id: Text = ""
    authorizations: Annotated[list[Authorization], NullIsEmpty] = []
    event: Event | None = None

    @property
    def home(self) -> str:
        """The workspace our app lives in. In shared channels `team_id` may be the other one's."""
        return next((a.team_id for a in self.authorizations if a.team_id), self.team_id)


def data_of(raw: Raw) -> dict[str, Any]:
    """The JSON of an event, or of the form that a pressed button comes in. Never raises."""
    if raw.body.startswith(b"payload="):
        try:
            form = parse_qs(raw.body.decode("utf-8", "replace"), max_num_fields=50)
            return peek(form.get("payload", ["{}"])[0].encode("utf-8", "replace"))
        except ValueError:
            return {}
    return peek(raw.body)


def envelope(raw: Raw) -> Envelope:
    """All of one Slack channel is applied in order."""
    data = data_of(raw)
    if data.get("type") == "block_actions":
        return Envelope(key(at(data, "channel", "id")) or "slack")
    event = data.get("event")
    channel = key(at(event, "channel")) or key(at(event, "item", "channel"))
    ts = key(at(event, "ts")) if key(at(event, "subtype")) in SPOKEN else ""
    spoken = key(at(event, "type")) in ("message", "app_mention") and channel and ts
    return Envelope(channel or "slack", (f"{channel}:{ts}",) if spoken else ())


def parsed(raw: Raw, settings: Settings) -> list[Parsed]:
    """Raises `Unreadable`."""
    data = data_of(raw)
    if data.get("type") == "block_actions":
        return _pressed(data)
    if data and key(at(data, "event", "type")) not in EVENTS:
        return []
    body = read(Body, data or raw.body)
    event = body.event
    if body.type != "event_callback" or event is None:
        return []
    if event.type in ("reaction_added", "reaction_removed"):
        return _reacted(body, event)
    if not event.channel:
        return []
    if event.subtype == "message_changed" and event.message:
        return _changed(body, event, event.message)
    if event.subtype == "message_deleted" and event.deleted_ts:
        was = event.previous_message or Message()
        return _withdrawn(body, event, was, event.deleted_ts)
    found = _said(body, event, colleagues=bool(settings.get("colleagues")))
    return [found] if found else []


def _address(body: Body, message: Message) -> Address:
    """Ids of people are unique within their own workspace."""
    team = message.user_team or message.source_team or message.team or body.home
    profile = message.user_profile or Profile()
    name = profile.real_name or profile.display_name
    return Address("slack", f"{team}:{message.user}", name, verified=True, how="provider")


def _is_person(body: Body, message: Message) -> bool:
    ours = {a.user_id for a in body.authorizations if a.is_bot}
    return bool(message.user) and not message.bot_id and message.user not in ours


def _said(body: Body, event: Event, *, colleagues: bool) -> Inbound | None:
    if event.subtype not in SPOKEN or not event.ts or not _is_person(body, event):
        return None
    sender, is_direct = _address(body, event), event.channel_type == "im"
    if colleagues and not is_direct and sender.address.startswith(f"{body.home}:"):
        return None
    text, files = mrkdwn.to_text(event.text), _files(event.files)
    if not text and not files:
        return None
    root = event.thread_ts or event.ts
    return Inbound(
        external_id=f"{event.channel}:{event.ts}",
        sender=sender,
        text=text,
        sent_at=stamp(event.ts),
        fingerprint=digest(text, *(f.media_ref for f in files)),
        files=files,
        thread_ref=event.channel if is_direct else f"{event.channel}:{root}",
        contact_name=sender.name,
        answers=f"{event.channel}:{root}" if is_direct and root != event.ts else "",
    )


def _files(attached: list[Attached]) -> tuple[File, ...]:
    """In shared channels Slack names a file without its address: then it is asked for by its id."""
    found = []
    for one in attached:
        reference = one.url_private_download or one.url_private or one.id
        if reference and one.mode != "tombstone":
            name = one.name or one.title or "file"
            found.append(File(name, one.mimetype or "application/octet-stream", media_ref=reference))  # fmt: skip
    return tuple(found)


def _changed(body: Body, event: Event, now: Message) -> list[Parsed]:
    """Slack also tells so when it unfurls a link or adds a thread's counter: then the words are the same."""
    if now.subtype == "tombstone":
        return _withdrawn(body, event, event.previous_message or now, now.ts)
    was = event.previous_message.text if event.previous_message else ""
    if now.text == was or not now.ts or not _is_person(body, now):
        return []
    when = stamp(now.edited.ts if now.edited else event.event_ts)
    words = mrkdwn.to_text(now.text)
    return [Edited(f"{event.channel}:{now.ts}", words, _address(body, now), when)]


def _withdrawn(body: Body, event: Event, was: Message, ts: str) -> list[Parsed]:
    if not _is_person(body, was):
        return []
    return [Withdrawn(f"{event.channel}:{ts}", _address(body, was), stamp(event.event_ts))]


def _reacted(body: Body, event: Event) -> list[Parsed]:
    item = event.item
    if item is None or item.type != "message" or not item.ts or not _is_person(body, event):
        return []
    emoji = mrkdwn.emoji(event.reaction) if event.type == "reaction_added" else ""
    return [Reaction(f"{item.channel}:{item.ts}", _address(body, event), emoji)]


def _pressed(data: dict[str, Any]) -> list[Parsed]:
    """A button under a message of ours: its title is what the customer says."""
    user, channel = key(at(data, "user", "id")), key(at(data, "channel", "id"))
    action = at(data, "actions", 0)
    title = key(at(action, "text", "text")) or key(at(action, "value"))
    pressed_at, message = key(at(action, "action_ts")), at(data, "message")
    if not (user and channel and title and pressed_at):
        return []
    team = key(at(data, "user", "team_id")) or key(at(data, "team", "id"))
    ours = key(at(message, "ts"))
    root = key(at(message, "thread_ts")) or ours or pressed_at
    return [
        Inbound(
            external_id=f"{channel}:{pressed_at}:{user}",
            sender=Address("slack", f"{team}:{user}", key(at(data, "user", "name")), verified=True, how="provider"),
            text=mrkdwn.to_text(title),
            sent_at=stamp(pressed_at),
            fingerprint=digest(title),
            thread_ref=channel if channel.startswith("D") else f"{channel}:{root}",
            meta={"postback": key(at(action, "value"))},
            answers=f"{channel}:{ours}" if ours else "",
        )
    ]  # fmt: skip


def stamp(ts: str) -> Any:
    """Slack's ids of messages are their times."""
    try:
        return moment(float(ts))
    except ValueError:
        return None


def challenge_of(body: bytes) -> str | None:
    """What a ``url_verification`` wants to hear, None for all other calls."""
    if b"url_verification" not in body:
        return None
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    is_question = at(data, "type") == "url_verification"
    return key(at(data, "challenge")) if is_question else None
