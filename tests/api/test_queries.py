"""A page costs the same number of statements however long it is."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.company import Firm, ticket

PATHS = ("/tickets", "/contacts", "/events", "/channels")


def statements(firm: Firm, path: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert (
            firm.admin.get(f"{path}?limit=100" if path != "/channels" else path).status_code == 200
        )
    return len(caught)


@pytest.mark.parametrize("path", PATHS)
def test_a_longer_page_asks_no_more(firm: Firm, path: str) -> None:
    before = statements(firm, path)
    for n in range(12):
        ticket(f"more{n}", firm.brand, firm.own, firm.mail)
    assert statements(firm, path) <= before + 1
    assert before <= 14


def test_a_long_talk_asks_no_more(firm: Firm) -> None:
    path = f"/tickets/{firm.tickets['own'].number}/messages"
    before = statements(firm, path)
    for n in range(10):
        firm.giulia.post(f"/tickets/{firm.tickets['own'].number}/note", {"text": f"n{n}"})
    assert statements(firm, path) <= before + 1
