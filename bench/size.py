"""Inbox, ticket page and search on a generated database: time in the server, and the slowest statement."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bench.house import House, ask, house
from bench.row import Options, Row, percentile

ROUNDS = 20
IN_PAGE = {"HX-Request": "true", "HX-Request-Type": "partial"}
"""As the workspace asks when somebody clicks a row: the ticket without the list that stands beside it."""
_kept: dict[tuple[int, str], dict[str, Measured]] = {}


@dataclass
class Measured:
    """Milliseconds of whole pages and of their statements."""

    pages: list[float] = field(default_factory=list)
    statements: list[tuple[float, str]] = field(default_factory=list)

    @property
    def slowest(self) -> tuple[float, str]:
        """The slowest statement, by its median over the rounds."""
        by_text: dict[str, list[float]] = {}
        for took, text in self.statements:
            by_text.setdefault(text, []).append(took)
        return max(
            ((percentile(times, 0.5), text) for text, times in by_text.items()), default=(0.0, "")
        )


def inbox(options: Options) -> list[Row]:
    seen, size = _measure(options), f"{options.tickets:,} tickets"
    lists, deep, ticket = seen["list"], seen["deep"], seen["ticket"]
    opened = seen["opened"]
    slow, text = max(lists.slowest, deep.slowest, ticket.slowest)
    pages = lists.pages + ticket.pages
    return [
        Row("inbox", "page p99 ≤ 30", percentile(lists.pages, 0.99), "ms", "its p50", percentile(lists.pages, 0.5), ok=percentile(lists.pages, 0.99) <= 30, notes=[f"{size}; {len(pages)} pages, rendered"]),
        Row("inbox", "depth costs nothing", percentile(deep.pages, 0.5), "ms", "first pages, p50", percentile(lists.pages, 0.5), ok=percentile(deep.pages, 0.5) <= 1.5 * percentile(lists.pages, 0.5)),
        Row("inbox", "ticket of 500, p99 ≤ 30", percentile(ticket.pages, 0.99), "ms", "its p50", percentile(ticket.pages, 0.5), ok=percentile(ticket.pages, 0.99) <= 30),
        Row("inbox", "the same, opened from the list", percentile(opened.pages, 0.99), "ms", "its p50", percentile(opened.pages, 0.5), ok=percentile(opened.pages, 0.99) <= 30),
        Row("inbox", "statement ≤ 5", slow, "ms", ok=slow <= 5, notes=[f"slowest by median: {text[:160]}"]),
    ]  # fmt: skip


def search(options: Options) -> list[Row]:
    seen = _measure(options)["search"]
    most, (slow, text) = percentile(seen.pages, 0.95), seen.slowest
    notes = [
        f"{options.tickets:,} tickets; {len(seen.pages)} searches; slowest statement {slow:.1f} ms: {text[:120]}"
    ]
    return [
        Row(
            "search",
            "p95 ≤ 150",
            most,
            "ms",
            "its p50",
            percentile(seen.pages, 0.5),
            ok=most <= 150,
            notes=notes,
        )
    ]


def profile(options: Options) -> list[Row]:
    """The card that pops up when somebody calls, one page of a person's story, and his whole page."""
    seen, size = _measure(options), f"{options.tickets:,} tickets"
    card, story, page = seen["card"], seen["story"], seen["profile"]
    slow, text = max(card.slowest, story.slowest, page.slowest)
    notes = [f"{size}; the contact with the most tickets, two thousand touchpoints"]
    return [
        Row("profile", f"{name} p99 ≤ {bar}", percentile(found.pages, 0.99), "ms", "its p50", percentile(found.pages, 0.5), ok=percentile(found.pages, 0.99) <= bar, notes=notes)
        for name, bar, found in (("card", 20, card), ("story", 20, story), ("page", 30, page))
    ] + [Row("profile", "statement ≤ 5", slow, "ms", ok=slow <= 5, notes=[f"slowest by median: {text[:160]}"])]  # fmt: skip


WORDS = (
    "guarnizione",
    "caldaia perde",
    "BA-19999",
    "rimborso",
    "parcel",
    "macchina del caffè",
    "Brera grinder",
    "corriere Lucca",
    "vapore",
    "xylofono",
)


