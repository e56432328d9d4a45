"""How many questions a page asks of the database: that number must not grow with what the page shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from sportello.core.actors import Actor
from sportello.core.clock import now
from sportello.tickets import actions
from tests.workspace.conftest import Desk

pytestmark = pytest.mark.django_db


SECONDS_OLD = ("accounts_company", "channels_channel", "accounts_privacypolicy")
"""What a process asks every two seconds for all requests; likewise the counts beside the views."""


@contextmanager
def _asked() -> Iterator[list[str]]:
    texts: list[str] = []

    def note(execute: Any, text: str, params: Any, many: bool, context: Any) -> Any:
        if (
            not any(f'FROM "{table}"' in text for table in SECONDS_OLD)
            and "SELECT (SELECT" not in text
        ):
            texts.append(" ".join(text.split())[:120])
        return execute(text, params, many, context)

    with connection.execute_wrapper(note):
        yield texts


@pytest.mark.parametrize(
    ("path", "most"),
    [("/app/inbox/all", 14), ("/app/tickets/{number}", 33), ("/app/contacts/{contact}", 28), ("/app/contacts/{contact}/story", 9)],
)  # fmt: skip
def test_a_page_asks_the_same_of_one_message_and_of_twenty(
    desk: Desk, path: str, most: int
) -> None:
    ticket = desk.open("Perde acqua")
    client = desk.client("agent")
    url = path.format(number=ticket.number, contact=ticket.contact_id)
    assert client.get(url).status_code == 200  # what is known for two seconds is asked now
    with _asked() as few:
        client.get(url)
    for n in range(20):
        actions.note(ticket=ticket, text=f"Nota {n}", actor=Actor.agent(desk.agents["agent"].pk), now=now())  # fmt: skip
        desk.open(f"Perde acqua {n}")
    with _asked() as many:
        client.get(url)
    assert len(many) <= len(few), "\n".join(many)
    assert len(few) <= most, "\n".join(few)


def test_teams_and_rights_are_asked_once(desk: Desk) -> None:
    ticket = desk.open("Perde acqua")
    client = desk.client("agent")
    for url in (f"/app/tickets/{ticket.number}", f"/app/contacts/{ticket.contact_id}"):
        with _asked() as texts:
            assert client.get(url).status_code == 200
        for table in ("accounts_team", "accounts_grant"):
            assert len([t for t in texts if f'FROM "{table}"' in t]) <= 1, (url, table)
