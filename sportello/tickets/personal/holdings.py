"""What this room holds of a person: tickets and all that hangs on them, raw input, sent copies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_noop

from sportello.core import files
from sportello.core.personal import Holding, register
from sportello.tickets import tokens
from sportello.tickets.models import Attachment, EarlyChange, Participant, Proving, Ticket
from sportello.tickets.personal import erasing
from sportello.tickets.personal.erasing import addresses_of, messages_of, sent_to


def _stays(source: int, target: int) -> None:
    """Hangs on a ticket or an identity, and moves with it."""


def _nowhere(contact_id: int) -> list[dict[str, Any]]:
    return []


# --- Tickets --------------------------------------------------------------------------------------
def _move_tickets(source: int, target: int) -> None:
    rows = Ticket.objects.filter(contact_id=source).select_for_update(no_key=True, of=("self",))
    ids = [ticket.pk for ticket in rows.order_by("pk").only("pk")]
    Ticket.objects.filter(pk__in=ids).update(contact_id=target)


def _export_tickets(contact_id: int) -> list[dict[str, Any]]:
    fields = ("number", "subject", "status", "priority", "kind", "tags", "language", "custom")
    return [
        {name: getattr(t, name) for name in fields}
        | {"created_at": t.created_at.isoformat(), "updated_at": t.updated_at.isoformat()}
        for t in Ticket.objects.filter(contact_id=contact_id).order_by("pk")
    ]


# --- Messages -------------------------------------------------------------------------------------
def _export_messages(contact_id: int) -> list[dict[str, Any]]:
    """Notes are the company's own words about its work and stay inside."""
    rows = messages_of(contact_id).exclude(direction="note").select_related("ticket", "channel")
    return [
        {
            "id": m.pk,
            "ticket": m.ticket.number,
            "direction": m.direction,
            "channel": m.channel.name if m.channel else None,
            "author": m.author_name,
            "subject": m.subject,
            "text": m.text,
            "quoted": m.quoted,
            "meta": _without_tokens(m.meta),
            "attachments": [a.name for a in m.attachments.all()],
            "created_at": m.created_at.isoformat(),
        }
        for m in rows.prefetch_related("attachments").defer("search").order_by("pk")
    ]


def _files(contact_id: int) -> Iterator[tuple[str, bytes]]:
    """What he sent and was sent, under the number of its ticket."""
    rows = Attachment.objects.filter(message__in=messages_of(contact_id))
    rows = rows.exclude(message__direction="note").select_related("message__ticket", "file")
    for attachment in rows.order_by("pk").iterator():
        try:
            content = files.read(attachment.file)
        except FileNotFoundError:
            continue  # lost with its disk: the list of attachments still names it
        yield f"{attachment.message.ticket.number}/{attachment.pk}-{attachment.name}", content


def _without_tokens(value: Any) -> Any:
    """Copies of this file travel: the secrets of reply addresses stay here."""
    if isinstance(value, dict):
        return {key: _without_tokens(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_without_tokens(part) for part in value]
    return tokens.masked(value) if isinstance(value, str) else value


# --- Threads, copies, links, sent mail ------------------------------------------------------------
def _export_participants(contact_id: int) -> list[dict[str, Any]]:
    rows = Participant.objects.filter(address__in=addresses_of(contact_id))
    return [
        {"address": p.address, "name": p.name, "ticket": p.thread.ticket.number}
        for p in rows.select_related("thread__ticket")
    ]


def _move_provings(source: int, target: int) -> None:
    Proving.objects.filter(contact_id=source).update(contact_id=target)


def _export_provings(contact_id: int) -> list[dict[str, Any]]:
    rows = Proving.objects.filter(contact_id=contact_id).order_by("pk")
    return [
        {"kind": p.kind, "address": p.address, "asked_at": p.created_at.isoformat()} for p in rows
    ]


def _export_sent(contact_id: int) -> list[dict[str, Any]]:
    return [
        {"subject": m.subject, "sent_at": m.created_at.isoformat()} for m in sent_to(contact_id)
    ]


def _erase_early_changes(contact_id: int) -> None:
    EarlyChange.objects.filter(sender_address__in=addresses_of(contact_id)).delete()


register(Holding("tickets.EarlyChange", _stays, _nowhere, _erase_early_changes))
register(
    Holding(
        "tickets.Ticket",
        _move_tickets,
        _export_tickets,
        erasing.erase_tickets,
        title=gettext_noop("Tickets"),
    )
)
register(Holding("tickets.Thread", _stays, _nowhere, erasing.erase_threads))
register(
    Holding(
        "tickets.Message",
        _stays,
        _export_messages,
        erasing.erase_messages,
        title=gettext_noop("Messages"),
        files=_files,
    )
)
register(
    Holding(
        "tickets.Participant",
        _stays,
        _export_participants,
        erasing.erase_participants,
        title=gettext_noop("In copy"),
    )
)
register(Holding("tickets.Proving", _move_provings, _export_provings, erasing.erase_provings))
register(Holding("core.SentMail", _stays, _export_sent, erasing.erase_sent_mail))
