"""Secure forms: answered, read, erased. What the customer gives is encrypted and never part of a message."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from sportello.core import audit, files, sealing
from sportello.core.actors import Actor
from sportello.core.events import Fact, record, record_many
from sportello.core.models import StoredFile
from sportello.tickets.confidential import events
from sportello.tickets.confidential.fields import BadAnswer, checked
from sportello.tickets.confidential.revealing import Erased, check_reveals
from sportello.tickets.events import STATUS_CHANGED
from sportello.tickets.locking import lock
from sportello.tickets.models import SecureForm, Status, Ticket

PURPOSE = "secure-form"
LARGEST = 10 * 1024 * 1024
"""Bytes of one file."""


class TooLarge(ValueError):
    """A file above `LARGEST`."""


@dataclass(frozen=True, slots=True)
class Given:
    """A file as the customer chose it."""

    name: str
    content_type: str
    content: bytes


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def forms_of(ticket: Ticket) -> list[SecureForm]:
    """Of this ticket and of those merged into it, newest first."""
    rows = SecureForm.objects.filter(Q(ticket=ticket) | Q(ticket__merged_into=ticket))
    return list(rows.defer("body").order_by("-pk")[:20])


def open_form(token: str, *, now: datetime) -> SecureForm | None:
    """The form behind a link that is still good: not answered, not withdrawn, not expired."""
    rows = SecureForm.objects.filter(
        token_hash=token_hash(token), answered_at=None, withdrawn_at=None, expires_at__gt=now
    )
    return rows.select_related("ticket__brand").first()


def answer(
    *, token: str, answers: Mapping[str, str], given: Mapping[str, Given], now: datetime
) -> SecureForm | None:
    """Keep the answer, once. None when the link is no longer good. Raises `fields.BadAnswer`, `TooLarge`."""
    with transaction.atomic():
        form = open_form(token, now=now)
        if form is None:
            return None
        ticket = lock(form.ticket)
        row = SecureForm.objects.select_for_update(no_key=True).get(pk=form.pk)
        if row.answered_at or row.withdrawn_at:
            return None
        kept = checked(row.fields, answers)
        row.files = [_seal_file(one) for one in _wanted(row, given)]
        row.body, row.answered_at = sealing.seal_json(PURPOSE, kept), now
        row.save(update_fields=["body", "files", "answered_at"])
        who = Actor.contact(row.contact_id)
        payload = {"form": row.pk, "fields": row.fields}
        facts = [Fact(events.SECURE_FORM_ANSWERED, ticket.pk, row.contact_id, who, payload)]
        facts += _wake(ticket, who, now=now)
        record_many(facts, now=now)
    return row


def _wanted(form: SecureForm, given: Mapping[str, Given]) -> list[Given]:
    found = [given[name] for name in form.fields if name in given]
    if "file" in form.fields and not found:
        raise BadAnswer({"file": _("Please choose a file.")})
    if any(len(one.content) > LARGEST for one in found):
        raise TooLarge
    return found


def _seal_file(one: Given) -> dict[str, str]:
    content = sealing.seal(PURPOSE, one.content)
    stored = files.save(content, name="sealed", content_type="application/octet-stream")
    StoredFile.objects.filter(pk=stored.pk).update(bound=True)
    about = {"name": files.clean_name(one.name), "type": one.content_type[:127]}
    return {"key": stored.key, "about": sealing.seal_json(PURPOSE, about).decode()}


def _wake(ticket: Ticket, who: Actor, *, now: datetime) -> list[Fact]:
    """The customer did what we asked for: it is our turn again."""
    was = ticket.status
    ticket.waiting_since = ticket.waiting_since or now
    ticket.updated_at = now
    if was in {Status.PENDING, Status.ON_HOLD, Status.SOLVED}:
        ticket.status, ticket.solved_at, ticket.snoozed_until = Status.OPEN, None, None
    ticket.save(
        update_fields=["status", "solved_at", "snoozed_until", "waiting_since", "updated_at"]
    )
    if ticket.status == was:
        return []
    payload = {"status": "open", "was": was}
    return [Fact(STATUS_CHANGED, ticket.pk, ticket.contact_id, who, payload)]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the customer gave: texts by field, names of files by key."""

    texts: dict[str, str]
    files: dict[str, str]


def read(*, form: SecureForm, actor: Actor, now: datetime) -> Answers:
    """The answers, for who may see covered data; written down. Raises `NotAllowed`, `Erased`."""
    with transaction.atomic():
        ticket = Ticket.objects.select_related("team").get(pk=form.ticket_id)
        check_reveals(ticket, actor)
        if form.answered_at is None or form.erased_at is not None:
            raise Erased
        found = opened(form)
        changes = {"form": [None, form.pk], "fields": [None, form.fields]}
        audit.note(actor, "covered.form", f"n. {ticket.number}", changes)
        payload = {"form": form.pk}
        record(events.SECURE_FORM_READ, ticket_id=ticket.pk, actor=actor, now=now, payload=payload)
    return found


def opened(form: SecureForm) -> Answers:
    """Decrypted. For `read` and for the export; asks nobody."""
    texts = sealing.unseal_json(PURPOSE, bytes(form.body)) if form.body else {}
    names = {
        one["key"]: sealing.unseal_json(PURPOSE, one["about"].encode())["name"]
        for one in form.files
    }
    return Answers(texts, names)


def read_file(*, form: SecureForm, key: str, actor: Actor) -> tuple[str, bytes]:
    """Name and bytes of one file, for who may see covered data; written down. Raises `NotAllowed`, `Erased`."""
    with transaction.atomic():
        ticket = Ticket.objects.select_related("team").get(pk=form.ticket_id)
        check_reveals(ticket, actor)
        name = opened(form).files.get(key)
        stored = StoredFile.objects.filter(key=key).first()
        if name is None or stored is None:
            raise Erased
        audit.note(actor, "covered.form_file", f"n. {ticket.number}", {"form": [None, form.pk]})
    return name, bytes_of(stored)


def bytes_of(stored: StoredFile) -> bytes:
    """The decrypted content of a form's file."""
    return sealing.unseal(PURPOSE, files.read(stored))


def erase(form: SecureForm, *, now: datetime) -> None:
    """The answers and files go; that it was asked and given stays."""
    for stored in StoredFile.objects.filter(key__in=[one["key"] for one in form.files]):
        files.delete(stored)
    SecureForm.objects.filter(pk=form.pk).update(
        body=b"", files=[], erased_at=now, withdrawn_at=form.withdrawn_at or now
    )
