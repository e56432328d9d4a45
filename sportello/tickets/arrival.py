"""What is on its way: a spool item as claimed, what it was understood to say, and where that goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sportello.channels import spool
from sportello.channels.contract import Inbound, Nature, Parsed, Raw
from sportello.channels.models import SpoolItem
from sportello.channels.queries import Mouth
from sportello.tickets import tokens
from sportello.tickets.confidential.covering import Original


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """An attachment whose bytes lie on disk; its row is written with the message."""

    key: str
    sha256: str
    name: str
    content_type: str
    size: int
    inline: bool
    content_id: str
    is_stored: bool = False
    """True when the row exists already (uploaded by the visitor before he sent the message)."""
    media_ref: str = ""
    """Set when the bytes still lie at the vendor."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A spool item as the applier reads it."""

    id: int
    channel_id: int
    order_key: str
    content_hash: str
    source: str
    headers: dict[str, str]
    query: str
    body: bytes | None
    received_at: datetime


@dataclass(slots=True)
class Arrival:
    """One parsed utterance on its way to a ticket."""

    mouth: Mouth
    spool_id: int
    received_at: datetime
    inbound: Inbound
    html: str = ""
    remote_images: int = 0
    files: list[PreparedFile] = field(default_factory=list)
    claim: tokens.Claim | None = None
    original: Original | None = None
    """What was covered in it, sealed."""
    verbatim: str = ""
    """Its words uncovered, when it may be an agent's own answer: what he writes to a customer is not covered."""

    @property
    def is_person(self) -> bool:
        """Not a machine."""
        return self.inbound.nature is Nature.PERSON

    @property
    def is_shared(self) -> bool:
        """Said in a talk of several people: they are all on one ticket."""
        return bool(self.mouth.provider.shared_threads and self.inbound.thread_ref)


@dataclass(slots=True)
class Prepared:
    """A spool item, understood: utterances, and what else it said."""

    item_id: int
    order_key: str
    arrivals: list[Arrival] = field(default_factory=list)
    others: list[tuple[Mouth, Parsed]] = field(default_factory=list)
    copies: list[spool.SpoolItem] = field(default_factory=list)
    """For sibling channels that it is (also) about."""
    monitored: list[tuple[int, str, int, datetime]] = field(default_factory=list)
    """Channel, external id, spool item and time of public items that the channel's rule leaves alone."""


@dataclass(frozen=True, slots=True)
class Place:
    """A thread of a ticket where a message may go on."""

    thread_id: int
    ticket_id: int
    channel_id: int
    contact_id: int
    status: str
    solved_at: datetime | None
    last_message_at: datetime

    def goes_on(self, *, now: datetime, reopen_days: int) -> bool:
        """False when the ticket has been done with for so long that a follow-up is opened instead."""
        if self.status == "closed":
            return False
        done_at = self.solved_at or self.last_message_at
        return self.status != "solved" or now - done_at <= timedelta(days=reopen_days)


@dataclass(frozen=True, slots=True)
class Guess:
    """A ticket of the same contact that a message without a thread may belong to, and how sure that is."""

    ticket_id: int
    percent: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placing:
    """Where one message goes: on a known thread (`place`), held there, or into a new ticket."""

    place: Place | None = None
    held: bool = False
    follow_up_of: int | None = None
    guess: Guess | None = None
    """Why it went on in `place`, or, for a new ticket, what is suggested to the agent."""


def raw_of(item: Claimed | SpoolItem) -> Raw:
    """The raw input as it came, from the row or from its file."""
    body = (
        bytes(item.body)
        if item.body is not None
        else spool.body_path(item.content_hash).read_bytes()
    )
    return Raw(body=body, headers=item.headers, query=item.query, source=item.source)


def meta_of(inbound: Inbound) -> Mapping[str, Any]:
    """What is shown beside the message: recipients and the provider's small facts."""
    meta: dict[str, Any] = dict(inbound.meta)
    if inbound.is_public:
        meta["public"] = True
    if inbound.answers:
        meta["answers"] = inbound.answers
    for name, people in (("to", inbound.to), ("cc", inbound.cc)):
        if people:
            meta[name] = [{"address": a.address, "name": a.name} for a in people]
    return meta
