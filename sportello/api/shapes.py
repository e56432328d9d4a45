"""What the calls answer with."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sportello.api.schemas import Named, Out


class ChannelRef(Out):
    id: str
    provider: str
    name: str


class Sla(Out):
    breaks_at: datetime


class TicketOut(Out):
    number: int
    subject: str
    status: str
    priority: str
    type: str
    brand: Named
    contact: Named
    organization: Named | None
    assignee: Named | None
    team: Named | None
    tags: list[str]
    channels: list[ChannelRef]
    language: str
    created_at: datetime
    updated_at: datetime
    solved_at: datetime | None
    sla: Sla | None
    custom: dict[str, Any]
    spam: bool
    waiting_since: datetime | None
    snoozed_until: datetime | None
    merged_into: int | None


class Author(Out):
    type: str
    """``agent``, ``contact`` or ``system``."""
    id: int | None
    name: str


class AttachmentOut(Out):
    name: str
    type: str
    size: int
    inline: bool
    url: str


class DeliveryOut(Out):
    status: str
    reason: str


class CallOut(Out):
    direction: Literal["in", "out"]
    """``in``: the customer called."""
    minutes: int
    outcome: str = "talked"


class MessageOut(Out):
    id: int
    direction: str
    channel: ChannelRef | None
    author: Author
    subject: str
    text: str
    quoted: str
    html: str
    attachments: list[AttachmentOut]
    delivery: DeliveryOut | None
    external_id: str | None
    raw_url: str | None
    covered: list[str]
    """Kinds of data shown as dots: ``card``, ``iban``, ``tax_code``, ``vat_number``, ``secret``, ``health``."""
    call: CallOut | None
    """A telephone call: `text` is what the agent wrote down."""
    held: bool
    edited: bool
    """Its author changed it: `text` is the newest wording."""
    withdrawn: bool
    """Its author took it back: whoever shows it should fold it away."""
    created_at: datetime


class IdentityOut(Out):
    id: int
    kind: str
    address: str
    verified: bool
    proof: str
    doubt: Literal["shared", "recycled"] | None
    """Why it does not tell one person."""
    created_at: datetime


class ConfirmationOut(Out):
    way: str
    expires_at: datetime


class OrganizationOut(Out):
    id: int
    name: str
    domains: list[str]
    notes: str
    custom: dict[str, Any]
    created_at: datetime


class ContactOut(Out):
    id: int
    name: str
    organization: Named | None
    language: str
    preferred_channel: str
    segments: list[str]
    notes: str
    custom: dict[str, Any]
    blocked: bool
    identities: list[IdentityOut]
    created_at: datetime


class EventOut(Out):
    id: int
    type: str
    version: int
    ticket: int | None
    contact: int | None
    actor: str
    data: dict[str, Any]
    occurred_at: datetime


class ChannelOut(Out):
    id: str
    provider: str
    name: str
    brand: Named
    webhook_url: str | None
    status: str


class FileOut(Out):
    key: str
    name: str
    type: str
    size: int
    url: str


class BelongingOut(Out):
    """An earlier ticket that this one may belong to."""

    ticket: int
    contact: Named | None
    """Whose it is: the ticket's own, or somebody who may be the same person."""
    percent: int
    reasons: list[str]
    state: str
    created_at: datetime


class ReasonOut(Out):
    reason: str
    kind: str
    value: str


class SuggestionOut(Out):
    """Another contact who may be the same person."""

    id: int
    contact: Named
    reasons: list[ReasonOut]
    state: str
    created_at: datetime


class MergeOut(Out):
    """A contact that became part of this one."""

    id: int
    contact: int
    name: str
    created_at: datetime
