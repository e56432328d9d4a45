"""Uploading a table of orders, and starting to read it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.commerce import jobs
from sportello.commerce.models import Connection, TableImport
from sportello.core import audit
from sportello.core.actors import Actor

MOST_BYTES = 20 * 1024 * 1024
MOST_COLUMNS = 200


class BadTable(ValueError):
    """The table cannot be used; the message says why."""


def decoded(content: bytes) -> str:
    """Unicode where it is, else Windows-1252, which tills and Excel write: guessing errs on short tables."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        return content.decode("utf-16" if utf16 else "cp1252", "replace")


def rows_of(text: str) -> list[list[str]]:
    """The lines of the table as cells. Raises `BadTable`."""
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        return [row for row in csv.reader(io.StringIO(text), dialect) if any(row)]
    except csv.Error as error:
        raise BadTable(_("This is not a table: %(why)s") % {"why": error}) from None


def upload(
    *, connection: Connection, name: str, content: bytes, actor: Actor, now: datetime
) -> TableImport:
    """Keep the table until its columns are named. Raises `BadTable`."""
    if not connection.code.takes_files:
        raise BadTable(_("This connection takes no tables."))
    if len(content) > MOST_BYTES:
        raise BadTable(_("A table may have at most 20 MB."))
    text = decoded(content).replace("\x00", "")
    rows = rows_of(text)
    if len(rows) < 2:
        raise BadTable(_("The table needs a line with the names of the columns and one line more."))
    columns = [cell.strip() for cell in rows[0]][:MOST_COLUMNS]
    with transaction.atomic():
        TableImport.objects.filter(connection=connection, state=TableImport.State.DRAFT).delete()
        row = TableImport.objects.create(
            connection=connection,
            file_name=name[-200:],
            content=text.encode(),
            columns=columns,
            mapping={k: v for k, v in connection.mapping.items() if v in columns},
            lines=len(rows) - 1,
        )
        audit.note(actor, "connection.table", connection.name, {"lines": [None, len(rows) - 1]})
    return row


def start_import(
    *, table: TableImport, mapping: Mapping[str, str], actor: Actor, now: datetime
) -> TableImport:
    """Read it with these columns; they are kept for the next table. Raises `BadTable`."""
    with transaction.atomic():
        rows = TableImport.objects.select_for_update(no_key=True, of=("self",))
        row = rows.select_related("connection").get(pk=table.pk)
        if row.state != TableImport.State.DRAFT:
            raise BadTable(_("This table is being read already."))
        kept = {name: column for name, column in mapping.items() if column in row.columns}
        if "number" not in kept and "external_id" not in kept:
            raise BadTable(_("Say at least which column holds the order number."))
        row.mapping, row.state, row.moved_at = kept, TableImport.State.RUNNING, now
        row.save(update_fields=["mapping", "state", "moved_at"])
        Connection.objects.filter(pk=row.connection_id).update(mapping=kept)
        audit.note(actor, "connection.imported", row.connection.name, {"table": [None, row.file_name]})  # fmt: skip
        transaction.on_commit(lambda: jobs.import_later(row.pk))
    return row
