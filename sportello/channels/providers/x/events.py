"""The shapes of X's events, as far as they are read: posts (API v2), direct messages (as in v1.1), encrypted chats."""

from __future__ import annotations

from typing import Annotated, Any

from sportello.channels.vendors.shapes import NullIsEmpty, Shape, Text


class Url(Shape):
    url: Text = ""
    expanded_url: Text = ""


class Entities(Shape):
    urls: Annotated[list[Url], NullIsEmpty] = []


class Variant(Shape):
    content_type: Text = ""
    url: Text = ""
    bit_rate: float | None = None
    bitrate: float | None = None


class Films(Shape):
    variants: Annotated[list[Variant], NullIsEmpty] = []


class Media(Shape):
    media_key: Text = ""
    type: Text = ""
    url: Text = ""
    media_url_https: Text = ""
    variants: Annotated[list[Variant], NullIsEmpty] = []
    video_info: Films | None = None


class Attached(Shape):
    media_keys: Annotated[list[Text], NullIsEmpty] = []
    media: Media | None = None


class Referred(Shape):
    type: Text = ""
    id: Text = ""


class Long(Shape):
    text: Text = ""
    entities: Entities | None = None


class Post(Shape):
    id: Text = ""
    author_id: Text = ""
    conversation_id: Text = ""
    text: Text = ""
    note_tweet: Long | None = None
    created_at: Text = ""
    lang: Text = ""
    in_reply_to_user_id: Text = ""
    in_reply_to_tweet_id: Text = ""
    referenced_tweets: Annotated[list[Referred], NullIsEmpty] = []
    edit_history_tweet_ids: Annotated[list[Text], NullIsEmpty] = []
    display_text_range: Annotated[list[int], NullIsEmpty] = []
    entities: Entities | None = None
    attachments: Attached | None = None


class Said(Shape):
    text: Text = ""
    entities: Entities | None = None
    attachment: Attached | None = None


class Target(Shape):
    recipient_id: Text = ""


class Create(Shape):
    target: Target | None = None
    sender_id: Text = ""
    message_data: Said | None = None


class Direct(Shape):
    type: Text = ""
    id: Text = ""
    created_timestamp: Text = ""
    message_create: Create | None = None


class Conversation(Shape):
    direct_message_events: Annotated[list[Direct], NullIsEmpty] = []


class Sealed(Shape):
    id: Text = ""
    sender_id: Text = ""
    conversation_id: Text = ""
    created_at_msec: Text = ""


class Filter(Shape):
    user_id: Text = ""


class Event(Shape):
    event_uuid: Text = ""
    event_type: Text = ""
    filter: Filter | None = None
    payload: dict[str, Any] = {}
    includes: Any = None


class Envelope(Shape):
    data: Event
