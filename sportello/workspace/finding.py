"""Who is on the telephone, who wrote this, whose order is that? As far as the agent may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from sportello.commerce.queries import brands_of, orders_named
from sportello.contacts import addresses
from sportello.contacts.matching import NUMBERS
from sportello.contacts.models import Contact, Identity, Proof
from sportello.core.compiled import compiled
from sportello.tickets import people
from sportello.workspace.access import AgentRequest

MOST = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody is looked for by. Raises `addresses.BadAddress` when it is no address."""

    phone: str = ""
    email: str = ""
    order: str = ""

    @classmethod
    def of(cls, request: AgentRequest) -> Asked:
        """From ``?phone=``, ``?email=`` or ``?order=``, the first that is there."""
        form = request.POST if request.method == "POST" else request.GET
        phone, email, order = (
            form.get(name, "").replace("\0", "").strip()[:254]
            for name in ("phone", "email", "order")
        )
        if phone:
            # A plus in an address bar is a blank.
            written = f"+{phone}" if phone[:2].isdigit() and len(phone) > 11 else phone
            return cls(phone=addresses.clean("phone", written)[1])
        if email:
            return cls(email=addresses.clean("email", email)[1])
        return cls(order=order)

    @property
    def said(self) -> str:
        return self.phone or self.email or self.order

    @property
    def address(self) -> tuple[str, str] | None:
        if self.phone:
            return "phone", self.phone
        return ("email", self.email) if self.email else None


def found(request: AgentRequest, asked: Asked) -> list[Contact]:
    """Who has this address or order; who only claimed it when nobody has it."""
    ids = _owners(request, asked) if asked.order else _at(asked)
    return people.seen_by(request.agent, ids)[:MOST] if ids else []


def _owners(request: AgentRequest, asked: Asked) -> list[int]:
    brands = brands_of(request.rights)
    return [
        order.contact_id
        for order in orders_named(asked.order)
        if order.contact_id and (brands is None or order.connection.brand_id in {None, *brands})
    ]


def _at(asked: Asked) -> list[int]:
    if asked.phone:
        rows = _numbered(plus=asked.phone, bare=asked.phone.removeprefix("+"))
    else:
        rows = _mailed(address=asked.email)
    owners = [contact for contact, proof in rows if proof != Proof.CLAIMED]
    return owners or [contact for contact, _proof in rows]


type Found = QuerySet[Identity, tuple[int, str]]


@compiled
def _numbered(*, plus: Any, bare: Any) -> Found:
    rows = Identity.objects.filter(kind__in=sorted(NUMBERS), address__in=(plus, bare))
    return rows.values_list("contact_id", "proof")[: MOST * 4]


@compiled
def _mailed(*, address: Any) -> Found:
    rows = Identity.objects.filter(kind="email", address=address)
    return rows.values_list("contact_id", "proof")[: MOST * 4]
