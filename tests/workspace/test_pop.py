"""Somebody calls: his page, a choice, or a ticket for somebody new; and the call that is written down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sportello.channels.models import Channel
from sportello.contacts.models import Contact, Identity
from sportello.core import live
from sportello.core.models import Event
from sportello.tickets.models import Ticket
from tests.api.company import Api
from tests.workspace.conftest import Desk

pytestmark = pytest.mark.django_db
PHONE = "+39 347 555 0182"


@pytest.fixture
def ada(desk: Desk) -> Contact:
    contact = desk.tickets["public"].contact
    Identity.objects.create(
        contact=contact, kind="phone", address="+393475550182", proof="verified"
    )
    return contact


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    told: list[dict[str, Any]] = []

    def listen(topic: str, message: dict[str, Any]) -> None:
        if topic == "pop":
            told.append(message)

    live.listen_here(listen)
    yield told
    live._local_listeners.remove(listen)


@pytest.mark.parametrize("asked", [{"phone": PHONE}, {"phone": "393475550182"}, {"phone": "3475550182"}, {"phone": " 393475550182"}])  # fmt: skip
def test_one_person_opens_at_once(desk: Desk, ada: Contact, asked: dict[str, str]) -> None:
    answer = desk.client("agent").get("/app/pop", asked)
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"] == f"/app/contacts/{ada.pk}"


def test_also_by_mail_and_by_a_number_that_only_whatsapp_knows(desk: Desk, ada: Contact) -> None:
    client = desk.client("agent")
    email = ada.identities.get(kind="email").address
    assert client.get("/app/pop", {"email": email.upper()})["Location"].endswith(f"/{ada.pk}")
    bob = desk.open("Altro", name="Bob").contact
    Identity.objects.create(contact=bob, kind="whatsapp", address="393331234567", proof="verified")
    found = client.get("/app/pop", {"phone": "+393331234567"})
    assert found["Location"].endswith(f"/{bob.pk}")


def test_several_are_a_choice_and_a_claim_counts_only_when_nobody_has_it(desk: Desk, ada: Contact) -> None:  # fmt: skip
    client = desk.client("agent")
    eve = desk.open("Altro", name="Eve").contact
    claim = Identity.objects.create(
        contact=eve, kind="phone", address="+393475550182", proof="claimed"
    )
    assert client.get("/app/pop", {"phone": PHONE})["Location"].endswith(f"/{ada.pk}")
    Identity.objects.filter(pk=claim.pk).update(kind="whatsapp", proof="verified")
    page = client.get("/app/pop", {"phone": PHONE}).content.decode()
    assert "Eve" in page
    assert "Ada Lovelace" in page


def test_somebody_new_gets_a_ticket_and_keeps_the_number(desk: Desk) -> None:
    client = desk.client("agent")
    page = client.get("/app/pop", {"phone": PHONE})
    assert page.status_code == 200
    assert "+393475550182" in page.content.decode()
    form = {"phone": "+393475550182", "name": "Rosa", "subject": "Macchina", "text": "Perde acqua."}
    made = client.post("/app/pop/ticket", form)
    ticket = Ticket.objects.latest("pk")
    assert made["Location"] == f"/app/tickets/{ticket.number}"
    assert ticket.contact.identities.get().address == "+393475550182"
    assert Channel.objects.get(pk__in=ticket.channel_ids).provider == "phone"
    assert client.get("/app/pop", {"phone": PHONE})["Location"].endswith(f"/{ticket.contact_id}")
    assert client.post("/app/pop/ticket", {"phone": PHONE}).status_code == 422
    assert desk.client("light").post("/app/pop/ticket", form).status_code == 403


def test_whom_the_agent_may_not_see_is_nobody(desk: Desk) -> None:
    hidden = desk.tickets["secret"].contact
    Identity.objects.create(contact=hidden, kind="phone", address="+393475550182", proof="verified")
    client = desk.client("agent")
    page = client.get("/app/pop", {"phone": PHONE})
    assert page.status_code == 200
    assert str(hidden.name) not in page.content.decode()
    assert desk.client("member").get("/app/pop", {"phone": PHONE}).status_code == 302
    card = client.get("/app/pop/card", {"phone": PHONE}).content.decode()
    assert "Faccenda" not in card
    client.post("/app/pop/ticket", {"phone": PHONE, "name": "Rosa", "text": "Ciao"})
    assert Ticket.objects.latest("pk").contact.identities.count() == 0, "it stays the other's"


@pytest.mark.parametrize("phone", ["pronto", "12", "+39 " + "9" * 60, "\x00"])
def test_what_is_no_number_is_said(desk: Desk, phone: str) -> None:
    assert desk.client("agent").get("/app/pop", {"phone": phone}).status_code in {200, 422}
    assert desk.client("agent").get("/app/pop/card", {"phone": phone}).status_code in {200, 422}


def test_a_telephone_system_rings_at_the_agents_desk(desk: Desk, ada: Contact, heard: list[Any]) -> None:  # fmt: skip
    giulia = desk.agents["agent"]
    api = Api(giulia)
    told = api.call("post", "/calls/ringing", {"phone": "347 555 0182"})
    assert told.status_code == 202
    assert told.json()["url"] == "/app/pop?phone=%2B393475550182"
    assert heard == [{"agent": giulia.pk, "asked": "phone=%2B393475550182"}]
    marco = desk.agents["colleague"].email
    assert api.call("post", "/calls/ringing", {"phone": PHONE, "agent": marco}).status_code == 403
    pbx = Api(desk.agents["administrator"])
    assert pbx.call("post", "/calls/ringing", {"phone": PHONE, "agent": marco}).status_code == 202
    assert heard[-1]["agent"] == desk.agents["colleague"].pk
    for wrong in ({"phone": "pronto"}, {"phone": PHONE, "agent": "nobody@x.example"}):
        assert pbx.call("post", "/calls/ringing", wrong).status_code == 422
    card = desk.client("agent").get("/app/pop/card", {"phone": PHONE}).content.decode()
    assert "Ada Lovelace" in card
    assert "Guarnizione rotta" in card


def test_a_call_is_logged_on_the_ticket(desk: Desk, ada: Contact) -> None:
    ticket = desk.tickets["public"]
    client, url = desk.client("agent"), f"/app/tickets/{ticket.number}/do/log_call"
    form = {"direction": "in", "minutes": "7", "phone": "+39 055 123 456", "text": "Richiamiamo domani."}  # fmt: skip
    assert client.post(url, form).status_code == 200
    message = ticket.messages.get(nature="call")
    told = {"direction": "in", "minutes": 7, "outcome": "talked"}
    assert (message.direction, message.meta["call"]) == ("in", told)
    assert message.channel is not None
    assert message.channel.provider == "phone"
    assert message.identity is not None
    assert message.identity.address == "+39055123456"
    ticket.refresh_from_db()
    assert ticket.waiting_since is None
    assert ticket.preview == "Richiamiamo domani."
    assert Event.objects.filter(type="call_logged", ticket_id=ticket.pk).exists()
    page = client.get(f"/app/tickets/{ticket.number}").content.decode()
    assert "Richiamiamo domani." in page
    assert "phone-incoming" in page
    for wrong in ({"text": " "}, {"minutes": "2000"}, {"direction": "up"}, {"phone": "pronto"}):
        assert client.post(url, form | wrong).status_code == 422
    assert desk.client("light").post(url, form).status_code == 403


def test_a_call_from_a_number_of_somebody_else_is_logged_without_it(desk: Desk, ada: Contact) -> None:  # fmt: skip
    other = desk.open("Altro", name="Bob")
    told = Api(desk.agents["agent"]).call(
        "post", f"/tickets/{other.number}/call", {"text": "Ha chiamato.", "phone": PHONE}
    )
    assert told.status_code == 201, told.content
    assert other.messages.get(nature="call").identity is None
