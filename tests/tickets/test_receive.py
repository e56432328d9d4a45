"""Raw input becomes messages on tickets: once, in order, in the right place."""

from __future__ import annotations

import pytest

from sportello.channels.models import SpoolParked, SpoolTodo
from sportello.contacts.models import Contact, Identity
from sportello.core.models import Event
from sportello.tickets import applier
from sportello.tickets.models import Message, Ticket
from tests import walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> walk.Shop:
    return walk.open_shop()


def test_a_mail_opens_a_ticket_with_contact_thread_and_events(shop: walk.Shop) -> None:
    message = walk.arrive(
        shop.mail, walk.mail_bytes("Ada Neri <Ada@Home.example>", "The cup is broken.")
    )
    ticket = message.ticket
    assert (ticket.subject, ticket.status, ticket.contact.name) == ("Broken cup", "new", "Ada Neri")
    assert message.text == "The cup is broken."
    assert Identity.objects.get().address == "ada@home.example"
    assert [e.type for e in Event.objects.order_by("pk")] == ["ticket_opened", "message_received"]
    assert ticket.waiting_since is not None
    assert not SpoolTodo.objects.exists()


def test_the_same_mail_twice_is_one_message(shop: walk.Shop) -> None:
    raw = walk.mail_bytes(message_id="same@home.example")
    walk.arrive(shop.mail, raw)
    walk.arrive(shop.mail, raw, raw)
    assert Message.objects.count() == Ticket.objects.count() == Contact.objects.count() == 1


def test_another_mail_under_a_used_message_id_is_not_lost(shop: walk.Shop) -> None:
    walk.arrive(shop.mail, walk.mail_bytes(text="First.", message_id="reused@home.example"))
    second = walk.mail_bytes(text="Something else altogether.", message_id="reused@home.example")
    walk.arrive(shop.mail, second)
    walk.arrive(shop.mail, second)
    assert sorted(Message.objects.values_list("text", flat=True)) == [
        "First.",
        "Something else altogether.",
    ]


def test_a_talk_goes_on_in_one_ticket_and_keeps_its_order(shop: walk.Shop) -> None:
    bodies = [walk.fake_body((str(n), "ada", f"message {n}")) for n in range(7)]
    walk.arrive(shop.fake, *bodies)
    assert Ticket.objects.count() == 1
    assert list(Message.objects.order_by("pk").values_list("text", flat=True)) == [
        f"message {n}" for n in range(7)
    ]


def test_one_webhook_with_messages_of_several_people(shop: walk.Shop) -> None:
    walk.arrive(shop.fake, walk.fake_body(("1", "ada", "a"), ("2", "bob", "b"), ("3", "ada", "c")))
    assert {
        t.contact.identities.get().address: t.messages.count() for t in Ticket.objects.all()
    } == {"ada": 2, "bob": 1}


def test_a_poisoned_item_is_parked_and_stops_nobody(shop: walk.Shop) -> None:
    walk.arrive(
        shop.fake,
        walk.fake_body(("1", "ada", "before")),
        walk.fake_body(("2", "bob", "explode")),
        walk.fake_body(("3", "eve", "after")),
    )
    assert set(Message.objects.values_list("text", flat=True)) == {"before", "after"}
    parked = SpoolParked.objects.get()
    assert "ZeroDivisionError" in parked.traceback


def test_a_parked_item_can_be_replayed_after_the_fix(
    shop: walk.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk.arrive(
        shop.fake, walk.fake_body(("1", "ada", "fine")), walk.fake_body(("2", "bob", "explode"))
    )
    monkeypatch.setattr(
        "sportello.channels.providers.fake.provider.ZeroDivisionError", None, raising=False
    )
    provider = shop.fake.code
    monkeypatch.setattr(
        provider,
        "_inbound",
        lambda m: type(provider)._inbound(provider, {**m, "text": "mended"}),
        raising=False,
    )
    assert applier.replay() == 1
    applier.drain_all()
    assert Message.objects.filter(text="mended").count() == 1
    assert not SpoolParked.objects.exists()


def test_one_item_that_cannot_be_applied_does_not_take_its_batch_along(
    shop: walk.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = applier.receive_many

    def fails_on_bob(arrivals, *, now):  # type: ignore[no-untyped-def]
        if any(a.inbound.sender.address == "bob" for a in arrivals):
            raise RuntimeError("bob")
        return whole(arrivals, now=now)

    monkeypatch.setattr(applier, "receive_many", fails_on_bob)
    walk.arrive(
        shop.fake, *[walk.fake_body((n, n, "hi")) for n in ("ada", "bob", "eve", "joe", "kim")]
    )
    assert Message.objects.count() == 4
    assert "RuntimeError: bob" in SpoolParked.objects.get().traceback


def test_writing_again_reopens_a_pending_ticket_and_wakes_a_snoozed_one(shop: walk.Shop) -> None:
    ticket = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "hi"))).ticket
    Ticket.objects.filter(pk=ticket.pk).update(
        status="pending", snoozed_until="2030-01-01T00:00Z", waiting_since=None
    )
    walk.arrive(shop.fake, walk.fake_body(("2", "ada", "still there?")))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.snoozed_until) == ("open", None)
    assert ticket.waiting_since is not None
    assert Event.objects.filter(type="ticket_reopened").exists()


def test_after_the_window_a_follow_up_is_opened(shop: walk.Shop) -> None:
    old = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "hi"))).ticket
    Ticket.objects.filter(pk=old.pk).update(status="solved", solved_at="2020-01-01T00:00Z")
    new = walk.arrive(shop.fake, walk.fake_body(("2", "ada", "again"))).ticket
    assert new.pk != old.pk
    assert new.follow_up_of_id == old.pk


def test_a_newsletter_is_kept_but_waits_for_nobody_and_fills_one_ticket(shop: walk.Shop) -> None:
    for n in range(3):
        walk.arrive(
            shop.mail,
            walk.mail_bytes("news@list.example", f"Offer {n}", Precedence="bulk", List_Id="<a.b>"),
        )
    ticket = walk.only_ticket()
    assert ticket.messages.count() == 3
    assert ticket.waiting_since is None
    assert len(ticket.tags) == 1


def test_nul_bytes_do_not_park_a_message(shop: walk.Shop) -> None:
    message = walk.arrive(shop.fake, walk.fake_body(("1", "a\x00da", "h\x00i")))
    assert message.text == "hi"
