"""Everything that can be done to raw input before a transaction opens: parse, clean, put files on disk."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from sportello.accounts.retention import policy
from sportello.channels import spool
from sportello.channels.contract import File, Inbound, Parsed, Raw, StatusUpdate
from sportello.channels.models import SpoolItem
from sportello.channels.queries import Mouth
from sportello.core import files, richtext
from sportello.tickets import handing, monitoring, tokens
from sportello.tickets.confidential.covering import Cover, Original, cover_inbound, cover_other
from sportello.tickets.models import Delivery


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


def raw_of(item: Claimed | SpoolItem) -> Raw:
    """The raw input as it came, from the row or from its file."""
    body = (
        bytes(item.body)
        if item.body is not None
        else spool.body_path(item.content_hash).read_bytes()
    )
    return Raw(body=body, headers=item.headers, query=item.query, source=item.source)


def prepare(item: Claimed, mouth: Mouth) -> Prepared:
    """Parse and prepare one spool item. Whatever this raises parks the item."""
    prepared, raw = Prepared(item.id, item.order_key), raw_of(item)
    prepared.copies = handing.copies(raw, mouth, received_at=item.received_at)
    for parsed in mouth.provider.parse(raw, mouth.settings):
        if isinstance(parsed, Inbound) and monitoring.is_left_alone(mouth, parsed):
            prepared.monitored.append((mouth.id, parsed.external_id, item.id, item.received_at))
        elif isinstance(parsed, Inbound):
            prepared.arrivals.append(_arrival(item, mouth, parsed))
        else:
            prepared.others.append((mouth, cover_other(parsed, policy().covered_kinds)))
    stray = _stray(prepared)
    if stray is not None:
        prepared.arrivals.append(_arrival(item, mouth, stray))
        prepared.others.clear()
    return prepared


def _stray(prepared: Prepared) -> Inbound | None:
    """The message behind status reports that are about nothing we sent."""
    reports = [
        (mouth, p) for mouth, p in prepared.others if isinstance(p, StatusUpdate) and p.otherwise
    ]
    if not reports:
        return None
    ids = [report.external_id for _, report in reports]
    claims = [tokens.judge_any((id_,)) for id_ in ids]
    if any(claim is not None and claim.agent_id is not None for claim in claims):
        return None  # a mail to an agent came back: that is no customer's matter
    ours = Delivery.objects.filter(channel_id=reports[0][0].id).filter(
        Q(external_id__in=ids) | Q(external_id="", message__external_id__in=ids)
    )
    return None if ours.exists() else reports[0][1].otherwise


def _arrival(item: Claimed, mouth: Mouth, inbound: Inbound) -> Arrival:
    claim = tokens.judge_any(inbound.tokens) if inbound.tokens else None
    verbatim = inbound.text if claim and claim.agent_id is not None else ""
    cover = Cover(policy().covered_kinds)
    inbound = cover_inbound(inbound, cover)
    stored = [_put(file) for file in inbound.files]
    html, remote = "", 0
    if inbound.html:
        urls = {f.content_id: f"/files/{f.key}" for f in stored if f.content_id}
        cleaned = richtext.clean(inbound.html.replace("\x00", ""), cid=urls)
        html = cover.html(cleaned.html, f"{inbound.text} {inbound.quoted}")
        remote = cleaned.remote_images
    return Arrival(
        mouth,
        item.id,
        item.received_at,
        inbound,
        html,
        remote,
        stored,
        claim,
        cover.original,
        verbatim,
    )


def _put(file: File) -> PreparedFile:
    name = files.clean_name(file.name)
    if file.stored_key:
        return PreparedFile(
            file.stored_key,
            "",
            name,
            file.content_type,
            0,
            file.inline,
            file.content_id,
            is_stored=True,
        )
    if file.media_ref and not file.content:
        return PreparedFile(
            "", "", name, file.content_type, 0, file.inline, "", media_ref=file.media_ref
        )
    sha256 = hashlib.sha256(file.content).hexdigest()
    files.write_durably(file.content, sha256)
    return PreparedFile(
        secrets.token_urlsafe(24),
        sha256,
        name,
        file.content_type[:127] or "application/octet-stream",
        len(file.content),
        file.inline,
        file.content_id[:255],
    )


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
