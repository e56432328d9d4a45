"""Calls that agents write down: one more line of talk of the ticket, on the channel telephone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q

from sportello.accounts.models import Role
from sportello.channels import queries
from sportello.channels.models import Channel
from sportello.contacts import privacy
from sportello.contacts.models import Identity
from sportello.core.clock import now
from sportello.core.models import AuditEntry, Event
from sportello.tickets import actions
from sportello.tickets.actions.calling import phone_of
from sportello.tickets.models import Message, Thread, Ticket
from sportello.tickets.reading.search import find
from sportello.tickets.ways.reachable import reachable
from sportello.tickets.ways.switching import Talk
from tests import walk
from tests.api.company import Api
from tests.walk import Shop, arrive, mail_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> Shop:
    return walk.open_shop()


@pytest.fixture
def ticket(shop: Shop) -> Ticket:
    return arrive(shop.mail, mail_bytes()).ticket


def call(shop: Shop, ticket: Ticket, text: str = "Mandiamo il corriere.", **more: Any) -> Message:
    return actions.log_call(ticket=ticket, text=text, actor=shop.actor(), now=now(), **more)


def test_a_call_is_a_line_of_talk_of_its_own(shop: Shop, ticket: Ticket) -> None:
    number = Identity.objects.create(contact=ticket.contact, kind="phone", address="+39055123456")
    first = call(shop, ticket, identity=number, minutes=4)
    second = call(shop, ticket, "Tutto bene.", direction="out", identity=number)
    thread = Thread.objects.get(ticket=ticket, channel__provider="phone")
    assert (thread.identity, thread.channel.brand) == (number, ticket.brand)
    assert first.thread == second.thread == thread
    assert [first.direction, second.direction] == ["in", "out"]
    ticket.refresh_from_db()
    assert ticket.channel_ids == [shop.mail.pk, thread.channel_id], (
        "a channel that was used, the newest last"
    )
    queries.forget()
    assert ticket.pk in Ticket.objects.filter(find("channel:phone corriere").condition).values_list("pk", flat=True)  # fmt: skip
    event = Event.objects.filter(type="call_logged", ticket_id=ticket.pk).latest("pk")
    assert event.payload == {
        "message": second.pk, "thread": thread.pk, "channel": thread.channel_id,
        "direction": "out", "minutes": 0, "outcome": "talked",
    }  # fmt: skip
    call(shop, ticket, "Da un altro telefono.")
    assert Thread.objects.filter(ticket=ticket, channel__provider="phone").count() == 2


def test_only_who_was_talked_to_waits_no_more(shop: Shop, ticket: Ticket) -> None:
    assert ticket.waiting_since is not None
    for outcome in ("no_answer", "voicemail", "call_back"):
        missed = call(shop, ticket, "", direction="out", outcome=outcome)
        ticket.refresh_from_db()
        assert ticket.waiting_since is not None, outcome
        assert ticket.preview, "the list says that somebody tried"
        assert missed.meta["call"]["outcome"] == outcome
    call(shop, ticket)
    ticket.refresh_from_db()
    assert ticket.waiting_since is None
    with pytest.raises(actions.Empty):
        call(shop, ticket, " ")
    with pytest.raises(actions.BadValue):
        call(shop, ticket, outcome="shouted")


def test_the_telephone_is_made_once_and_by_nobody_without_the_right(
    shop: Shop, ticket: Ticket
) -> None:
    light = walk.agent("lightly", Role.LIGHT)
    with pytest.raises(actions.NotAllowed):
        actions.log_call(ticket=ticket, text="x", actor=shop.actor(light), now=now())
    assert not Channel.objects.filter(provider="phone").exists()
    call(shop, ticket)
    call(shop, ticket)
    made = Channel.objects.get(provider="phone")
    assert AuditEntry.objects.get(action="channel.created", changes__provider=[None, "phone"])
    assert phone_of(ticket.brand, actor=shop.actor(), now=now()) == made


def test_an_answer_still_leaves_where_the_customer_wrote(shop: Shop, ticket: Ticket) -> None:
    call(shop, ticket)
    queries.forget()
    ways = reachable(ticket, now=now())
    assert (ways[0].mouth.id, ways[0].preferred) == (shop.mail.pk, True)
    assert "phone" not in {way.mouth.provider.kind for way in ways}
    assert Talk.of(ticket, now=now()).last == shop.mail.pk
    actions.reply(ticket=ticket, text="Confermo.", actor=shop.actor(), now=now())
    assert ticket.messages.latest("pk").channel_id == shop.mail.pk


def test_an_answer_taken_back_after_a_call_makes_nobody_wait(shop: Shop, ticket: Ticket) -> None:
    call(shop, ticket)
    answer = actions.reply(
        ticket=ticket, text="Confermo.", undo_seconds=10, actor=shop.actor(), now=now()
    )
    actions.undo_send(message=answer, actor=shop.actor(), now=now())
    ticket.refresh_from_db()
    assert (ticket.last_author, ticket.waiting_since) == ("agent", None)
    assert ticket.preview == "Mandiamo il corriere."


def test_merged_counted_split_exported_and_erased(shop: Shop, ticket: Ticket) -> None:
    other = arrive(shop.mail, mail_bytes("Bob <bob@x.example>", subject="Altro")).ticket
    said = call(shop, ticket)
    actions.merge(ticket=ticket, into=other, actor=shop.actor(), now=now() + timedelta(seconds=1))
    other.refresh_from_db()
    assert said.channel_id in other.channel_ids
    assert (other.preview, other.last_author) == ("Mandiamo il corriere.", "agent")
    assert other.last_inbound_id != said.pk, "nothing to be read anew"
    with pytest.raises(actions.CannotMerge):
        actions.split(ticket=other, message=said, actor=shop.actor(), now=now())
    actions.unmerge(ticket=ticket, actor=shop.actor(), now=now() + timedelta(seconds=2))
    said.refresh_from_db()
    assert said.ticket == ticket
    data = privacy.export(contact=ticket.contact, actor=shop.actor(), now=now())
    exported = [m for m in data["data"]["tickets.Message"] if m["id"] == said.pk]
    assert exported[0]["text"] == "Mandiamo il corriere."
    assert exported[0]["meta"]["call"]["direction"] == "in"
    privacy.erase(contact=ticket.contact, actor=shop.actor(), now=now())
    assert not Message.objects.filter(Q(text__contains="corriere")).exists()


def test_a_program_logs_and_reads_a_call(shop: Shop, ticket: Ticket) -> None:
    api = Api(shop.giulia)
    path = f"/tickets/{ticket.number}"
    body = {"direction": "out", "outcome": "voicemail", "phone": "055 123456"}
    made = api.post(f"{path}/call", body)
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["direction"], told["channel"]["provider"]) == ("out", "phone")
    assert told["call"] == {"direction": "out", "minutes": 0, "outcome": "voicemail"}
    assert api.post(f"{path}/call", body | {"outcome": "talked"}).status_code == 422
    assert api.post(f"{path}/call", body | {"outcome": "x"}).status_code == 422
    items = api.get(f"{path}/messages").json()["items"]
    assert [m["call"] is not None for m in items] == [False, True]
    assert "phone" in {c["provider"] for c in api.get(path).json()["channels"]}
