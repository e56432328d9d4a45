"""Rows as the API shows them. Every key is written out here: nothing leaves by accident."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist

from sportello.accounts.rights import Rights
from sportello.api.lookups import answers
from sportello.channels.models import Channel
from sportello.contacts.models import Contact, Identity, Merge, Organization, Suggestion
from sportello.tickets import tokens
from sportello.tickets.models import CALL, Belonging, Direction, Message, Ticket

type Json = dict[str, Any]


def moment(value: datetime | None) -> str | None:
    """ISO 8601 in UTC, with Z."""
    return value.isoformat().replace("+00:00", "Z") if value else None


def named(row: Any) -> Json | None:
    return {"id": row.pk, "name": str(row.name)} if row is not None else None


def channel_ref(channel: Channel | None) -> Json | None:
    if channel is None:
        return None
    return {"id": channel.public_id, "provider": channel.provider, "name": channel.name}


def tickets(rows: Iterable[Ticket]) -> list[Json]:
    found = list(rows)
    wanted = {pk for row in found for pk in row.channel_ids}
    channels = Channel.objects.in_bulk(wanted) if wanted else {}
    return [ticket(row, channels) for row in found]


def ticket(row: Ticket, channels: dict[int, Channel] | None = None) -> Json:
    if channels is None:
        channels = Channel.objects.in_bulk(row.channel_ids)
    return {
        "number": row.number,
        "subject": row.subject,
        "status": row.status,
        "priority": row.priority,
        "type": row.kind,
        "brand": named(row.brand),
        "contact": named(row.contact),
        "organization": named(row.organization),
        "assignee": named(row.assignee),
        "team": named(row.team),
        "tags": list(row.tags),
        "channels": [channel_ref(channels[pk]) for pk in row.channel_ids if pk in channels],
        "language": row.language,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "solved_at": row.solved_at,
        "sla": {"breaks_at": row.breaks_at} if row.breaks_at else None,
        "custom": row.custom,
        "spam": row.is_spam,
        "waiting_since": row.waiting_since,
        "snoozed_until": row.snoozed_until,
        "merged_into": row.merged_into.number if row.merged_into else None,
    }


def message(row: Message, rights: Rights, ticket: Ticket) -> Json:
    """For who may not answer here: no HTML as it came, no raw original."""
    whole = answers(rights, ticket)
    return {
        "id": row.pk,
        "direction": row.direction,
        "channel": channel_ref(row.channel),
        "author": author(row, ticket),
        "subject": row.subject,
        "text": row.text,
        "quoted": row.quoted,
        "html": row.html if whole else "",
        "attachments": [attachment(a) for a in row.attachments.all()],
        "delivery": delivery(row),
        "external_id": row.external_id if whole else tokens.masked(row.external_id or "") or None,
        "raw_url": raw_url(row) if whole and has_raw(row) else None,
        "covered": covered(row),
        "call": row.meta.get("call") if row.nature == CALL else None,
        "held": row.is_held,
        "edited": "edited_at" in row.meta,
        "withdrawn": "withdrawn_at" in row.meta,
        "created_at": row.created_at,
    }


def author(row: Message, ticket: Ticket) -> Json:
    if row.agent is not None:
        return {"type": "agent", "id": row.agent_id, "name": row.author_name or row.agent.name}
    if row.direction == Direction.IN:
        contact_id = row.identity.contact_id if row.identity else ticket.contact_id
        return {"type": "contact", "id": contact_id, "name": row.author_name}
    return {"type": "system", "id": None, "name": row.author_name}


def attachment(row: Any) -> Json:
    return {
        "name": row.name,
        "type": row.content_type,
        "size": row.size,
        "inline": row.inline,
        "url": f"{settings.SPORTELLO_URL}/files/{row.file.key}",
    }


def delivery(row: Message) -> Json | None:
    newest = max(row.deliveries.all(), key=lambda d: d.pk, default=None)
    return {"status": newest.state, "reason": newest.reason} if newest else None


def has_raw(row: Message) -> bool:
    """Whether the raw input is kept still; asked with the rows where there are many."""
    return bool(getattr(row, "has_raw", row.spool_id))


def covered(row: Message) -> list[str]:
    """Kinds of data that the message shows as dots."""
    try:
        return list(row.sealed.kinds)
    except ObjectDoesNotExist:
        return []


def raw_url(row: Message) -> str:
    return f"{settings.SPORTELLO_URL}/api/v1/messages/{row.pk}/raw"


def identity(row: Identity) -> Json:
    return {
        "id": row.pk,
        "kind": row.kind,
        "address": row.address,
        "verified": row.proof == "verified",
        "proof": row.proof,
        "doubt": row.doubt or None,
        "created_at": row.created_at,
    }


def contact(row: Contact) -> Json:
    return {
        "id": row.pk,
        "name": row.name,
        "organization": named(row.organization),
        "language": row.language,
        "preferred_channel": row.preferred_channel,
        "segments": row.segments,
        "notes": row.notes,
        "custom": row.custom,
        "blocked": row.blocked,
        "identities": [identity(i) for i in sorted(row.identities.all(), key=lambda i: i.pk)],
        "created_at": row.created_at,
    }


def organization(row: Organization) -> Json:
    return {
        "id": row.pk,
        "name": row.name,
        "domains": list(row.domains),
        "notes": row.notes,
        "custom": row.custom,
        "created_at": row.created_at,
    }


def belonging(row: Belonging) -> Json:
    return {
        "ticket": row.to.number,
        "contact": named(row.to.contact),
        "percent": row.percent,
        "reasons": list(row.reasons),
        "state": row.state,
        "created_at": row.created_at,
    }


def suggestion(row: Suggestion, other: Contact) -> Json:
    return {
        "id": row.pk,
        "contact": named(other),
        "reasons": [{k: r.get(k, "") for k in ("reason", "kind", "value")} for r in row.reasons],
        "state": row.state,
        "created_at": row.created_at,
    }


def merge(row: Merge) -> Json:
    return {
        "id": row.pk,
        "contact": row.gone_id,
        "name": row.gone_name,
        "created_at": row.created_at,
    }


def contact_of(row: Contact) -> Json:
    """The contact as it is now, read anew with its addresses."""
    rows = Contact.objects.select_related("organization").prefetch_related("identities")
    return contact(rows.get(pk=row.pk))
