"""Erase a person out of tickets. Rows stay and are emptied, so that every count stays what it was.

Whatever is found by an address comes before the addresses themselves go (`contacts.privacy.erase`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from sportello.channels import raw
from sportello.contacts.models import Contact, Identity
from sportello.core import files
from sportello.core.models import AuditEntry, Parked, SentMail, StoredFile
from sportello.tickets.models import (
    Attachment,
    Delivery,
    DeliveryState,
    Draft,
    Message,
    Participant,
    PendingMedia,
    Proving,
    SealedOriginal,
    Thread,
    Ticket,
)

LEAVING = (DeliveryState.HELD, DeliveryState.QUEUED)
GONE = "…"
"""Stands where a name or an address was in what somebody else wrote."""


def messages_of(contact_id: int) -> QuerySet[Message]:
    """What was said by or to this person, and notes on his tickets; not what others said there."""
    own = Q(identity__contact=contact_id)
    to_him = Q(identity=None, thread__identity__contact=contact_id)
    on_his = Q(identity=None, thread__identity=None, ticket__contact=contact_id)
    return Message.objects.filter(pk__in=Message.objects.filter(own | to_him | on_his).values("pk"))


def addresses_of(contact_id: int) -> list[str]:
    """His addresses, those he only claimed left out: they may be somebody else's."""
    owned = Identity.objects.filter(contact_id=contact_id).exclude(proof="claimed")
    return list(owned.values_list("address", flat=True))


# --- Tickets --------------------------------------------------------------------------------------
def erase_tickets(contact_id: int) -> None:
    tickets = Ticket.objects.filter(contact_id=contact_id)
    rows = tickets.select_for_update(no_key=True, of=("self",)).order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    erase_drafts(ticket_ids=ids)
    tickets.update(subject="", preview="", custom={}, organization=None)


def erase_drafts(*, ticket_ids: list[int]) -> None:
    """What agents were writing there, with their uploads, and tracebacks that may quote it."""
    Parked.objects.filter(ticket_id__in=ticket_ids).update(traceback="")
    drafts = Draft.objects.filter(ticket__in=ticket_ids)
    keys = [key for found in drafts.values_list("file_keys", flat=True) for key in found]
    for file in StoredFile.objects.filter(key__in=keys, bound=False):
        files.delete(file)
    drafts.delete()


# --- Messages -------------------------------------------------------------------------------------
def erase_messages(contact_id: int) -> None:
    _erase_traces(contact_id)
    ids = list(messages_of(contact_id).values_list("pk", flat=True))
    messages = Message.objects.filter(pk__in=ids)
    items = [pk for pk in messages.values_list("spool_id", flat=True).distinct() if pk]
    empty(ids)
    raw.erase(items, _order_keys(contact_id))


def empty(ids: list[int]) -> None:
    """Nothing of these messages stays but that they were: when, where, which way."""
    messages = Message.objects.filter(pk__in=ids)
    _erase_attachments(Attachment.objects.filter(message__in=ids))
    SealedOriginal.objects.filter(message__in=ids).delete()
    PendingMedia.objects.filter(message__in=ids).delete()
    deliveries = Delivery.objects.filter(message__in=ids)
    deliveries.filter(state__in=LEAVING).update(state=DeliveryState.CANCELLED)
    deliveries.update(
        recipient={"kind": "", "address": "", "name": ""}, options={}, reason="", external_id=""
    )
    messages.filter(direction="in").update(author_name="")
    messages.update(
        subject="", text="", quoted="", html="", meta={}, fingerprint="", remote_images=0,
    )  # fmt: skip
    # Vendors' ids may spell a telephone number; ours still says that this message came once.
    named = messages.exclude(external_id=None)
    named.update(external_id=Concat(Value("erased:"), Cast("pk", TextField())))


def _erase_attachments(attachments: Iterable[Attachment]) -> None:
    for attachment in attachments:
        file = attachment.file
        attachment.delete()
        if not Attachment.objects.filter(file=file).exists():
            files.delete(file)


def _order_keys(contact_id: int) -> list[str]:
    """The keys under which providers file what one sender writes: bare, or with the kind before."""
    owned = Identity.objects.filter(contact_id=contact_id).exclude(proof="claimed")
    return [key for kind, a in owned.values_list("kind", "address") for key in (a, f"{kind}:{a}")]


