"""How a record becomes a row: only newer ones overwrite, and what nobody knew is filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models

from sportello.commerce import events, matching
from sportello.commerce.models import Connection, Store
from sportello.commerce.records import Buyer, StoreRecord
from sportello.core.actors import SYSTEM, Actor
from sportello.core.events import Fact
from sportello.core.plain import storable

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""When what we only guess was last changed: whatever the shop says is newer."""
RECENT = timedelta(days=7)
"""What happened longer ago is history when it comes: it is shown, and told to nobody."""


class TooEarly(Exception):
    """It speaks of an order that has not come yet."""

    def __init__(self, order: str) -> None:
        super().__init__(f"The order {order} has not come yet.")
        self.order = order


@dataclass(slots=True)
class Applied:
    """What a batch came to."""

    now: datetime
    connection: Connection
    facts: list[Fact] = field(default_factory=list)
    applied: int = 0
    stale: int = 0

    def tell(self, type: str, contact_id: int | None, at: datetime | None, **payload: Any) -> None:
        """A fact to be recorded, unless it is history."""
        if at is not None and at < self.now - RECENT:
            return
        who = Actor.contact(contact_id) if contact_id and type in _BY_CUSTOMERS else SYSTEM
        self.facts.append(Fact(type, None, contact_id, who, payload, occurred_at=at))


_BY_CUSTOMERS = {events.ORDER_PLACED, events.ORDER_PAID, events.RETURN_REQUESTED}
_OURS = frozenset({"external_id", "updated_at", "buyer", "store", "order", "lines", "item",
                   "shipments", "returns", "invoices"})  # fmt: skip


def told(model: type[models.Model], record: Any) -> dict[str, Any]:
    """The fields of a record that say something, fitted to their columns."""
    values: dict[str, Any] = {}
    for name in record.__dataclass_fields__:
        value = getattr(record, name)
        if name not in _OURS and value is not None:
            values[name] = fit(model, name, value)
    return values


def fit(model: type[models.Model], name: str, value: Any) -> Any:
    """Texts without what PostgreSQL does not keep, as long as their column; links only to the web."""
    column: Any = model._meta.get_field(name)
    if isinstance(column, models.URLField):
        good = isinstance(value, str) and value.startswith(("https://", "http://"))
        longest = column.max_length or 200
        return storable(value) if good and len(value) <= longest else ""
    if isinstance(value, str):
        return storable(value).strip()[: column.max_length]
    return value


def put[Row: models.Model](
    done: Applied, model: type[Row], record: Any, extra: dict[str, Any]
) -> tuple[Row | None, bool, set[str]]:
    """(the row, whether it is new, names of what changed); no row when the record is stale."""
    rows: Any = model._default_manager
    at = record.updated_at or done.now
    key = {"connection": done.connection, "external_id": storable(record.external_id)[:200]}
    row = rows.select_for_update(no_key=True).filter(**key).first()
    values = told(model, record) | extra
    if row is None:
        done.applied += 1
        return rows.create(**key, **values, updated_at=at), True, set(values)
    if row.updated_at > at:
        _fill_blanks(row, values)
        done.stale += 1
        return None, False, set()
    if getattr(row, "is_erased", False):
        values = {k: v for k, v in values.items() if k not in PERSONAL}
    changed = {name for name, value in values.items() if getattr(row, name) != value}
    done.applied += 1
    if changed or row.updated_at != at:
        for name in changed:
            setattr(row, name, values[name])
        row.updated_at = at
        row.save(update_fields=[*changed, "updated_at"])
    return row, False, changed


def _fill_blanks(row: models.Model, values: dict[str, Any]) -> None:
    """What is older changes nothing, but tells what nobody has told since: of a return the webhook knows no amount."""
    told = {name: value for name, value in values.items() if name not in PERSONAL}
    blank = [n for n, v in told.items() if v is not None and getattr(row, n) is None]
    for name in blank:
        setattr(row, name, told[name])
    if blank:
        row.save(update_fields=blank)


PERSONAL = frozenset({"contact_id", "email", "phone", "buyer_name", "buyer_id", "is_confirmed", "status_url", "serial"})  # fmt: skip
"""What erasing a person takes away, and what is not written again."""


def bought(model: type[models.Model], record: Any, buyer: Buyer | None) -> dict[str, Any]:
    """Who bought it: his addresses, and the contact when one of them is proved."""
    if buyer is None:
        return {}
    email, phone = matching.email_of(buyer), matching.phone_of(buyer)
    given = {"email": email, "phone": phone, "buyer_name": buyer.name, "buyer_id": buyer.external_id}  # fmt: skip
    values = {name: fit(model, name, value) for name, value in given.items() if value}
    if buyer.confirmed and email:
        values["is_confirmed"] = True
    contact = matching.contact_of(buyer, email, phone)
    # Only ever filled in: what a merge or an agent has decided stays.
    return values | ({"contact_id": contact} if contact else {})


def store_named(done: Applied, name: str) -> Store:
    """The shop of that id; one of which nothing else is known yet goes by it."""
    found = Store.objects.filter(connection=done.connection, external_id=name[:200]).first()
    if found is None:
        found, _, _ = put(done, Store, StoreRecord(name, LONG_AGO, name), {})
        assert found is not None, "a new row is never stale"
    return found
