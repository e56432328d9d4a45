"""How many questions a page asks of the database: that number must not grow with what the page shows."""

from __future__ import annotations

import pytest

from sportello.core.actors import Actor
from sportello.core.clock import now
from sportello.tickets import actions
from tests.statements import asked
from tests.workspace.conftest import Desk

pytestmark = pytest.mark.django_db


SECONDS_OLD = ("accounts_company", "channels_channel", "accounts_privacypolicy")
"""What a process asks every two seconds for all requests; likewise the counts beside the views."""


def _counted(statements: list[str]) -> list[str]:
    """Those that a page asks each time, in short."""
    lately = [f'FROM "{table}"' for table in SECONDS_OLD] + ["SELECT (SELECT"]
    return [" ".join(s.split())[:120] for s in statements if not any(part in s for part in lately)]


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
    with asked() as before:
        client.get(url)
    for n in range(20):
        actions.note(ticket=ticket, text=f"Nota {n}", actor=Actor.agent(desk.agents["agent"].pk), now=now())  # fmt: skip
        desk.open(f"Perde acqua {n}")
    with asked() as after:
        client.get(url)
    few, many = _counted(before), _counted(after)
    assert len(many) <= len(few), "\n".join(many)
    assert len(few) <= most, "\n".join(few)


def test_teams_and_rights_are_asked_once(desk: Desk) -> None:
    ticket = desk.open("Perde acqua")
    client = desk.client("agent")
    for url in (f"/app/tickets/{ticket.number}", f"/app/contacts/{ticket.contact_id}"):
        with asked() as texts:
            assert client.get(url).status_code == 200
        for table in ("accounts_team", "accounts_grant"):
            assert len([t for t in texts if f'FROM "{table}"' in t]) <= 1, (url, table)
