"""No page of the inbox and no step of the applier reads a whole table: asked of the planner, not of the clock.

With sequential scans made as dear as can be, one that remains means that no index serves the query.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.test import Client
from pytest_django import DjangoDbBlocker

from sportello.contacts.models import Contact, Membership, Organization
from sportello.contacts.touchpoints import Touch, record_touchpoints
from sportello.core.clock import now
from sportello.demo import generate
from sportello.tickets.models import Ticket
from sportello.tickets.reading import inbox, timeline
from tests import walk
from tests.workspace.conftest import BACKEND

LARGE = {
    "tickets_ticket",
    "tickets_message",
    "tickets_thread",
    "contacts_contact",
    "contacts_identity",
    "core_event",
    "contacts_touchpoint",
    "contacts_membership",
}


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[walk.Shop]:
    """Two thousand tickets of the size generator, in committed rows: once for all, swept at the end."""
    with django_db_blocker.unblock():
        shop = walk.open_shop()
        generate.generate(tickets=2_000, progress=lambda what, part: None)
    yield shop
    with django_db_blocker.unblock():
        call_command("flush", verbosity=0, interactive=False)


@contextmanager
def _statements() -> Iterator[list[tuple[str, Any]]]:
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, text: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((text, params))
        return execute(text, params, many, context)

    with connection.execute_wrapper(note):
        yield asked


def _scanned_whole(asked: list[tuple[str, Any]]) -> set[str]:
    found: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        for text, params in asked:
            if text.startswith("SELECT"):
                cursor.execute(f"EXPLAIN (FORMAT JSON) {text}", params)
                plan = cursor.fetchone()[0]
                found |= _seq_scans(
                    (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
                )
        cursor.execute("RESET enable_seqscan")
    return found & LARGE


def _seq_scans(node: dict[str, Any]) -> set[str]:
    here = {node["Relation Name"]} if node["Node Type"] == "Seq Scan" else set()
    return here.union(*[_seq_scans(child) for child in node.get("Plans", [])])


@pytest.mark.parametrize("view", ["mine", "unassigned", "waiting", "snoozed", "all", "solved"])
def test_a_page_of_the_inbox_is_read_by_an_index(shop: walk.Shop, view: str) -> None:
    with _statements() as asked:
        page = inbox.inbox(shop.giulia, view, inbox.Filters())
        if page.next:
            inbox.inbox(shop.giulia, view, inbox.Filters(), after=page.next)
    assert not _scanned_whole(asked)


def test_the_counts_beside_the_views_are_read_by_indexes(shop: walk.Shop) -> None:
    with _statements() as asked:
        inbox.counts(shop.giulia, ["mine", "unassigned", "waiting", "snoozed", "all"])
    assert not _scanned_whole(asked)


def test_a_ticket_of_five_hundred_messages_is_read_by_indexes(shop: walk.Shop) -> None:
    ticket = Ticket.objects.latest("pk")
    with _statements() as asked:
        told = timeline.story(ticket)
    assert told.has_older
    assert not _scanned_whole(asked)


def test_the_card_and_the_page_of_a_person_are_read_by_indexes(shop: walk.Shop) -> None:
    """Beside the ticket and by itself: of the contact with the most tickets, and of his organization."""
    most = Contact.objects.annotate(n=Count("tickets")).order_by("-n", "pk")[0]
    record_touchpoints(Touch("page", now(), f"Page {n}", contact_id=most.pk) for n in range(2_000))
    kranz = Organization.objects.create(name="Kranz")
    Membership.objects.create(contact=most, organization=kranz, how="agent")
    number = most.tickets.latest("pk").number
    client = Client()
    client.force_login(shop.giulia, backend=BACKEND)
    pages = [f"/app/tickets/{number}", f"/app/contacts/{most.pk}", f"/app/organizations/{kranz.pk}", "/app/pop/card?phone=%2B393475550182"]  # fmt: skip
    for url in pages:
        with _statements() as asked:
            assert client.get(url).status_code == 200
        assert not _scanned_whole(asked), url
    story = client.get(f"/app/contacts/{most.pk}").content.decode()
    older = re.search(r'hx-get="([^"]+before=[^"]+)"', story)
    assert older
    with _statements() as asked:
        assert client.get(older[1].replace("&amp;", "&")).status_code == 200
    assert not _scanned_whole(asked)


def test_a_search_is_read_by_indexes(shop: walk.Shop) -> None:
    with _statements() as asked:
        page = inbox.inbox(shop.giulia, "all", inbox.Filters(q="guarnizione"))
    assert page.tickets
    assert not _scanned_whole(asked)


def test_what_comes_after_the_generator_gets_the_next_id(shop: walk.Shop) -> None:
    before = Ticket.objects.latest("pk")
    message = walk.arrive(shop.mail, walk.mail_bytes())
    assert message.ticket_id == before.pk + 1
    assert message.ticket.number == before.number + 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_index WHERE NOT indisvalid")
        assert cursor.fetchone()[0] == 0
