"""Everything that can be done to raw input before a transaction opens: parse, clean, put files on disk."""

from __future__ import annotations

import hashlib
import secrets

from django.db.models import Q

from sportello.accounts.retention import policy
from sportello.channels.contract import File, Inbound, StatusUpdate
from sportello.channels.queries import Mouth
from sportello.core import blobs, files, richtext
from sportello.tickets import tokens
from sportello.tickets.arrival import Arrival, Claimed, Prepared, PreparedFile, raw_of
from sportello.tickets.confidential.covering import Cover, cover_inbound, cover_other
from sportello.tickets.inbound import handing, monitoring
from sportello.tickets.models import Delivery


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
        html = cover.html(cleaned.html, f"{inbound.text}\n{inbound.quoted}")
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
    blobs.write_durably(file.content, sha256)
    return PreparedFile(
        secrets.token_urlsafe(24),
        sha256,
        name,
        file.content_type[:127] or "application/octet-stream",
        len(file.content),
        file.inline,
        file.content_id[:255],
    )