def _measure(options: Options) -> dict[str, Measured]:
    key = options.tickets, options.data_dir
    if key not in _kept:
        with house(tickets=options.tickets, demo=True, data_dir=options.data_dir) as made:
            _kept[key] = _pages(made)
    return _kept[key]


def _pages(made: House) -> dict[str, Measured]:
    from urllib.parse import urlencode

    from django.conf import settings
    from django.test import Client

    from sportello.accounts.models import Agent
    from sportello.config import memory

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(
        Agent.objects.get(email="giulia@bottega-aurora.example"),
        backend=settings.AUTHENTICATION_BACKENDS[-1],
    )
    long = ask(
        made,
        "SELECT number FROM tickets_ticket WHERE id = (SELECT ticket_id FROM tickets_message GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)",
    )[0][0]
    views = [
        "/app/inbox/all",
        "/app/inbox/unassigned",
        "/app/inbox/mine",
        "/app/inbox/waiting",
        "/app/inbox/solved",
    ]
    deep = [
        f"{view}?after={_cursor(made, view)}" for view in ("/app/inbox/all", "/app/inbox/solved")
    ]
    person, email = _busiest(made)
    memory.settle()  # as the web process does
    return {
        "card": _visit(
            client.get, [f"/app/pop/card?{urlencode({'email': email})}"], rounds=3 * ROUNDS
        ),
        "story": _visit(client.get, [f"/app/contacts/{person}/story"], rounds=3 * ROUNDS),
        "profile": _visit(client.get, [f"/app/contacts/{person}"], rounds=3 * ROUNDS),
        "list": _visit(client.get, views),
        "deep": _visit(client.get, deep),
        "ticket": _visit(client.get, [f"/app/tickets/{long}"], rounds=3 * ROUNDS),
        "opened": _visit(
            partial(client.get, headers=IN_PAGE), [f"/app/tickets/{long}"], rounds=3 * ROUNDS
        ),
        "search": _visit(
            client.get, [f"/app/inbox/all?{urlencode({'q': words})}" for words in WORDS], rounds=4
        ),
    }


def _busiest(made: House) -> tuple[int, str]:
    """The contact with the most tickets and a mail address; he has looked around a lot."""
    from sportello.contacts.touchpoints import Touch, record_touchpoints
    from sportello.core.clock import now

    person, email = ask(
        made,
        "SELECT i.contact_id, i.address FROM contacts_identity i JOIN (SELECT contact_id, count(*) AS n FROM tickets_ticket"
        " GROUP BY 1) t USING (contact_id) WHERE i.kind = 'email' AND i.proof <> 'claimed' ORDER BY t.n DESC, i.id LIMIT 1",
    )[0]
    record_touchpoints(
        Touch("page", now(), f"Page {n}", contact_id=person, key=f"bench:{n}") for n in range(2_000)
    )
    return person, email


def _cursor(made: House, view: str) -> str:
    """A place far down the list, spelled as the pages spell it."""
    import base64
    import json

    statuses = (
        ["solved", "closed"] if view.endswith("solved") else ["new", "open", "pending", "on_hold"]
    )
    offset = ask(
        made, "SELECT count(*) * 7 / 10 FROM tickets_ticket WHERE status = ANY(%s)", statuses
    )[0][0]
    at, id = ask(
        made,
        "SELECT last_message_at, id FROM tickets_ticket WHERE status = ANY(%s) ORDER BY last_message_at DESC, id DESC OFFSET %s LIMIT 1",
        statuses,
        offset,
    )[0]
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), id]).encode()).decode().rstrip("=")


def _visit(get: Callable[[str], Any], paths: list[str], *, rounds: int = ROUNDS) -> Measured:
    measured = Measured()
    for n in range(rounds + 1):
        for path in paths:
            with _statements(measured if n else Measured()):
                began = time.perf_counter()
                answer = get(path)
                took = (time.perf_counter() - began) * 1000
            assert answer.status_code == 200, f"{path}: {answer.status_code}"
            if n:
                measured.pages.append(took)
    return measured


@contextmanager
def _statements(measured: Measured) -> Iterator[None]:
    from django.db import connection

    def timed(execute: Any, text: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(text, params, many, context)
        finally:
            measured.statements.append(((time.perf_counter() - began) * 1000, text))

    with connection.execute_wrapper(timed):
        yield
