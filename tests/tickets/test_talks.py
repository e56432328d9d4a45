"""A talk of several people is one ticket: whoever joins in is heard there under his own name."""

from __future__ import annotations

from typing import Any

import pytest

from sportello.accounts.models import Brand
from sportello.channels import queries, secrets
from sportello.channels.models import Channel
from sportello.core.clock import now
from sportello.core.models import Event
from sportello.tickets import actions, applier
from sportello.tickets.models import Message, Participant, Thread, Ticket
from sportello.tickets.outbound.rendering import render
from sportello.tickets.ways.reachable import Way
from tests import walk
from tests.providers.slack.test_slack import SETTINGS, body

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> walk.Shop:
    return walk.open_shop()


@pytest.fixture
def slack(shop: walk.Shop) -> Channel:
    made = Channel.objects.create(
        provider="slack", name="Slack", brand=Brand.objects.get(), sealed_settings=secrets.seal(SETTINGS)
    )  # fmt: skip
    queries.forget()
    return made


def said(user: str, ts: str, text: str, **event: Any) -> bytes:
    return body(user=user, ts=ts, text=text, user_profile={"real_name": f"{user} Rossi"}, **event)


def test_a_second_person_joins_the_thread_he_answers_in(shop: walk.Shop, slack: Channel) -> None:
    first = walk.arrive(slack, said("U1", "1763800000.000100", "Our order is late."))
    second = walk.arrive(
        slack, said("U2", "1763800060.000200", "Here, too.", thread_ts="1763800000.000100")
    )
    assert second.ticket_id == first.ticket_id
    assert second.thread_id == first.thread_id
    assert (first.author_name, second.author_name) == ("U1 Rossi", "U2 Rossi")
    assert second.identity_id != first.identity_id
    assert second.ticket.contact_id == first.ticket.contact_id
    joined = Participant.objects.get()
    assert (joined.address, joined.name, joined.added_by) == ("T_THEIRS:U2", "U2 Rossi", "talk")


def test_both_in_one_batch(shop: walk.Shop, slack: Channel) -> None:
    walk.accept(
        slack,
        said("U1", "1763800000.000100", "Our order is late."),
        said("U2", "1763800060.000200", "Here, too.", thread_ts="1763800000.000100"),
    )
    applier.drain_all()
    assert Ticket.objects.count() == 1
    assert Message.objects.count() == 2
    assert Thread.objects.count() == 1


def test_another_thread_of_the_same_channel_is_another_ticket(
    shop: walk.Shop, slack: Channel
) -> None:
    walk.arrive(slack, said("U1", "1763800000.000100", "Our order is late."))
    walk.arrive(slack, said("U2", "1763800060.000200", "How do I return a cup?"))
    assert Ticket.objects.count() == 2
    assert not Participant.objects.exists()


def test_the_answer_goes_into_the_thread_and_mails_nobody(shop: walk.Shop, slack: Channel) -> None:
    first = walk.arrive(slack, said("U1", "1763800000.000100", "Our order is late."))
    walk.arrive(slack, said("U2", "1763800060.000200", "Here, too.", thread_ts="1763800000.000100"))
    message = actions.reply(
        ticket=first.ticket, actor=shop.actor(), now=now(), text="It left today."
    )
    outbound = render(message.deliveries.get())
    assert outbound.thread_ref == "C1:1763800000.000100"
    assert outbound.cc == ()


def test_who_wrote_is_in_the_event(shop: walk.Shop, slack: Channel) -> None:
    walk.arrive(slack, said("U1", "1763800000.000100", "Our order is late."))
    second = walk.arrive(
        slack, said("U2", "1763800060.000200", "Here, too.", thread_ts="1763800000.000100")
    )
    assert second.identity is not None
    event = Event.objects.filter(type="message_received").latest("pk")
    assert event.actor == f"contact:{second.identity.contact_id}"


def test_without_shared_threads_everybody_has_his_own(shop: walk.Shop) -> None:
    walk.arrive(shop.fake, walk.fake_body(("1", "ada", "Hello")))
    walk.arrive(shop.fake, walk.fake_body(("2", "bea", "Hello")))
    assert Ticket.objects.count() == 2


def test_an_answer_in_public_hangs_below_the_newest_word(
    shop: walk.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "Hello")))
    walk.arrive(shop.fake, walk.fake_body(("2", "ada", "Anybody?")))
    message = actions.reply(ticket=first.ticket, actor=shop.actor(), now=now(), text="Yes.")
    delivery = message.deliveries.get()
    assert render(delivery).answers == ""
    Thread.objects.update(is_public=True)
    delivery = type(delivery).objects.get()
    assert render(delivery).answers == "2"


def test_a_private_talk_of_a_public_channel_is_not_called_public(shop: walk.Shop) -> None:
    facebook, x = (
        Channel.objects.create(provider=kind, name=kind, brand=shop.brand, sealed_settings=secrets.seal({}))
        for kind in ("facebook", "x")
    )  # fmt: skip
    queries.forget()
    known = queries.mouths()
    thread = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "Hello"))).thread
    assert thread is not None
    assert thread.identity is not None
    assert Way(known[facebook.pk], thread.identity).in_public
    assert not Way(known[x.pk], thread.identity).in_public
    assert not Way(known[x.pk], thread.identity, thread).in_public
    thread.is_public = True
    assert Way(known[x.pk], thread.identity, thread).in_public