# --- Traces in what others wrote ------------------------------------------------------------------
def _erase_traces(contact_id: int) -> None:
    """His words quoted by others, his addresses and his full name in their text, in notes and in the audit log."""
    words = _words(contact_id)
    own = messages_of(contact_id).values("pk")
    near = Q(ticket__contact=contact_id) | Q(thread__participants__address__in=words)
    for word in words:
        near |= Q(search=SearchQuery(word, config="simple", search_type="phrase"))
    ids = set(Message.objects.filter(near).exclude(pk__in=own).values_list("pk", flat=True))
    for message in Message.objects.filter(pk__in=ids).defer("search"):
        _scrub(message, words)
    for ticket in Ticket.objects.filter(messages__in=ids).distinct().only("subject", "preview"):
        titles = {n: _without(getattr(ticket, n), words) for n in ("subject", "preview")}
        Ticket.objects.filter(pk=ticket.pk).update(**titles)
    if words:
        for entry in AuditEntry.objects.filter(_any("subject", words) | _any("changes", words)):
            entry.subject, entry.changes = (
                _without(v, words) for v in (entry.subject, entry.changes)
            )
            entry.save(update_fields=["subject", "changes"])


def _words(contact_id: int) -> list[str]:
    """What names him: addresses, and the name when it has two words (a first name alone is anybody's)."""
    names = Contact.objects.filter(pk=contact_id).values_list("name", flat=True)
    return [*addresses_of(contact_id), *(n for n in names if len(n.split()) > 1)]


def _scrub(message: Message, words: list[str]) -> None:
    """Quotes go whole where he took part: they repeat what he wrote."""
    values = {name: _without(getattr(message, name), words) for name in ("subject", "text", "meta")}
    values |= {"quoted": "", "html": ""}
    changed = {n: v for n, v in values.items() if v != getattr(message, n)}
    if changed:
        Message.objects.filter(pk=message.pk).update(**changed)
        SealedOriginal.objects.filter(message=message).delete()
        raw.erase([message.spool_id] if message.spool_id else [], [])


def _any(field: str, words: list[str]) -> Q:
    found = Q()
    for word in words:
        found |= Q(**{f"{field}__icontains": word})
    return found


def _without(value: Any, words: list[str]) -> Any:
    """The same without these words, in all its parts; people with such an address leave the lists."""
    if isinstance(value, str):
        for word in words:
            value = re.sub(re.escape(word), GONE, value, flags=re.IGNORECASE)
        return value
    if isinstance(value, list):
        return [_without(part, words) for part in value if not _is_him(part, words)]
    if isinstance(value, dict):
        return {key: _without(part, words) for key, part in value.items()}
    return value


def _is_him(part: Any, words: list[str]) -> bool:
    address = part.get("address", "") if isinstance(part, dict) else part
    return isinstance(address, str) and address.lower() in {word.lower() for word in words}


# --- Threads, copies, links, sent mail ------------------------------------------------------------
def erase_threads(contact_id: int) -> None:
    Thread.objects.filter(identity__contact=contact_id).update(external_ref="", is_open=False)


def erase_participants(contact_id: int) -> None:
    """Where he only got copies: his address leaves the recipients and the sendings of those mails."""
    gone = addresses_of(contact_id)
    rows = Participant.objects.filter(address__in=gone)
    threads = list(rows.values_list("thread_id", flat=True))
    for message in Message.objects.filter(thread__in=threads).exclude(meta={}).defer("search"):
        meta = _without(message.meta, gone)
        if meta != message.meta:
            Message.objects.filter(pk=message.pk).update(meta=meta)
    named = Q(message__thread__in=threads) | Q(recipient__address__in=gone)
    for delivery in Delivery.objects.filter(named):
        if delivery.recipient.get("address") in gone:
            delivery.recipient = {"kind": "", "address": "", "name": ""}
        delivery.options = _without(delivery.options, gone)
        delivery.save(update_fields=["recipient", "options"])
    rows.delete()


def erase_provings(contact_id: int) -> None:
    Proving.objects.filter(contact_id=contact_id).delete()


def sent_to(contact_id: int) -> list[SentMail]:
    """Copies in the outbox of mail that went to him."""
    found: dict[int, SentMail] = {}
    for address in addresses_of(contact_id):
        for mail in SentMail.objects.filter(recipients__icontains=address).defer("raw"):
            if address.lower() in {str(r).lower() for r in mail.recipients}:
                found[mail.pk] = mail
    return list(found.values())


def erase_sent_mail(contact_id: int) -> None:
    """And of mail to others that names him: the copy, not what they received."""
    words = _words(contact_id)
    named = [m.pk for m in SentMail.objects.all().iterator() if _says(bytes(m.raw), words)]
    SentMail.objects.filter(pk__in=[*named, *(m.pk for m in sent_to(contact_id))]).delete()


def _says(mail: bytes, words: list[str]) -> bool:
    low = mail.lower()
    return any(word.lower().encode() in low for word in words)
