"""300,000 orders: finding whose an order is, and the orders beside a ticket. Time in the server, in milliseconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bench.house import House, ask, house
from bench.row import Options, Row, percentile

ORDERS = 300_000
ROUNDS = 60
BAR = 20.0


def commerce(options: Options) -> list[Row]:
    with house(tickets=options.tickets, demo=True, data_dir=options.data_dir) as made:
        return _measured(made, options)


def _measured(made: House, options: Options) -> list[Row]:
    from sportello.accounts.models import Agent
    from sportello.accounts.queries import rights_of
    from sportello.commerce import matching, queries
    from sportello.commerce.records import Buyer
    from sportello.workspace import purchases

    emails, busiest = _fill(made)
    rights = rights_of(Agent.objects.get(email="giulia@bottega-aurora.example"))
    buyers = [Buyer(email=email) for email in emails]
    strangers = [Buyer(email=f"nobody{n}@nowhere.example", phone=f"+3934755{n:05d}") for n in range(ROUNDS)]  # fmt: skip
    people = [row[0] for row in ask(made, "SELECT contact_id FROM commerce_order WHERE contact_id IS NOT NULL ORDER BY id LIMIT %s", ROUNDS)]  # fmt: skip
    found = {
        "order to contact": _times(lambda b: matching.contact_of(b, b.email, b.phone), [*buyers, *strangers]),
        "contact to his orders": _times(lambda one: matching.attach([one]), people),
        "orders beside a ticket": _times(lambda one: purchases.card(one, rights), [busiest, *people]),
        "numbers in a text": _times(queries.orders_named, [f"Il mio ordine BN{n} non arriva, tel. 347 5550182" for n in range(ROUNDS)]),
    }  # fmt: skip
    notes = [
        f"{ORDERS:,} orders, 900,000 lines, {options.tickets:,} tickets; the busiest buyer has hundreds"
    ]
    return [
        Row("commerce", f"{name}, p99 ≤ {BAR:.0f}", percentile(times, 0.99), "ms", "its p50", percentile(times, 0.5), ok=percentile(times, 0.99) <= BAR, notes=notes)
        for name, times in found.items()
    ]  # fmt: skip


def _times(act: Callable[[Any], object], over: list[Any]) -> list[float]:
    act(over[0])
    taken = []
    for one in over:
        began = time.perf_counter()
        act(one)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


_ORDERS = """
WITH people AS (
  SELECT row_number() OVER (ORDER BY id) - 1 AS n, contact_id, address
  FROM contacts_identity WHERE kind = 'email' AND proof <> 'claimed'
), size AS (SELECT count(*) AS many FROM people)
INSERT INTO commerce_order (connection_id, external_id, buyer_id, email, phone, buyer_name, is_confirmed, updated_at, is_erased,
  contact_id, number, number_key, state, payment, currency, total, shipping, refunded, placed_at, status_url)
SELECT %s, 'bench-' || g, '', p.address, '', '', false, now(), false, CASE WHEN g %% 3 > 0 THEN p.contact_id END,
  'BN-' || g, 'BN' || g, 'delivered', 'paid', 'EUR', 449, 0, 0, now() - g * interval '1 minute', ''
FROM size CROSS JOIN generate_series(1, %s) AS g
JOIN people p ON p.n = CASE WHEN g <= 400 THEN 0 ELSE g %% size.many END
"""
_LINES = """
INSERT INTO commerce_orderline (order_id, external_id, position, sku, name, quantity, unit_price, total)
SELECT o.id, 'l' || n, n, 'SKU-' || n, 'Aurora ' || n, 1, 149, 149
FROM commerce_order o, generate_series(1, 3) AS n WHERE o.external_id LIKE 'bench-%%'
"""


def _fill(made: House) -> tuple[list[str], int]:
    """(addresses that somebody has, the contact with the most orders)"""
    from django.db import connection

    from sportello.commerce.models import Connection, Order

    shop = Connection.objects.filter(kind="fake").first()
    assert shop is not None, "the demo company has a till"
    with connection.cursor() as cursor:
        if not Order.objects.filter(external_id="bench-1").exists():
            cursor.execute(_ORDERS, [shop.pk, ORDERS])
            cursor.execute(_LINES)
        cursor.execute("ANALYZE commerce_order, commerce_orderline")
    emails = [row[0] for row in ask(made, "SELECT address FROM contacts_identity WHERE kind = 'email' AND proof = 'verified' ORDER BY id LIMIT %s", ROUNDS)]  # fmt: skip
    busiest = ask(made, "SELECT contact_id FROM commerce_order WHERE contact_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")[0][0]  # fmt: skip
    return emails, busiest
