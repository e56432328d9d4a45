"""What the profile of a person shows beside the story: proofs, preferences, fields, organizations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from sportello.accounts.queries import shape_of, within
from sportello.accounts.rights import Rights
from sportello.contacts import confirming
from sportello.contacts.models import (
    Confirmation,
    Contact,
    Identity,
    Membership,
    Organization,
    ProfileField,
    Proof,
)
from sportello.contacts.queries import identities_of
from sportello.core.compiled import compiled
from sportello.tickets import people
from sportello.tickets.identifying.confirming import can_ask
from sportello.tickets.models import Ticket
from sportello.tickets.reading.inbox import LIVE
from sportello.workspace import filling, likely, purchases
from sportello.workspace.access import AgentRequest
from sportello.workspace.glyphs import Glyph, called, identity_glyph

SPOKEN = ("de", "fr", "es", "pt", "nl")
"""Besides the house's own languages: so templates and saved replies in them come first."""
ORDERS = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What was sent to an address to have it confirmed."""

    icon: str
    said: str
    wants_code: bool


@dataclass(frozen=True, slots=True)
class Known:
    """One address, and how we know that it is his."""

    identity: Identity
    glyph: Glyph
    icon: str
    proof: str
    how: str
    asked: Asked | None = None
    """Whether it is theirs, a while ago and without an answer."""
    can_ask: bool = False


def page(
    request: AgentRequest,
    contact: Contact,
    typed: QueryDict | None = None,
    errors: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """`typed` and `errors`: what came back because a field could not take it."""
    identities = identities_of(contact=contact.pk)
    asked = confirming.newest(identities)
    now = timezone.now()
    ids = [known(identity, asked.get(identity.pk), now=now) for identity in identities]
    looks = [one.glyph for one in ids]
    reach = people.reach_of(request.agent, contact)
    [(tickets, still_open)] = _counted(shape_of(request.agent), contact=contact.pk) or [(0, 0)]
    spoken = languages(contact.language)
    return {
        "contact": contact,
        "called": called(contact, looks),
        "ids": ids,
        "stats": {"tickets": tickets, "open": still_open},
        "memberships": _memberships(request, contact),
        "bought": purchases.card(contact.pk, request.rights, most=ORDERS),
        "likely": likely.likely_people(request, contact),
        "merges": likely.merges_of(contact),
        "can_answer": request.rights.can_answer,
        "may_change": reach.some,
        "may_merge": reach.all,
        "languages": spoken,
        "spoken": dict(spoken).get(contact.language, ""),
        "channels": _channels(ids, contact.preferred_channel),
        "draft": _draft(contact, typed),
        **filling.page(ProfileField.Of.CONTACT, contact.custom, typed, errors),
    }


@compiled
def _counted(rights: Rights, *, contact: Any) -> QuerySet[Ticket, tuple[int, int]]:
    """How many tickets of the person these rights see, and how many of them are open; no row when there is none."""
    mine = Ticket.objects.filter(within(rights), contact_id=contact, merged_into=None)
    live = Count("pk", filter=Q(status__in=LIVE))
    return mine.order_by().values("contact_id").annotate(n=Count("pk"), live=live).values_list("n", "live")  # fmt: skip


def _draft(contact: Contact, typed: QueryDict | None) -> Mapping[str, Any]:
    """What stands in the form: what was typed last, else what is known."""
    names = ("name", "language", "preferred_channel", "notes")
    known = {name: getattr(contact, name) for name in names}
    known["segments"] = ", ".join(contact.segments)
    return known if typed is None else known | {n: typed[n] for n in known if n in typed}


def known(identity: Identity, asked: Confirmation | None, *, now: datetime) -> Known:
    match identity.proof:
        case Proof.VERIFIED:
            icon, proof = "badge-check", _("verified")
        case Proof.CLAIMED:
            icon, proof = "circle-dashed", _("claimed")
        case _:
            icon, proof = "circle", _("seen")
    waits = _asked(asked, now=now) if asked and identity.proof != Proof.VERIFIED else None
    glyph = identity_glyph(identity.kind)
    return Known(identity, glyph, icon, proof, how(identity), waits, can_ask(identity))


def _asked(row: Confirmation, *, now: datetime) -> Asked:
    is_code = row.way == Confirmation.Way.CODE
    if row.problem:
        return Asked(
            "circle-alert", _("It could not be sent: %(why)s") % {"why": row.problem}, False
        )
    if row.expires_at <= now:
        gone = _("The code has run out") if is_code else _("The link was not opened in time")
        return Asked("clock", gone, False)
    until = timezone.localtime(row.expires_at).strftime("%H:%M")
    sent = (
        _("A code was sent, good until %(time)s. Ask for it:")
        if is_code
        else _("A link was sent, good for a day")
    )
    return Asked("mail" if not is_code else "clock", sent % {"time": until}, is_code)


def how(identity: Identity) -> str:
    """How an address was proved, as a phrase."""
    said = {
        "provider": _("the channel vouches for it"),
        "dmarc": _("his mail is signed by its domain"),
        "hmac": _("signed in on the site"),
        "shop": _("confirmed in the shop's account"),
        "link": _("opened a link sent there"),
        "code": _("typed a code sent there"),
        "agent": _("an agent vouches for it"),
        "signature": _("stands in a signature"),
    }
    if identity.how in said:
        return said[identity.how]
    if identity.proof == Proof.VERIFIED:
        return ""
    return (
        _("typed in a form, not proved")
        if identity.proof == Proof.CLAIMED
        else _("has written from here")
    )


def languages(also: str = "") -> list[tuple[str, str]]:
    """Code and name, each in its own language."""
    codes = dict.fromkeys([*(code for code, _name in settings.LANGUAGES), *SPOKEN, also])
    return [(code, _named(code)) for code in codes if code]


def _named(code: str) -> str:
    try:
        return str(get_language_info(code)["name_local"]).capitalize()
    except KeyError:
        return code.upper()


def _channels(ids: list[Known], chosen: str) -> list[tuple[str, str, bool]]:
    """(kind, name, chosen) of his addresses."""
    kinds = dict.fromkeys(one.identity.kind for one in ids)
    return [(kind, identity_glyph(kind).name, kind == chosen) for kind in kinds]


def _memberships(request: AgentRequest, contact: Contact) -> list[tuple[Organization, str]]:
    """His organizations, the one that counts for tickets first, and why he belongs there."""
    rows = _member(contact=contact.pk)
    why = {row.organization_id: row.how for row in rows}
    found = {row.organization_id: row.organization for row in rows}
    if contact.organization is not None:
        found = {contact.organization.pk: contact.organization} | found
    by_domain = _("by the domain of his mail")
    return [(o, by_domain if why.get(pk) == "domain" else "") for pk, o in found.items()]


@compiled
def _member(*, contact: Any) -> QuerySet[Membership]:
    return Membership.objects.filter(contact_id=contact).select_related("organization")
