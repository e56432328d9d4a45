"""Reading an uploaded table: a hundred orders a transaction, errors by line, and on from where it stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import structlog
from django.db import transaction
from django.utils.translation import gettext_noop

from sportello.commerce import mapping
from sportello.commerce.actions.tables import BadTable, rows_of
from sportello.commerce.applying import apply
from sportello.commerce.models import Connection, TableImport
from sportello.commerce.records import OrderRecord
from sportello.core import sql
from sportello.core.clock import now
from sportello.core.events import record_many

GROUP = 100
ERRORS_KEPT = 100
IMPORT_LOCK = 7_304_002

UNREADABLE = gettext_noop("“%(value)s” cannot be read as %(field)s.")
NO_NUMBER = gettext_noop("No order number.")
NOT_APPLIED = gettext_noop("This order could not be stored.")

log = structlog.get_logger(__name__)
Problem = tuple[int, str, dict[str, str]]


@dataclass(slots=True)
class Group:
    """Some orders, the line after the last one, and what could not be read on the way."""

    orders: list[tuple[int, OrderRecord]]
    position: int
    problems: list[Problem]


def run(import_id: int) -> None:
    """Read on until the end; a second job for the same table waits and finds nothing left."""
    row = TableImport.objects.select_related("connection").filter(pk=import_id).first()
    if row is None or row.state != TableImport.State.RUNNING:
        return
    try:
        rows = rows_of(bytes(row.content).decode())
    except BadTable as bad:
        _finish(row, TableImport.State.FAILED, str(bad))
        return
    for group in groups(rows, row):
        if not _apply(row.pk, group):
            return
    _finish(row, TableImport.State.DONE)


def reader_for(connection: Connection, columns: dict[str, str]) -> mapping.Reader:
    settings = connection.settings
    return mapping.Reader(
        mapping=columns,
        currency=str(settings.get("currency") or "EUR"),
        zone=str(settings.get("zone") or "UTC"),
        words=mapping.words(settings.get("states") or []),
    )


def groups(rows: Sequence[Sequence[str]], row: TableImport) -> Iterator[Group]:
    """From the line where the import stands. Lines that follow one another with one number are one order."""
    reader, columns = reader_for(row.connection, row.mapping), list(row.columns)
    start = row.position
    found = Group([], start, [])
    for position in range(start, len(rows) - 1):
        try:
            record = reader.order(dict(zip(columns, rows[position + 1], strict=False)))
        except mapping.MissingNumber:
            found.problems.append((position + 2, NO_NUMBER, {}))
        except mapping.BadValue as bad:
            said = {"value": bad.value, "field": bad.field}
            found.problems.append((position + 2, UNREADABLE, said))
        else:
            last = found.orders[-1][1] if found.orders else None
            if last is not None and last.external_id == record.external_id:
                found.orders[-1] = (position + 2, _joined(last, record))
            else:
                if len(found.orders) + len(found.problems) >= GROUP:
                    found.position = position
                    yield found
                    found = Group([], position, [])
                found.orders.append((position + 2, record))
    found.position = len(rows) - 1
    if found.orders or found.problems:
        yield found


def _joined(first: OrderRecord, more: OrderRecord) -> OrderRecord:
    """The same order with the next line of goods."""
    lines = [*(first.lines or ()), *(more.lines or ())]
    named = tuple(replace(line, external_id=f"{n}:{line.sku or line.name}"[:200]) for n, line in enumerate(lines))  # fmt: skip
    return replace(first, lines=named or None)


def _apply(import_id: int, group: Group) -> bool:
    """False when another job has read these lines."""
    at = now()
    with transaction.atomic():
        sql.fetch("SELECT pg_advisory_xact_lock(%s::int, %s::int)", [IMPORT_LOCK, import_id])
        rows = TableImport.objects.select_for_update(no_key=True, of=("self",))
        row = rows.select_related("connection").get(pk=import_id)
        if row.state != TableImport.State.RUNNING or row.position >= group.position:
            return row.state == TableImport.State.RUNNING
        facts, problems = [], list(group.problems)
        for line, record in group.orders:
            try:
                with transaction.atomic():
                    facts += apply(row.connection, [summed(record)], now=at).facts
                row.applied += 1
            except Exception:
                log.warning("commerce.line_failed", table=row.pk, line=line, exc_info=True)
                problems.append((line, NOT_APPLIED, {}))
        row.failed += len(problems)
        row.errors = [*row.errors, *(list(p) for p in problems)][:ERRORS_KEPT]
        row.position, row.moved_at = group.position, at
        row.save(update_fields=["applied", "failed", "errors", "position", "moved_at"])
        record_many(facts, now=at)
    return True


def summed(record: OrderRecord) -> OrderRecord:
    """A table of lines may leave the total to arithmetic."""
    totals = [line.total for line in record.lines or ()]
    if record.total is not None or not totals or None in totals:
        return record
    return replace(record, total=sum((t for t in totals if t is not None), Decimal(0)))


def _finish(row: TableImport, state: str, error: str = "") -> None:
    at = now()
    with transaction.atomic():
        done = TableImport.objects.filter(pk=row.pk, state=TableImport.State.RUNNING)
        values = {"state": state, "finished_at": at, "content": b""}
        done.update(**values | ({"errors": [[0, error, {}]]} if error else {}))
        if state == TableImport.State.DONE:
            Connection.objects.filter(pk=row.connection_id).update(
                synced_at=at, heard_at=at, last_error=""
            )
