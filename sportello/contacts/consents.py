"""The consent ledger: written by verbs, read by whoever wants to write, record or profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from sportello.contacts import events, wordings
from sportello.contacts.actions import lock
from sportello.contacts.ledger import Consent, Purpose, Source, Wording
from sportello.contacts.models import Contact
from sportello.core import sql
from sportello.core.actors import SYSTEM, Actor
from sportello.core.compiled import compiled
from sportello.core.events import record

ASKED_NOBODY = frozenset({Purpose.SERVICE})
"""Allowed until somebody says no: the answer to a request needs no consent. All else needs a yes."""


def consent_of(contact: Contact | int, purpose: str, channel_kind: str = "") -> Consent | None:
    """The newest word for this purpose on this kind of channel, or on all; None when nothing was said."""
    contact_id = contact if isinstance(contact, int) else contact.pk
    said = Consent.objects.filter(
        contact_id=contact_id, purpose=purpose, channel_kind__in={channel_kind, ""}
    )
    return said.order_by("-id").first()


def by_kind(contact_id: int, purpose: str) -> dict[str, bool]:
    """What counts for this purpose on each kind of channel that was spoken of, in one query; ``""`` is all others."""
    found: dict[str, bool] = {}
    for one in _spoken_of(contact=contact_id, purpose=purpose):
        if not one.channel_kind:
            found.clear()  # a word for every channel takes back what was said of single ones
        found[one.channel_kind] = one.given
    return found


@compiled
def _spoken_of(*, contact: Any, purpose: Any) -> QuerySet[Consent]:
    return Consent.objects.filter(contact_id=contact, purpose=purpose).order_by("id")


def may(contact: Contact | int, purpose: str, channel_kind: str = "") -> bool:
    """Whether we may: by his newest word, or by what the purpose allows unsaid."""
    said = consent_of(contact, purpose, channel_kind)
    return purpose in ASKED_NOBODY if said is None else said.given


def history(contact: Contact) -> QuerySet[Consent]:
    """All that was said, newest first."""
    return Consent.objects.filter(contact=contact).select_related("wording").order_by("-id")


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands for one purpose: the newest word for all channels, and for each where it differs."""

    purpose: Purpose
    allowed: bool
    said: Consent | None
    elsewhere: tuple[Consent, ...]


@compiled
def lately_said(*, contact: Any) -> QuerySet[Consent]:
    """All that anybody will ever look at, newest first."""
    return Consent.objects.filter(contact_id=contact).order_by("-id")[:500]


def standings(said_lately: Sequence[Consent]) -> list[Standing]:
    """One for each purpose, from what was said, newest first."""
    newest: dict[tuple[str, str], Consent] = {}
    for one in said_lately:
        newest.setdefault((one.purpose, one.channel_kind), one)
    found = []
    for purpose in Purpose:
        said = newest.get((purpose, ""))
        allowed = purpose in ASKED_NOBODY if said is None else said.given
        differ = [
            c
            for (p, kind), c in newest.items()
            if p == purpose and kind and c.given != allowed and (not said or c.pk > said.pk)
        ]
        found.append(Standing(purpose, allowed, said, tuple(differ)))
    return found


def note_consent(
    *,
    contact: Contact,
    purpose: str,
    given: bool,
    source: str,
    actor: Actor,
    now: datetime,
    channel_kind: str = "",
    text_version: str = "",
    wording: Wording | None = None,
) -> Consent:
    """Write down a yes or a no, to a wording that is kept or to one that only has a name.

    Raises `ValueError` for a purpose or a source that there is not, and for the wording of another purpose.
    """
    if wording is None and text_version:
        wording = wordings.find(purpose, text_version, contact.language)
    if wording is not None and wording.purpose != purpose:
        raise ValueError("This wording is about something else.")
    with transaction.atomic():
        contact = lock(contact)
        said = Consent.objects.create(
            contact=contact,
            purpose=Purpose(purpose),
            channel_kind=channel_kind[:24],
            given=given,
            source=Source(source),
            text_version=wording.version if wording else text_version.replace("\x00", "")[:64],
            wording=wording,
            actor=str(actor),
            at=now,
        )
        payload = {"consent": said.pk, "purpose": said.purpose, "given": given}
        record(events.CONSENT_NOTED, contact_id=contact.pk, actor=actor, now=now, payload=payload)
    return said


_STOP = """
INSERT INTO contacts_consent (contact_id, purpose, channel_kind, given, source, text_version, actor, at)
SELECT i.contact_id, p.purpose, i.kind, %s::boolean, %s::text, '', %s::text, %s
FROM contacts_identity i CROSS JOIN unnest(%s::text[]) AS p(purpose)
WHERE i.id = ANY(%s)
"""


def note_stop(identity_ids: Sequence[int], *, now: datetime) -> None:
    """STOP means no to everything by this kind of channel. In the walk's transaction, one statement."""
    if identity_ids:
        both = [Purpose.SERVICE.value, Purpose.MARKETING.value]
        _note(identity_ids, given=False, source=Source.STOP, purposes=both, now=now)


def note_return(identity_ids: Sequence[int], *, now: datetime) -> None:
    """Whoever writes again after a STOP wants to be answered; that says nothing about offers."""
    if identity_ids:
        purposes = [Purpose.SERVICE.value]
        _note(identity_ids, given=True, source=Source.RETURN, purposes=purposes, now=now)


def _note(
    identity_ids: Sequence[int], *, given: bool, source: Source, purposes: list[str], now: datetime
) -> None:
    sql.fetch(_STOP, [given, source.value, str(SYSTEM), now, purposes, sorted(identity_ids)])
