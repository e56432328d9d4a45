"""Look under the cover: by right, with an entry in the audit log and a line in the ticket's story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.accounts.queries import rights_of
from sportello.accounts.retention import policy
from sportello.accounts.rights import Rights
from sportello.core import audit, sealing
from sportello.core.actors import Actor
from sportello.core.events import record
from sportello.language.sensitive import DOTS, Find, Kind, uncover
from sportello.tickets.confidential import events
from sportello.tickets.confidential.covering import PURPOSE
from sportello.tickets.locking import NotAllowed
from sportello.tickets.models import Message, SealedOriginal, Ticket


class Erased(LookupError):
    """There was something under the cover; its time has run out."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """The message as it was written, and each value with its kind."""

    subject: str
    text: str
    quoted: str
    values: list[tuple[str, str]]


def may_reveal(rights: Rights, ticket: Ticket) -> bool:
    """Whether the company's policy lets this agent look under the cover on this ticket."""
    private = bool(ticket.team and ticket.team.is_private)
    return rights.reaches(policy().reveal_role, ticket.team_id, private, ticket.brand_id)


def check_reveals(ticket: Ticket, actor: Actor) -> None:
    """Asked again in the verb, whatever door came before. Raises `NotAllowed`."""
    agent = Agent.objects.filter(pk=actor.agent_id or 0, is_active=True).first()
    if agent is None or not may_reveal(rights_of(agent), ticket):
        raise NotAllowed(_("This agent may not see covered data here."))


def reveal(*, message: Message, actor: Actor, now: datetime) -> Revealed:
    """What lay under the cover of this message. Raises `NotAllowed`, `Erased`, `SealedOriginal.DoesNotExist`."""
    with transaction.atomic():
        ticket = Ticket.objects.select_related("team").get(pk=message.ticket_id)
        check_reveals(ticket, actor)
        sealed = SealedOriginal.objects.get(message=message)
        if sealed.erased_at is not None:
            raise Erased
        found = opened(sealed, message)
        audit.note(
            actor,
            "covered.revealed",
            f"n. {ticket.number}",
            {"message": [None, message.pk], "kinds": [None, sealed.kinds]},
        )
        payload = {"message": message.pk}
        record(events.ORIGINAL_REVEALED, ticket_id=ticket.pk, actor=actor, now=now, payload=payload)
    return found


def opened(sealed: SealedOriginal, message: Message) -> Revealed:
    """Decrypted and put back in place. For `reveal` and for the export; asks nobody."""
    content = sealing.unseal_json(PURPOSE, bytes(sealed.body))
    parts = {"subject": message.subject, "text": message.text, "quoted": message.quoted}
    values: list[tuple[str, str]] = []
    for name, places in content["places"].items():
        finds = [Find(Kind(kind), start, end, value) for kind, start, end, value in places]
        values += [(f.kind.value, f.value) for f in finds]
        # Words that were edited since are shown as they are: the places are those of the first ones.
        if all(parts[name][f.start : f.end].startswith(DOTS) for f in finds):
            parts[name] = uncover(parts[name], finds)
    values += [(kind, value) for kind, value in content["more"]]
    return Revealed(values=list(dict.fromkeys(values)), **parts)


def check_raw(*, message: Message, actor: Actor, always: bool = False) -> None:
    """The raw original shows what the message covers: then it needs the same right, and is written down.

    `always`: something in it is covered that is no text, like a file. Raises `NotAllowed`.
    """
    if not always and not SealedOriginal.objects.filter(message=message).exists():
        return
    with transaction.atomic():
        ticket = Ticket.objects.select_related("team").get(pk=message.ticket_id)
        check_reveals(ticket, actor)
        audit.note(actor, "covered.raw", f"n. {ticket.number}", {"message": [None, message.pk]})


def may_reveal_all(agent: Agent, contact_id: int) -> bool:
    """Whether he may look under every cover of this person: then an export may hold it."""
    rights = rights_of(agent)
    tickets = Ticket.objects.filter(contact_id=contact_id).select_related("team")
    return rights.is_supervisor and all(may_reveal(rights, ticket) for ticket in tickets.only(
        "team", "brand_id"
    ))  # fmt: skip
