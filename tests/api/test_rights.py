"""Who gets what: every call × every role × every place where a ticket can be."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sportello.accounts.models import Grant
from sportello.core.clock import now
from sportello.tickets.models import Message, Ticket
from tests.api.company import Api, Firm
from tests.walk import arrive, mail_bytes

ROLES = ("admin", "supervisor", "giulia", "member", "light", "other_brand_agent")
SEES = {
    "admin": {"own", "other", "private", "brand"},
    "supervisor": {"own", "other", "brand"},
    "giulia": {"own", "other", "brand"},
    "member": {"own"},
    "light": {"own", "other", "brand"},
    "other_brand_agent": {"brand"},
}
READS = (
    "/tickets/{number}",
    "/tickets/{number}/messages",
    "/contacts/{contact}",
    "/contacts/{contact}/identities",
    "/contacts/{contact}/timeline",
)
WRITES: dict[str, Any] = {
    "PATCH /tickets/{number}": {"priority": "high"},
    "POST /tickets/{number}/reply": {"text": "hello"},
    "POST /tickets/{number}/assign": {"assignee": None},
    "POST /tickets/{number}/solve": {},
    "POST /tickets/{number}/reopen": {},
    "POST /tickets/{number}/snooze": {"until": "2036-01-01T00:00:00Z"},
    "POST /tickets/{number}/spam": {},
    "POST /tickets/{number}/tags": {"add": ["x"]},
    "POST /tickets/{number}/merge": {"into": 1},
    "POST /tickets/{number}/split": {"message": 1},
    "PATCH /contacts/{contact}": {"notes": "x"},
    "POST /contacts/{contact}/identities": {"kind": "email", "address": "fresh@home.example"},
    "POST /contacts/{contact}/export": {},
    "POST /contacts/{contact}/merge": {"into": 1},
}
FOR_ADMINISTRATORS: dict[str, Any] = {
    "POST /contacts/{contact}/erase": {"confirm": True},
    "GET /webhooks": None,
    "POST /webhooks": {"url": "http://127.0.0.1:9/x"},
    "POST /channels": {"provider": "fake", "name": "x"},
    "PATCH /channels/{channel}": {"name": "x"},
    "DELETE /channels/{channel}": None,
    "POST /channels/{channel}/check": {},
}


def ask(api: Api, call: str, body: Any, ticket: Ticket, firm: Firm) -> Any:
    method, _, path = call.partition(" ")
    url = path.format(number=ticket.number, contact=ticket.contact_id, channel=firm.mail.public_id)
    return api.call(method, url, body)


@pytest.mark.parametrize("role", ROLES)
def test_reading(firm: Firm, role: str) -> None:
    api: Api = getattr(firm, role)
    for place, ticket in firm.tickets.items():
        for path in READS:
            answer = ask(api, f"GET {path}", None, ticket, firm)
            assert answer.status_code == (200 if place in SEES[role] else 404), (place, path)
            assert place in SEES[role] or place.encode() not in answer.content


@pytest.mark.parametrize("role", ROLES)
def test_lists_hold_only_what_is_seen(firm: Firm, role: str) -> None:
    api: Api = getattr(firm, role)
    words = {place: f"{place}word" for place in firm.tickets}
    seen = {firm.tickets[place].number for place in SEES[role]}
    assert {t["number"] for t in api.get("/tickets").json()["items"]} == seen
    contacts = {firm.tickets[place].contact_id for place in SEES[role]}
    assert {c["id"] for c in api.get("/contacts").json()["items"]} == contacts
    for place, word in words.items():
        hit = place in SEES[role]
        assert bool(api.get(f"/tickets?q={word}").json()["items"]) is hit
        assert bool(api.get(f"/contacts?q={place}@home").json()["items"]) is hit
        assert (
            bool(api.get(f"/tickets?contact={firm.tickets[place].contact_id}").json()["items"])
            is hit
        )
    log = api.get("/events").json()["items"]
    assert {e["ticket"] for e in log if e["ticket"]} == seen


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("call", WRITES)
def test_writing(firm: Firm, role: str, call: str) -> None:
    api: Api = getattr(firm, role)
    for place, ticket in firm.tickets.items():
        before = (Message.objects.count(), Ticket.objects.filter(pk=ticket.pk).values().get())
        answer = ask(api, call, WRITES[call], ticket, firm)
        if place not in SEES[role]:
            assert answer.status_code == 404, (place, answer.content)
        elif role == "light":
            assert answer.status_code == 403, (place, answer.content)
        else:
            assert answer.status_code not in {403, 404}, (place, answer.content)
            continue
        assert (
            Message.objects.count(),
            Ticket.objects.filter(pk=ticket.pk).values().get(),
        ) == before


@pytest.mark.parametrize("role", [r for r in ROLES if r != "admin"])
@pytest.mark.parametrize("call", FOR_ADMINISTRATORS)
def test_what_only_administrators_do(firm: Firm, role: str, call: str) -> None:
    answer = ask(getattr(firm, role), call, FOR_ADMINISTRATORS[call], firm.tickets["brand"], firm)
    assert answer.status_code in {403, 404}


def test_a_light_agent_writes_notes_and_reads_no_originals(firm: Firm) -> None:
    number = firm.tickets["own"].number
    assert firm.light.post(f"/tickets/{number}/note", {"text": "hm"}).status_code == 201
    message = arrive(firm.mail, mail_bytes())
    page = firm.light.get(f"/tickets/{message.ticket.number}/messages").json()["items"]
    full = firm.giulia.get(f"/tickets/{message.ticket.number}/messages").json()["items"]
    assert page[0]["raw_url"] is None
    assert page[0]["html"] == ""
    assert full[0]["raw_url"]
    assert set(page[0]) == set(full[0])
    assert firm.light.get(f"/messages/{message.pk}/raw").status_code == 403
    assert firm.member.get(f"/messages/{message.pk}/raw").status_code == 404
    assert firm.giulia.get(f"/messages/{message.pk}/raw").status_code == 200


def test_the_keys_of_every_answer_are_the_same_for_every_role(firm: Firm) -> None:
    """A snapshot: a new field is a decision, not an accident."""
    keys: dict[str, set[frozenset[str]]] = {}
    ticket = firm.tickets["own"]
    for role in ("admin", "supervisor", "giulia", "member", "light"):
        api: Api = getattr(firm, role)
        for path in READS:
            body = ask(api, f"GET {path}", None, ticket, firm).json()
            first = body["items"][0] if "items" in body else body
            keys.setdefault(path, set()).add(frozenset(first))
    assert all(len(found) == 1 for found in keys.values())
    contact = next(iter(keys["/contacts/{contact}"]))
    assert contact == {
        "id",
        "name",
        "organization",
        "language",
        "notes",
        "custom",
        "blocked",
        "segments",
        "preferred_channel",
        "identities",
        "created_at",
    }


def test_rights_that_end_end_at_once(firm: Firm) -> None:
    number = firm.tickets["own"].number
    sent = firm.member.client.post(
        "/api/v1/files", {"file": SimpleUploadedFile("a.txt", b"x")}
    ).json()
    made = firm.member.post(f"/tickets/{number}/note", {"text": "x", "attachments": [sent["key"]]})
    url = made.json()["attachments"][0]["url"].partition("localhost:8000")[2]
    assert firm.member.client.get(url).status_code == 200
    Grant.objects.filter(agent=firm.member.agent).update(team=firm.other)
    assert firm.member.get(f"/tickets/{number}").status_code == 404
    assert firm.member.client.get(url).status_code == 404
    assert firm.member.get("/tickets?q=ownword").json()["items"] == []
    Grant.objects.filter(agent=firm.member.agent).delete()
    assert firm.member.get("/tickets").status_code == 403
    firm.member.agent.is_active = False
    firm.member.agent.save()
    assert firm.member.get("/tickets").status_code == 401


def test_an_address_of_a_hidden_customer_is_refused_like_any_other(firm: Firm) -> None:
    own = firm.tickets["own"].contact_id
    hidden = firm.member.post(
        f"/contacts/{own}/identities", {"kind": "email", "address": "Private@home.example"}
    )
    seen = firm.giulia.post(
        f"/contacts/{own}/identities", {"kind": "email", "address": "other@home.example"}
    )
    assert hidden.status_code == seen.status_code == 422
    assert hidden.json() == seen.json()
    assert b"private" not in hidden.content.lower()
    assert firm.tickets["private"].contact.identities.count() == 1
    opened = firm.member.post(
        "/tickets", {"subject": "x", "contact": {"email": "private@home.example"}}
    )
    assert opened.status_code == 422
    assert b"Customer" not in opened.content


def test_a_merge_does_not_reach_into_hidden_tickets(firm: Firm) -> None:
    """Marco sees one of Ada's tickets, the other is in a private team."""
    ticket = firm.tickets["own"]
    Ticket.objects.filter(pk=firm.tickets["private"].pk).update(contact=ticket.contact)
    into = firm.tickets["other"].contact_id
    for call in ("merge", "export"):
        body = {"into": into} if call == "merge" else {}
        assert firm.giulia.post(f"/contacts/{ticket.contact_id}/{call}", body).status_code == 403
    assert (
        firm.admin.post(f"/contacts/{ticket.contact_id}/merge", {"into": into}).status_code == 200
    )
    hidden = firm.admin.get(f"/tickets/{firm.tickets['private'].number}")
    assert hidden.json()["contact"]["id"] == into


def test_an_agent_cannot_act_for_another(firm: Firm) -> None:
    """The author comes from the token, whatever the body says."""
    number = firm.tickets["own"].number
    for field in ("agent", "author", "actor"):
        answer = firm.giulia.post(
            f"/tickets/{number}/note", {"text": "x", field: firm.admin.agent.pk}
        )
        assert answer.status_code == 422
    made = firm.giulia.post(f"/tickets/{number}/note", {"text": "x"}).json()
    assert made["author"]["id"] == firm.giulia.agent.pk
    assert Ticket.objects.get(number=number).updated_at <= now()
