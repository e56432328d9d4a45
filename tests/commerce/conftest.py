"""A shop that is connected, and what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sportello.commerce import actions, arrivals
from sportello.commerce.contract import Raw
from sportello.commerce.models import Connection, Order
from sportello.contacts.models import Contact, Identity
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from tests.walk import Shop, open_shop

MORNING = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6)


@dataclass
class Till:
    """The fake shop and its short spellings."""

    shop: Shop
    connection: Connection

    def tell(self, *facts: dict[str, Any]) -> None:
        """Facts arrive as one webhook and are applied."""
        arrivals.store(self.connection, Raw(json.dumps(facts).encode()), received_at=now())
        arrivals.drain()

    def order(self, number: str = "BA-1001", *, minutes: int = 0, verb: str = "placed", **data: Any) -> dict[str, Any]:  # fmt: skip
        """A fact about an order, so many minutes into the morning."""
        at = (MORNING + timedelta(minutes=minutes)).isoformat()
        return {"type": f"order.{verb}", "occurred_at": at, "data": {"id": number, **data}}

    def fact(self, type: str, *, minutes: int = 0, **data: Any) -> dict[str, Any]:
        at = (MORNING + timedelta(minutes=minutes)).isoformat()
        return {"type": type, "occurred_at": at, "data": data}

    def bought(self, number: str = "BA-1001") -> Order:
        return Order.objects.select_related("connection", "contact").get(number=number)


@pytest.fixture
def till(db: None) -> Till:
    return open_till()


def open_till() -> Till:
    shop = open_shop()
    connection = actions.connect(
        kind="fake", name="Till", brand=shop.brand, settings={"secret": "s"}, actor=SYSTEM, now=now()
    )  # fmt: skip
    return Till(shop, connection)


def person(name: str, *addresses: tuple[str, str, str]) -> Contact:
    """(kind, address, proof) of each address."""
    contact = Contact.objects.create(name=name)
    for kind, address, proof in addresses:
        Identity.objects.create(contact=contact, kind=kind, address=address, proof=proof)
    return contact
