"""The list: pages without gaps, filters that nothing breaks, a fixed number of queries."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sportello.core.actors import Actor
from sportello.core.clock import now
from sportello.tickets import actions
from sportello.tickets.models import Ticket
from sportello.tickets.reading.inbox import BadCursor, Filters, counts, inbox
from tests.workspace.conftest import Desk


def test_pages_follow_each_other_without_gap_or_repeat(desk: Desk) -> None:
    same = now()
    for n in range(23):
        ticket = desk.open(f"n {n}")
        Ticket.objects.filter(pk=ticket.pk).update(
            last_message_at=same - timedelta(minutes=n // 5),
            waiting_since=same - timedelta(minutes=n // 5),
        )
    agent = desk.agents["administrator"]
    for sort in ("newest", "oldest", "waiting"):
        seen: list[int] = []
        after = ""
        while True:
            page = inbox(agent, "all", Filters(sort=sort), after, size=4)
            seen += [t.pk for t in page.tickets]
            after = page.next
            if not after:
                break
        assert len(seen) == len(set(seen)) == 26, sort


def test_views_hold_what_they_say(desk: Desk) -> None:
    agent, ticket = desk.agents["agent"], desk.tickets["public"]
    by = {"actor": Actor.agent(agent.pk), "now": now()}

    def holding() -> set[str]:
        views = ["mine", "unassigned", "mentions", "waiting", "snoozed", "all", "solved", "spam"]
        found = {
            v for v in views if any(t.pk == ticket.pk for t in inbox(agent, v, Filters()).tickets)
        }
        assert {v for v, n in counts(agent, views).items() if n and v in found} == found
        return found

    assert holding() == {"unassigned", "all"}
    actions.assign(ticket=ticket, assignee=agent, **by)
    assert holding() == {"mine", "all"}
    actions.snooze(ticket=ticket, until=now() + timedelta(hours=1), **by)
    assert holding() == {"snoozed", "all"}
    actions.wake(ticket=ticket, **by)
    actions.set_status(ticket=ticket, status="pending", **by)
    assert holding() == {"waiting", "all"}
    actions.set_status(ticket=ticket, status="solved", **by)
    assert holding() == {"solved"}
    actions.mark_spam(ticket=ticket, **by)
    assert holding() == {"spam"}
    actions.note(ticket=ticket, text="@Giulia", mentions=[agent.pk], **by)
    assert holding() == {"spam", "mentions"}


@pytest.mark.parametrize(
    "q", ["macchina", "perde", "Guarnizione", "guarn", "Lovelace", "posta.example"]
)
def test_search_finds_words_subjects_names_and_addresses(desk: Desk, q: str) -> None:
    found = inbox(desk.agents["agent"], "all", Filters(q=q)).tickets
    assert desk.tickets["public"].pk in {t.pk for t in found}


def test_the_number_finds_the_ticket_and_per_cent_signs_find_nothing(desk: Desk) -> None:
    ticket = desk.tickets["public"]
    for q in (str(ticket.number), f"#{ticket.number}"):
        assert ticket.pk in {t.pk for t in inbox(desk.agents["agent"], "all", Filters(q=q)).tickets}
    assert inbox(desk.agents["agent"], "all", Filters(q="%_%")).tickets == []


anything = st.text(max_size=30) | st.sampled_from(
    ["open", "1", "-1", "me", "none", "9" * 30, "' OR 1=1 --", "\0", "%", "team__name", "²"]
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    query=st.dictionaries(
        st.sampled_from(["status", "channel", "priority", "tag", "assignee", "q", "sort"]), anything
    )
)
def test_no_filter_breaks_the_list(desk: Desk, query: dict[str, str]) -> None:
    inbox(desk.agents["agent"], "all", Filters.read(query))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cursor=st.text(min_size=1, max_size=60)
    | st.binary(min_size=1, max_size=40).map(lambda b: base64.urlsafe_b64encode(b).decode())
)
def test_a_strange_cursor_is_refused(desk: Desk, cursor: str) -> None:
    with pytest.raises(BadCursor):
        inbox(desk.agents["agent"], "all", Filters(), cursor)


@pytest.mark.parametrize(
    "url", ["/app/inbox/nowhere", "/app/inbox/team-x", "/app/inbox/channel-99999999999999999999"]
)
def test_an_unknown_view_does_not_exist(desk: Desk, url: str) -> None:
    assert desk.client("agent").get(url).status_code == 404


CACHED = 2
"""Queries that a cache of two seconds may spare one page and not the other."""


def queries(desk: Desk, url: str) -> int:
    client = desk.client("agent")
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_more_tickets_cost_no_more_queries(desk: Desk) -> None:
    few = queries(desk, "/app/inbox/all")
    for n in range(12):
        desk.open(f"n {n}", name=f"Cliente {n}")
    assert abs(queries(desk, "/app/inbox/all") - few) <= CACHED
    assert few <= 25


def test_more_messages_cost_no_more_queries(desk: Desk) -> None:
    ticket, agent = desk.tickets["public"], desk.agents["agent"]
    url = f"/app/tickets/{ticket.number}"
    by = {"actor": Actor.agent(agent.pk), "now": now()}
    actions.reply(ticket=ticket, text="una", **by)
    few = queries(desk, url)
    for n in range(6):
        actions.reply(ticket=ticket, text=f"altra {n}", **by)
        actions.note(ticket=ticket, text=f"nota {n}", **by)
    assert abs(queries(desk, url) - few) <= CACHED
    assert few <= 45
