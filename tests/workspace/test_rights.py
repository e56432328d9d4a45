"""Every page of a ticket, for every role: what is hidden does not exist, what is only read cannot be changed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from sportello.tickets.models import Message, Ticket
from tests.workspace.conftest import Desk

READS = ["ticket", "live", "history"]
VERBS = [
    "assign",
    "set_status",
    "set_priority",
    "rename",
    "retag",
    "snooze",
    "mark_spam",
    "merge",
    "split",
    "end_chat",
]
SEES = {
    "administrator": {"public", "secret", "foreign"},
    "agent": {"public", "foreign"},
    "light": {"public", "foreign"},
    "member": {"secret"},
    "elsewhere": {"foreign"},
}


@pytest.mark.parametrize("who", SEES)
def test_reads_show_what_he_sees_and_nothing_else_exists(desk: Desk, who: str) -> None:
    client = desk.client(who)
    for name, ticket in desk.tickets.items():
        for read in READS:
            status = client.get(reverse(f"workspace:{read}", args=[ticket.number])).status_code
            assert status == (200 if name in SEES[who] else 404), (who, name, read)


@pytest.mark.parametrize("who", SEES)
def test_lists_search_and_rows_hold_only_what_he_sees(desk: Desk, who: str) -> None:
    client = desk.client(who)
    numbers = ",".join(str(t.number) for t in desk.tickets.values())
    for url in (
        "/app/inbox/all",
        "/app/inbox/all?q=macchina",
        f"/app/inbox/all/rows?numbers={numbers}",
    ):
        page = client.get(url).content.decode()
        for name, ticket in desk.tickets.items():
            assert (f'id="row-{ticket.number}"' in page) == (name in SEES[who]), (who, url, name)
    found = client.get("/app/find?q=Faccenda").json()
    assert bool(found["groups"]) == ("secret" in SEES[who])


@pytest.mark.parametrize("verb", VERBS)
def test_a_light_agent_changes_nothing(desk: Desk, verb: str) -> None:
    ticket = desk.tickets["public"]
    answer = desk.client("light").post(
        reverse("workspace:verb", args=[ticket.number, verb]),
        {"status": "solved", "assignee": "me"},
    )
    assert answer.status_code == 403
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee_id) == ("new", None)


@pytest.mark.parametrize("verb", VERBS)
def test_a_hidden_ticket_takes_no_verb(desk: Desk, verb: str) -> None:
    ticket = desk.tickets["secret"]
    assert (
        desk.client("agent").post(reverse("workspace:verb", args=[ticket.number, verb])).status_code
        == 404
    )


def test_a_light_agent_writes_notes_but_no_answers(desk: Desk) -> None:
    client, ticket = desk.client("light"), desk.tickets["public"]
    url = reverse("workspace:answer", args=[ticket.number])
    assert client.post(url, {"kind": "reply", "text": "ciao"}).status_code == 403
    assert client.post(url, {"kind": "note", "text": "visto"}).status_code == 200
    assert list(ticket.messages.values_list("direction", flat=True).order_by("pk")) == [
        "in",
        "note",
    ]


def test_a_light_agent_reads_no_mail_as_it_came(desk: Desk) -> None:
    ticket = desk.tickets["public"]
    message = Message.objects.get(ticket=ticket)
    Message.objects.filter(pk=message.pk).update(html="<p>ciao</p>")
    for what in ("mail", "raw"):
        assert (
            desk.client("light")
            .get(reverse(f"workspace:{what}", args=[ticket.number, message.pk]))
            .status_code
            == 403
        )
    assert (
        desk.client("agent")
        .get(reverse("workspace:mail", args=[ticket.number, message.pk]))
        .status_code
        == 200
    )


def test_merging_into_a_hidden_ticket_tells_nothing(desk: Desk) -> None:
    client, ticket = desk.client("agent"), desk.tickets["public"]
    hidden = client.post(
        reverse("workspace:verb", args=[ticket.number, "merge"]),
        {"into": desk.tickets["secret"].number},
    )
    nowhere = client.post(
        reverse("workspace:verb", args=[ticket.number, "merge"]), {"into": 999999}
    )
    assert hidden.status_code == nowhere.status_code == 422
    assert hidden.content == nowhere.content


def test_bulk_asks_each_ticket(desk: Desk) -> None:
    numbers = [t.number for t in desk.tickets.values()]
    answer = desk.client("agent").post("/app/bulk/mark_spam", {"numbers": numbers}).json()
    assert answer["done"] == 2
    assert not Ticket.objects.get(pk=desk.tickets["secret"].pk).is_spam


def test_nested_ids_must_belong_together(desk: Desk) -> None:
    foreign = Message.objects.get(ticket=desk.tickets["secret"])
    ticket, client = desk.tickets["public"], desk.client("agent")
    assert (
        client.get(reverse("workspace:mail", args=[ticket.number, foreign.pk])).status_code == 404
    )
    assert (
        client.get(reverse("workspace:message_menu", args=[ticket.number, foreign.pk])).status_code
        == 404
    )
    assert (
        client.post(
            reverse("workspace:verb", args=[ticket.number, "split"]), {"message": foreign.pk}
        ).status_code
        == 404
    )


@pytest.mark.parametrize("who", ["nobody", "nothing"])
def test_without_a_grant_nothing_opens(desk: Desk, who: str) -> None:
    status = desk.client(who).get("/app/inbox/mine").status_code
    assert status == (302 if who == "nobody" else 403)


def test_no_get_changes_anything_and_nothing_is_cached(desk: Desk) -> None:
    client, ticket = desk.client("agent"), desk.tickets["public"]
    for name in ("read", "answer", "undo", "draft", "upload"):
        args = [ticket.number, 1] if name == "undo" else [ticket.number]
        assert client.get(reverse(f"workspace:{name}", args=args)).status_code == 405
    assert (
        client.get(reverse("workspace:verb", args=[ticket.number, "mark_spam"])).status_code == 405
    )
    assert client.get(f"/app/tickets/{ticket.number}").headers["Cache-Control"] == "no-store"


def test_every_post_wants_its_token(desk: Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        desk.agents["agent"], backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    ticket = desk.tickets["public"]
    assert (
        client.post(
            reverse("workspace:answer", args=[ticket.number]), {"kind": "note", "text": "x"}
        ).status_code
        == 403
    )


FORMS = {
    "assign": {"assignee": "me"},
    "set_status": {"status": "pending"},
    "set_priority": {"priority": "high"},
    "set_kind": {"kind": "problem"},
    "rename": {"subject": "Nuovo oggetto"},
    "retag": {"add": "garanzia"},
    "snooze": {"until": "2099-01-01T09:00"},
    "mark_spam": {},
    "follow": {},
    "mark_unread": {},
}


@pytest.mark.parametrize("verb", FORMS)
def test_a_verb_answers_with_the_pieces_that_changed(desk: Desk, verb: str) -> None:
    number = desk.tickets["public"].number
    answer = desk.client("agent").post(reverse("workspace:verb", args=[number, verb]), FORMS[verb])
    page = answer.content.decode()
    assert answer.status_code == 200
    for piece in ("#thead", "#tail", "#side", f"#row-{number}"):
        assert f'hx-target="{piece}"' in page


def test_a_refused_verb_says_why_and_changes_nothing(desk: Desk) -> None:
    number = desk.tickets["public"].number
    url = reverse("workspace:verb", args=[number, "set_status"])
    answer = desk.client("agent").post(url, {"status": "nonsense"})
    assert answer.status_code == 422
    assert "problem" in answer.content.decode()


def test_who_gives_a_ticket_out_of_sight_is_led_away(desk: Desk) -> None:
    ticket = desk.tickets["public"]
    outsider = desk.client("administrator")
    url = reverse("workspace:verb", args=[ticket.number, "team"])
    assert outsider.post(url, {"team": desk.secret.pk}).status_code == 200
    assert desk.client("agent").get(f"/app/tickets/{ticket.number}").status_code == 404
    assert desk.client("agent").post(url, {"team": ""}).status_code == 404


@pytest.mark.parametrize(
    "name", ["assign", "team", "status", "priority", "kind", "snooze", "more", "merge", "tags"]
)
def test_menus_open_for_who_may_use_them(desk: Desk, name: str) -> None:
    url = reverse("workspace:menu", args=[desk.tickets["public"].number, name])
    assert desk.client("agent").get(url).status_code == 200
    assert desk.client("light").get(url).status_code == (200 if name == "more" else 403)
    assert desk.client("member").get(url).status_code == 404
