"""Tables from tills: any delimiter, any spelling of money, errors by line, on from where it stopped."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sportello.commerce import actions, mapping, tables
from sportello.commerce.models import Connection, Order, TableImport
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.core.models import Event
from sportello.workspace.settings.forms.shop import guessed
from tests.commerce.conftest import Till

WHO = {"actor": SYSTEM}
TABLE = (
    "Ordine;Data;Stato;Cliente;E-mail;Articolo;Qta;Prezzo\r\n"
    "A1;20/11/2026;evaso;Niccolò;nico@home.example;Moka;1;39,00\r\n"
    "A1;20/11/2026;evaso;Niccolò;nico@home.example;Caffè;2;24,90\r\n"
    "A2;20/11/2026;boh;Ada;ada@home.example;Moka;1;39,00\r\n"
    ";20/11/2026;evaso;Ada;;Moka;1;39,00\r\n"
    "A3;21/11/2026;annullato;Ada;ada@home.example;Moka;1;1.039,00\r\n"
)


@pytest.fixture
def desk(till: Till) -> Connection:
    return actions.connect(
        kind="csv", name="ERP", brand=till.shop.brand, settings={"currency": "EUR", "zone": "Europe/Rome"},
        now=now(), **WHO,
    )  # fmt: skip


def load(desk: Connection, text: str, encoding: str = "utf-8") -> TableImport:
    table = actions.upload(connection=desk, name="o.csv", content=text.encode(encoding), now=now(), **WHO)  # fmt: skip
    columns = guessed(table.columns)
    return actions.start_import(table=table, mapping=columns, now=now(), **WHO)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_table_is_read_with_its_errors(desk: Connection, encoding: str) -> None:
    table = load(desk, TABLE, encoding)
    tables.run(table.pk)
    table.refresh_from_db()
    assert (table.state, table.position, table.applied, table.failed) == ("done", 5, 2, 2)
    assert [(line, parts.get("value")) for line, _, parts in table.errors] == [(4, "boh"), (5, None)]  # fmt: skip
    assert bytes(table.content) == b""
    first, third = Order.objects.order_by("number")
    assert (first.number, first.state, first.total) == ("A1", "shipped", Decimal("88.80"))
    assert [(li.name, li.quantity) for li in first.lines.all()] == [("Moka", 1), ("Caffè", 2)]
    assert first.buyer_name == "Niccolò"
    assert (third.state, third.total) == ("cancelled", Decimal(1039))
    desk.refresh_from_db()
    assert desk.synced_at is not None


def test_it_goes_on_where_it_stopped(desk: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "GROUP", 2)
    lines = "".join(f"N{n};39,00\n" for n in range(9))
    table = load(desk, f"Ordine;Totale\n{lines}")
    rows = tables.rows_of(bytes(table.content).decode())
    first = next(tables.groups(rows, TableImport.objects.select_related("connection").get(pk=table.pk)))  # fmt: skip
    assert tables._apply(table.pk, first)
    table.refresh_from_db()
    assert (table.position, table.applied) == (2, 2)
    tables.run(table.pk)
    tables.run(table.pk)
    table.refresh_from_db()
    assert (table.applied, Order.objects.count()) == (9, 9)
    placed = Event.objects.filter(type="order_placed").count()
    again = load(desk, f"Ordine;Totale\n{lines}")
    tables.run(again.pk)
    assert Order.objects.count() == 9
    assert Event.objects.filter(type="order_placed").count() == placed


@pytest.mark.parametrize("content", [b"", b"one line only\n", b"\x00\xff\x00"])
def test_what_is_no_table_is_refused(desk: Connection, content: bytes) -> None:
    with pytest.raises(actions.BadTable):
        actions.upload(connection=desk, name="x", content=content, now=now(), **WHO)


def test_columns_must_name_the_order(desk: Connection) -> None:
    with pytest.raises(actions.BadTable):
        load(desk, "Prezzo;Foo\n1;2\n")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("€ 12", "12"), ("12.5", "12.5"), ("1.234.567", "1234567"), ("-3,5", "-3.5"), (7, "7")],
)  # fmt: skip
def test_amounts(text: object, wanted: str) -> None:
    assert mapping.amount("total", text) == Decimal(wanted)


@pytest.mark.parametrize("text", ["abc", "1e999", "--", True, "9" * 30])
def test_no_amounts(text: object) -> None:
    with pytest.raises(mapping.BadValue):
        mapping.amount("total", text)
