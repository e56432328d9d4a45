"""What a person agreed to and asked for, as the contact page shows it; who may do which."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from sportello.accounts.models import Agent
from sportello.accounts.queries import rights_of
from sportello.contacts import consents, requests, wordings
from sportello.contacts.consents import Standing
from sportello.contacts.ledger import Consent, PrivacyRequest, Purpose, RequestKind, Wording
from sportello.contacts.models import Contact
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
    kinds = list(dict.fromkeys(contact.identities.order_by("id").values_list("kind", flat=True)))
    return Block(
        contact=contact,
        standings=consents.standings(contact),
        history=list(consents.history(contact)[:20]),
        requests=list(requests.requests_of(contact)[:10]),
        request_kinds=[(value, str(label)) for value, label in RequestKind.choices],
        kinds=[(kind, identity_glyph(kind)) for kind in kinds],
        wordings=_wordings(),
        may_note=people.may_change(agent, contact),
        may_export=people.reaches_all(agent, contact),
        may_erase=rights_of(agent).is_administrator,
    )


def _wordings() -> list[tuple[Purpose, list[Wording]]]:
    rows = list(wordings.every().filter(valid_from__lte=timezone.now()))
    return [(p, mine) for p in Purpose if (mine := [w for w in rows if w.purpose == p])]
