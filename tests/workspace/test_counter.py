"""Somebody walks into the shop: one short form makes him a customer with a ticket and a receipt."""

from __future__ import annotations

import pytest
from django.test import Client

from sportello.accounts.models import Brand
from sportello.channels import queries
from sportello.channels.actions import create_channel
from sportello.channels.models import Channel
from sportello.contacts.models import Contact, Identity
from sportello.core.clock import now
from sportello.tickets import actions
from sportello.tickets.models import Ticket
from sportello.tickets.ways.reachable import reachable
from tests import walk
from tests.walk import Shop
from tests.workspace.conftest import BACKEND

WHERE = "/app/counter"


@pytest.fixture
def shop(db: None, settings) -> Shop:  # type: ignore[no-untyped-def]
    settings.SPORTELLO_DEMO = True
    return walk.open_shop()


@pytest.fixture
def counter(shop: Shop) -> Channel:
    made = create_channel(
        provider="counter",
        name="Lucca",
        brand=shop.brand,
        settings={"address": "Via Fillungo 112, Lucca"},
    )
    queries.forget()
    return made


def client_of(agent: object) -> Client:
    client = Client()
    client.force_login(agent, backend=BACKEND)  # type: ignore[arg-type]
    return client


def form(counter: Channel, **more: str) -> dict[str, str]:
    return {
        "shop": str(counter.pk),
        "name": "Ada Riva",
        "subject": "Macinino rotto",
        "text": "Non gira più.",
        "handed_over": "1 macinino Brera",
        "then": "receipt",
    } | more


def test_a_walk_in_becomes_a_ticket_with_a_receipt(shop: Shop, counter: Channel) -> None:
    client = client_of(shop.giulia)
    answer = client.post(WHERE, form(counter, email="Ada@Home.example", phone="0583 123456"))
    ticket = Ticket.objects.get()
    assert answer["Location"] == f"/app/tickets/{ticket.number}/receipt"
    assert ticket.channel_ids == [counter.pk]
    message = ticket.messages.get()
    assert (message.direction, message.channel_id) == ("in", counter.pk)
    assert "1 macinino Brera" in message.text
    assert {i.kind: i.address for i in ticket.contact.identities.all()} == {
        "email": "ada@home.example",
        "phone": "+390583123456",
        "counter": str(ticket.contact_id),
    }
    page = client.get(answer["Location"]).content.decode()
    for words in (f"n. {ticket.number}", "Via Fillungo 112", "1 macinino Brera", "Ada Riva"):
        assert words in page


def test_answers_leave_by_what_the_customer_gave(shop: Shop, counter: Channel) -> None:
    client_of(shop.giulia).post(WHERE, form(counter, email="ada@home.example"))
    ticket = Ticket.objects.get()
    assert [way.mouth.id for way in reachable(ticket, now=now())] == [shop.mail.pk]
    said = actions.reply(ticket=ticket, text="È pronto.", actor=shop.actor(), now=now())
    assert said.deliveries.get().recipient["address"] == "ada@home.example"


def test_a_known_address_finds_the_customer_and_he_comes_again(
    shop: Shop, counter: Channel
) -> None:
    known = walk.arrive(shop.mail, walk.mail_bytes("ada@home.example")).ticket.contact
    client = client_of(shop.giulia)
    for _again in range(2):
        client.post(WHERE, form(counter, email="ada@home.example", name="A. Riva"))
    assert set(Ticket.objects.values_list("contact_id", flat=True)) == {known.pk}
    assert Identity.objects.filter(contact=known, kind="counter").count() == 1
    client.post(f"{WHERE}?contact={known.pk}", form(counter, name="", email=""))
    assert Ticket.objects.filter(contact=known).count() == 4
    assert Contact.objects.count() == 1


def test_what_cannot_be_is_said_and_nothing_is_kept(shop: Shop, counter: Channel) -> None:
    client = client_of(shop.giulia)
    for wrong in ({"name": ""}, {"email": "no address"}, {"phone": "12"}, {"subject": ""}):
        assert client.post(WHERE, form(counter, **wrong)).status_code == 422, wrong
    assert not Ticket.objects.exists()
    assert not Contact.objects.exists()
    one = walk.arrive(shop.mail, walk.mail_bytes("ada@home.example"))
    client.post(WHERE, form(counter, phone="0583 999999", name="Bruno"))
    mixed = client.post(WHERE, form(counter, email="ada@home.example", phone="0583 999999"))
    assert mixed.status_code == 422
    assert Ticket.objects.filter(contact=one.ticket.contact).count() == 1


def test_only_who_answers_there(shop: Shop, counter: Channel) -> None:
    other = Brand.objects.create(name="Altra", slug="altra")
    for agent in (walk.agent("light", "light"), walk.agent("altrove", "agent", brand=other)):
        client = client_of(agent)
        assert client.get(WHERE).status_code == 404
        assert client.post(WHERE, form(counter)).status_code == 404
    foreign = create_channel(provider="counter", name="X", brand=other, settings={"address": "x"})
    queries.forget()
    bound = walk.agent("qui", "agent", brand=shop.brand)
    assert client_of(bound).post(WHERE, form(foreign)).status_code == 422
    assert not Ticket.objects.exists()
    stranger = Contact.objects.create(name="Nessuno")
    assert client_of(bound).get(f"{WHERE}?contact={stranger.pk}").status_code == 404


def test_a_ticket_of_another_channel_has_no_receipt(shop: Shop, counter: Channel) -> None:
    ticket = walk.arrive(shop.mail, walk.mail_bytes("ada@home.example")).ticket
    assert client_of(shop.giulia).get(f"/app/tickets/{ticket.number}/receipt").status_code == 404


def test_nothing_knocks_at_a_counter(counter: Channel) -> None:
    from sportello.channels.contract import Raw, Refused

    with pytest.raises(Refused):
        counter.code.verify(Raw(b"{}"), counter.settings)
