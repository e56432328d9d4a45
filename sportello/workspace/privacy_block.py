"""What a person agreed to and asked for, as the contact page shows it; who may do which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from sportello.accounts.models import Agent
from sportello.accounts.queries import rights_of
from sportello.contacts import consents, requests, wordings
from sportello.contacts.consents import Standing
from sportello.contacts.ledger import Consent, PrivacyRequest, Purpose, RequestKind, Wording
from sportello.contacts.models import Contact
from sportello.contacts.queries import identities_of
from sportello.core.compiled import compiled
from sportello.tickets import people
from sportello.workspace.glyphs import Glyph, identity_glyph


@dataclass(frozen=True, slots=True)
class Block:
    """Everything `contacts/privacy.html` needs."""

    contact: Contact
    standings: list[Standing]
    history: list[Consent]
    requests: list[PrivacyRequest]
    request_kinds: list[tuple[str, str]]
    kinds: list[tuple[str, Glyph]]
    """Kinds of his addresses: consent may be for one of them alone."""
    wordings: list[tuple[Purpose, list[Wording]]]
    """By purpose, the newest first: what he may have agreed to."""
    may_note: bool
    may_export: bool
    may_erase: bool


def block(contact: Contact, agent: Agent) -> Block:
    kinds = list(dict.fromkeys(one.kind for one in identities_of(contact=contact.pk)))
    said, reach = consents.lately_said(contact=contact.pk), people.reach_of(agent, contact)
    return Block(
        contact=contact,
        standings=consents.standings(said),
        history=said[:20],
        requests=_requests(contact=contact.pk),
        request_kinds=[(value, str(label)) for value, label in RequestKind.choices],
        kinds=[(kind, identity_glyph(kind)) for kind in kinds],
        may_note=reach.some,
        may_export=reach.all,
        wordings=_wordings(),
        may_erase=rights_of(agent).is_administrator,
    )


@compiled
def _requests(*, contact: Any) -> QuerySet[PrivacyRequest]:
    return requests.requests_of(contact)[:10]


def _wordings() -> list[tuple[Purpose, list[Wording]]]:
    rows = list(wordings.every().filter(valid_from__lte=timezone.now()))
    return [(p, mine) for p in Purpose if (mine := [w for w in rows if w.purpose == p])]
