"""What messaging apps bring: media at the vendor, windows, echoes, reactions, new ids, STOP."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from sportello.channels.contract import Address, Echo, File, IdentityChanged, Reaction
from sportello.channels.queries import mouths
from sportello.contacts.models import Identity
from sportello.core import files
from sportello.core.clock import now
from sportello.core.models import Event
from sportello.tickets import actions, applier
from sportello.tickets.inbound import media, statuses
from sportello.tickets.models import Attachment, Message, PendingMedia, Thread
from tests import walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> walk.Shop:
    return walk.open_shop()


@pytest.fixture
def with_picture(shop: walk.Shop, monkeypatch: pytest.MonkeyPatch) -> Message:
    provider = shop.fake.code
    plain = type(provider)._inbound

    def with_media(message: dict[str, Any]) -> Any:
        file = File("photo.jpg", "image/jpeg", media_ref=f"media-{message['id']}")
        return replace(plain(provider, message), files=(file,))

    monkeypatch.setattr(provider, "_inbound", with_media, raising=False)
    return walk.arrive(shop.fake, walk.fake_body(("1", "ada", "look")))


def test_media_is_fetched_and_kept(
    with_picture: Message, shop: walk.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = PendingMedia.objects.get()
    monkeypatch.setattr(
        shop.fake.code,
        "fetch_media",
        lambda f, s, n: replace(f, content=b"jpeg bytes"),
        raising=False,
    )
    media.fetch(pending.pk, now=now())
    media.fetch(pending.pk, now=now())
    assert Attachment.objects.get().message_id == with_picture.pk
    assert not PendingMedia.objects.exists()
    assert Event.objects.filter(type="media_fetched").count() == 1


def test_media_that_is_gone_says_so_after_some_tries(
    with_picture: Message, shop: walk.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(file: File, settings: object, net: object) -> File:
        raise ConnectionError("410")

    monkeypatch.setattr(shop.fake.code, "fetch_media", gone, raising=False)
    for _ in range(media.MAX_ATTEMPTS):
        media.fetch(PendingMedia.objects.get().pk, now=now())
    pending = PendingMedia.objects.get()
    assert pending.trouble
    assert pending.due_at is None


def test_the_window_opens_with_each_message(
    shop: walk.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = replace(shop.fake.code.capabilities, reply_window=timedelta(hours=24))
    monkeypatch.setattr(type(shop.fake.code), "capabilities", day)
    walk.arrive(shop.fake, walk.fake_body(("1", "ada", "hi")))
    until = Thread.objects.get().window_until
    assert until is not None
    assert timedelta(hours=23) < until - now() <= timedelta(hours=24)


def apply(shop: walk.Shop, parsed: Any) -> list[Any]:
    return statuses.apply(mouths()[shop.fake.pk], parsed, now=now())


def test_an_answer_given_in_the_vendors_app_joins_once(shop: walk.Shop) -> None:
    ticket = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "hi"))).ticket
    echo = Echo("e1", Address("fake", "ada"), "We called you.")
    assert apply(shop, echo)
    assert not apply(shop, echo)
    ticket.refresh_from_db()
    assert ticket.waiting_since is None
    assert ticket.messages.filter(direction="out").count() == 1


def test_our_own_sending_coming_back_is_known(shop: walk.Shop) -> None:
    ticket = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "hi"))).ticket
    message = actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="hello")
    walk.send_due()
    sent = message.deliveries.get().external_id
    assert not apply(shop, Echo(sent, Address("fake", "ada"), "hello"))
    assert ticket.messages.filter(direction="out").count() == 1


def test_a_reaction_is_shown_and_taken_back(shop: walk.Shop) -> None:
    message = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "hi")))
    apply(shop, Reaction("1", Address("fake", "ada"), "👍"))
    message.refresh_from_db()
    assert message.meta["reactions"] == {"ada": "👍"}
    apply(shop, Reaction("1", Address("fake", "ada"), ""))
    message.refresh_from_db()
    assert message.meta["reactions"] == {}


def test_a_person_under_a_new_id_stays_the_same_contact(shop: walk.Shop) -> None:
    first = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "hi")))
    apply(shop, IdentityChanged(Address("fake", "ada"), Address("fake", "ada2")))
    second = walk.arrive(shop.fake, walk.fake_body(("2", "ada2", "me again")))
    assert second.ticket_id == first.ticket_id


def test_stop_is_honoured_until_he_writes_again(
    shop: walk.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = shop.fake.code
    plain = type(provider)._inbound
    monkeypatch.setattr(
        provider,
        "_inbound",
        lambda m: replace(plain(provider, m), meta={"opt_out": m["text"] == "STOP"}),
        raising=False,
    )
    ticket = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "STOP"))).ticket
    assert Identity.objects.get().opted_out_at is not None
    with pytest.raises(actions.Unreachable):
        actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="x")
    walk.arrive(shop.fake, walk.fake_body(("2", "ada", "I do have a question")))
    actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="x")


def test_one_webhook_with_messages_and_statuses(shop: walk.Shop) -> None:
    ticket = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "hi"))).ticket
    message = actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="hello")
    walk.send_due()
    sent = message.deliveries.get().external_id
    for status in ("read", "delivered", "sent"):
        walk.accept(shop.fake, json.dumps({"statuses": [{"id": sent, "status": status}]}).encode())
    applier.drain_all()
    assert message.deliveries.get().state == "read"


def test_a_vendor_fetches_what_we_send_by_a_link_that_nobody_can_guess(
    shop: walk.Shop, client: Client
) -> None:
    file = files.save(b"label", name="etichetta.pdf", content_type="application/pdf")
    link = files.vendor_link(file)
    path = urlsplit(link).path
    answer = client.get(path)
    assert b"".join(answer) == b"label"  # type: ignore[call-overload]
    assert answer["Content-Disposition"].startswith("attachment")
    assert client.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    assert client.get(f"/files/out/{file.key}").status_code == 404
