"""What comes in: raw bytes, and the plain facts that a provider reads out of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Refused(Exception):
    """The raw input is not genuine (bad signature). The door answers 401 and stores nothing."""


class KeysWanted(Refused):
    """Signed with a public key that is not at hand: the door calls `Provider.learn_keys` and asks once more."""


class Unreadable(Exception):
    """The raw input cannot be parsed at all. It is parked, visible and replayable."""


@dataclass(frozen=True, slots=True)
class Raw:
    """What came in, byte for byte. Header names are lower case."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    source: str = "webhook"
    """Which door: ``webhook``, ``smtp``, ``imap``, ``widget``, ``poll``; ``sibling``: handed over, see `Provider.family`."""
    url: str = ""
    """The whole address as the vendor called it (some sign it). Known to `verify` only, not kept."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A cheap look at the raw input: items of one `order_key` are applied one after the other."""

    order_key: str
    external_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """A sender or recipient. `kind` is an identity kind: ``email``, ``phone``, ``visitor``, ``whatsapp``…"""

    kind: str
    address: str
    name: str = ""
    verified: bool = False
    """True when the vendor vouches for it (provider's stable id, signed visitor, aligned DMARC)."""
    how: str = ""
    """In a word, what the proof rests on: ``dmarc``, ``hmac``, ``provider``."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a vendor tells about a person when he is asked: nothing of it is proved to be his own."""

    name: str = ""
    email: str = ""


COMMENT = "comment"
"""Kind of a recipient known only by what he wrote in public; the address is the item's external id."""


@dataclass(frozen=True, slots=True)
class File:
    """An attachment whose bytes are here already (mail, chat) or still at the vendor (`media_ref`)."""

    name: str
    content_type: str
    content: bytes = b""
    inline: bool = False
    content_id: str = ""
    media_ref: str = ""
    """In: the vendor's name for bytes still to be fetched. Out: a signed address where he may fetch them."""
    stored_key: str = ""
    """Set when the bytes were stored before (chat uploads): the key under ``/files``."""


class Nature(StrEnum):
    """What kind of utterance an inbound message is. Only `PERSON` may open a ticket or reopen one."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Inbound:
    """One utterance of a customer."""

    external_id: str
    """The vendor's id of the message; unique per channel. Never empty: fall back to a content hash."""
    sender: Address
    text: str
    """What the author wrote, without quotes and signature."""
    sent_at: datetime | None = None
    fingerprint: str = ""
    """Hash of what the message says; tells a redelivery from a reused id."""
    subject: str = ""
    quoted: str = ""
    """Quotes and signature: folded, never dropped."""
    html: str = ""
    """As it came. The room that stores it sanitises it (`core.richtext.clean`)."""
    files: tuple[File, ...] = ()
    nature: Nature = Nature.PERSON
    thread_ref: str = ""
    """The vendor's id of the conversation, where it has one (visitor session, DM thread, comment tree)."""
    tokens: tuple[str, ...] = ()
    """Candidates for our own secret tokens (reply address, Message-ID, References), not yet judged."""
    references: tuple[str, ...] = ()
    """Message ids this one answers, nearest first."""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    language: str = ""
    contact_name: str = ""
    claimed: tuple[Address, ...] = ()
    """Addresses the sender typed in a form: claimed, not proved."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    """Small facts worth showing (page url, user agent, spam verdict). JSON."""
    is_public: bool = False
    """Strangers can read it (comment, mention, review), and will read the answer."""
    answers: str = ""
    """External id of the message that this one quotes."""
    rating: float | None = None
    """Stars out of five, where it is a review."""
    addressed: bool = False
    """A public item that names us, so that we are expected to answer."""


class Status(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """The vendor tells what became of something we sent. Late and reordered ones never go backwards."""

    external_id: str
    """Id of our message at the vendor, as returned by `Provider.send` (mail: our Message-ID)."""
    status: Status
    reason: str = ""
    recipient: str = ""
    at: datetime | None = None
    permanent: bool = True
    otherwise: Inbound | None = None
    """What to show when nobody here sent `external_id`: a bounce of something else is not lost."""
    key: str = ""
    """Our `Outbound.idempotency_key`, where the vendor hands it back: a send without an answer is found by it."""


@dataclass(frozen=True, slots=True)
class SeenUpTo:
    """Everything sent to this person up to a moment was delivered or read: a watermark, naming no message."""

    recipient: Address
    status: Status
    at: datetime


@dataclass(frozen=True, slots=True)
class Edited:
    """The author changed what he wrote. The first words are kept beside the new ones."""

    external_id: str
    """Of the message, as it was when it came."""
    text: str
    sender: Address | None = None
    """None when it was said in our name, by another app."""
    at: datetime | None = None
    """When; of several edits the latest one counts, in whatever order they come."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Unsent or deleted by its author: the message stays, marked, its words folded away."""

    external_id: str
    sender: Address | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The customer ended the talk (closed the chat): the ticket of this thread is solved."""

    sender: Address
    thread_ref: str
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Echo:
    """Something said in our name by another app (the vendor's own inbox): kept as an outbound message."""

    external_id: str
    recipient: Address
    text: str
    files: tuple[File, ...] = ()
    thread_ref: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji on a message, of ours or theirs; an empty one takes it back."""

    external_id: str
    """Of the message reacted to."""
    sender: Address
    emoji: str


@dataclass(frozen=True, slots=True)
class IdentityChanged:
    """The vendor gave the same person another id (new phone number, new user id)."""

    previous: Address
    current: Address


Parsed = (
    Inbound
    | StatusUpdate
    | SeenUpTo
    | Edited
    | Withdrawn
    | Ended
    | Echo
    | Reaction
    | IdentityChanged
)
