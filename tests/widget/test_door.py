"""The visitors' door: durable before it says yes, resumes without a gap, shows nobody another's words."""

from __future__ import annotations

import contextlib
import json
import uuid

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sportello.channels import queries, secrets, webchats
from sportello.channels.models import Channel, SpoolItem
from sportello.channels.providers.webchat.identity import sign
from sportello.contacts.models import Identity
from sportello.core import files, live
from sportello.core.clock import now
from sportello.tickets import actions
from sportello.tickets.models import Delivery, Message, Ticket
from sportello.widget.models import Visitor as VisitorRow
from tests import walk
from tests.waiting import eventually
from tests.widget.conftest import Door


def answer(door: Door, text: str, ticket: Ticket | None = None, **options: object) -> Message:
    ticket = ticket or Ticket.objects.latest("pk")
    return actions.reply(ticket=ticket, actor=door.shop.actor(), now=now(), text=text, **options)  # type: ignore[arg-type]


def test_a_chat_from_hello_to_end(door: Door) -> None:
    ada = door.come()
    assert len(ada.token) == 43
    assert VisitorRow.objects.get().token_hash != ada.token
    ada.say("La Moka da 6 c’è?", form={"name": "Ada", "email": "ada@home.example"})
    assert ada.message("La Moka da 6 c’è?")["kind"] == "me"
    queue = ada.until("queue", lambda q: q is not None)
    assert queue["position"] == 1
    ticket = walk.only_ticket()
    assert (ticket.contact.name, ticket.status) == ("Ada", "new")
    assert Identity.objects.get(kind="email").proof == "claimed"

    sent = answer(door, "Sì, ne abbiamo due.")
    heard = ada.message("Sì, ne abbiamo due.")
    assert heard["author"] == {"name": "Giulia", "initials": "G"}
    ada.until("agent", lambda a: a and a["name"] == "Giulia")

    ada.send(read={"upto": heard["id"]})
    eventually(lambda: Delivery.objects.get(message=sent).state == "read")

    ada.send(end={"id": str(uuid.uuid4())})
    ada.until("ended", lambda e: e is not None)
    ticket.refresh_from_db()
    assert ticket.status == "solved"
    ada.say("Ancora una cosa")
    ada.until("ended", lambda e: e is None)
    assert walk.only_ticket().status == "open"


def test_what_was_acknowledged_is_in_the_spool(door: Door) -> None:
    ada = door.come()
    key = ada.say("resta")
    assert SpoolItem.objects.filter(external_ids__contains=[key]).count() == 1


def test_a_message_sent_again_after_a_lost_answer_is_one_message(door: Door) -> None:
    ada = door.come()
    key = ada.say("una volta sola")
    ada.socket.close()
    again = door.come(ada)
    again.say("una volta sola", key)
    again.say("e poi questa")
    again.message("e poi questa")
    assert [m.text for m in Message.objects.order_by("pk")] == ["una volta sola", "e poi questa"]
    assert walk.only_ticket()


def test_whoever_comes_back_gets_what_he_missed(door: Door) -> None:
    ada = door.come()
    ada.say("ciao")
    last = ada.message("ciao")["id"]
    ada.socket.close()
    answer(door, "prima")
    answer(door, "seconda")
    again = door.come(ada, after=last)
    assert [m["text"] for m in again.welcome["history"]] == ["prima", "seconda"]
    assert again.welcome["visitor"] == ada.uuid
    assert "token" not in again.welcome


def test_notes_held_and_taken_back_answers_never_arrive(door: Door) -> None:
    ada = door.come()
    ada.say("ciao")
    ada.message("ciao")
    ticket = walk.only_ticket()
    actions.note(ticket=ticket, actor=door.shop.actor(), now=now(), text="il cliente è difficile")
    taken = answer(door, "ritirato")
    Delivery.objects.filter(message=taken).update(state="cancelled")
    answer(door, "visibile")
    ada.message("visibile")
    again = door.come(ada)
    assert [m["text"] for m in again.welcome["history"]] == ["ciao", "visibile"]


def test_answers_on_another_channel_stay_there(door: Door) -> None:
    ada = door.come()
    ada.say("ciao", form={"email": "ada@home.example"})
    ada.message("ciao")
    answer(door, "per posta", channel=door.shop.mail)
    answer(door, "in chat", channel=door.shop.chat)
    ada.message("in chat")
    assert "per posta" not in json.dumps(door.come(ada).welcome)


def test_nobody_reaches_another_visitors_words(door: Door) -> None:
    ada, eve = door.come(), door.come()
    ada.say("il mio segreto")
    ada.message("il mio segreto")
    answer(door, "solo per Ada", ticket=walk.only_ticket())
    ada.message("solo per Ada")
    eve.say("ciao")
    eve.message("ciao")
    mine = Message.objects.get(text="solo per Ada")
    eve.send(read={"upto": mine.pk + 1000})
    frames = json.dumps(
        [*eve.quiet(), eve.welcome, door.come(eve, after=0).welcome], ensure_ascii=False
    )
    assert "segreto" not in frames
    assert "solo per Ada" not in frames
    assert ada.token not in frames
    assert Delivery.objects.get(message=mine).state == "sent"


@pytest.mark.parametrize("wrong", ["token", "visitor", "channel"])
def test_a_uuid_without_its_secret_opens_nothing(door: Door, wrong: str) -> None:
    ada, eve = door.come(), door.come()
    ada.say("il mio segreto")
    other = Channel.objects.create(provider="webchat", name="Other", brand=door.shop.brand)
    queries.forget()
    hello = {"visitor": ada.uuid, "token": ada.token, "after": 0}
    if wrong == "token":
        hello["token"] = eve.token
    elif wrong == "visitor":
        hello["visitor"] = eve.uuid
    socket = door.socket(channel=other.public_id if wrong == "channel" else None)
    socket.send(json.dumps({"hello": hello}))
    assert json.loads(socket.recv(timeout=5)) == {"error": "visitor"}
    with pytest.raises(ConnectionClosed):
        socket.recv(timeout=5)


@pytest.mark.parametrize(
    "hello",
    [
        {},
        {"hello": []},
        {"hello": {"visitor": {"$regex": "."}, "token": "x"}},
        {"hello": {"after": "1"}},
        {"say": {}},
        [],
    ],
)
def test_a_hello_of_the_wrong_shape_is_refused(door: Door, hello: object) -> None:
    socket = door.socket()
    socket.send(json.dumps(hello))
    assert json.loads(socket.recv(timeout=5)) == {"error": "hello"}


@pytest.mark.parametrize(
    "origin",
    ["https://evil-example.com", "https://example.com.evil.net", "null", "https://sub.example.com"],
)
def test_other_sites_are_refused(door: Door, origin: str) -> None:
    allow(door, origins="https://example.com")
    with pytest.raises(InvalidStatus):
        door.socket(origin=origin)
    assert door.come(origin="https://example.com").token


def test_a_channel_that_is_off_or_no_chat_is_refused(door: Door) -> None:
    for public_id in (door.shop.mail.public_id, "0" * 32):
        with pytest.raises(InvalidStatus):
            door.socket(channel=public_id)


def test_a_flood_is_slowed_then_cut_and_nothing_acknowledged_is_lost(door: Door) -> None:
    ada = door.come()
    with contextlib.suppress(ConnectionClosed):
        for n in range(400):
            ada.send(say={"id": str(uuid.uuid4()), "text": f"n {n}"})
        while True:
            ada.seen.append(json.loads(ada.socket.recv(timeout=5)))
    acks = sum("ack" in frame for frame in ada.seen)
    assert any("slow" in frame for frame in ada.seen)
    assert 0 < acks < 100
    assert SpoolItem.objects.count() >= acks


def test_an_oversized_frame_ends_the_socket(door: Door) -> None:
    ada = door.come()
    ada.send(say={"id": str(uuid.uuid4()), "text": "x" * 200_000})
    assert ada.until("error") == "frame"
    assert not SpoolItem.objects.exists()


def test_a_signed_identity_verifies_the_contact_and_a_bad_one_is_refused(door: Door) -> None:
    allow(door, secret="site-secret")
    socket = door.socket()
    identity = {"email": "ada@home.example", "hmac": "0" * 64}
    socket.send(json.dumps({"hello": {"visitor": None, "identity": identity}}))
    assert json.loads(socket.recv(timeout=5)) == {"error": "identity"}
    ada = door.come(
        identity=identity | {"hmac": sign("site-secret", "ada@home.example"), "name": "Ada"}
    )
    ada.say("sono io")
    ada.message("sono io")
    assert Identity.objects.get(kind="email").proof == "verified"
    assert walk.only_ticket().contact.name == "Ada"


def test_typing_passes_both_ways_and_touches_no_table(door: Door) -> None:
    ada = door.come()
    ada.say("ciao")
    ada.message("ciao")
    ticket = walk.only_ticket()
    heard: list[dict[str, object]] = []
    live.listen_here(
        lambda topic, message: heard.append(message) if topic == f"ticket:{ticket.pk}" else None
    )
    ada.send(typing={})
    eventually(lambda: {"who": "visitor", "words": ""} in heard)
    live.publish(f"ticket:{ticket.pk}", {"who": "agent", "name": "Giulia"})
    assert ada.until("typing") == {"name": "Giulia"}


def test_a_file_goes_with_a_message_only_for_its_owner(door: Door) -> None:
    ada, eve = door.come(), door.come()
    picture = files.save(
        b"bytes", name="tazza.png", content_type="image/png", owner=f"visitor:{ada.uuid}"
    )
    eve.send(say={"id": str(uuid.uuid4()), "text": "", "files": [picture.key]})
    assert eve.until("nack")["why"] == "empty"
    ada.say("", files=[picture.key])
    message = ada.message("")
    (file,) = message["files"]
    assert (file["name"], file["type"], file["size"]) == ("tazza.png", "image/png", 5)
    assert picture.key not in file["url"]


def test_choices_go_to_the_visitor_as_buttons(door: Door) -> None:
    ada = door.come()
    ada.say("ciao")
    assert "choices" not in ada.message("ciao")
    actions.reply(
        ticket=walk.only_ticket(), actor=door.shop.actor(), now=now(), text="Va bene?", choices=["Sì", "No"]
    )  # fmt: skip
    assert ada.message("Va bene?")["choices"] == ["Sì", "No"]


def test_the_queue_counts_only_who_waits_before(door: Door) -> None:
    ada, bob = door.come(), door.come()
    ada.say("prima io")
    ada.until("queue", lambda q: q is not None)
    bob.say("poi io")
    assert bob.until("queue", lambda q: q is not None)["position"] == 2
    answer(door, "eccomi", ticket=Ticket.objects.earliest("pk"))
    ada.until("queue", lambda q: q is None)


def test_a_transcript_to_a_claimed_address_carries_no_word_of_the_chat(door: Door) -> None:
    ada = door.come()
    ada.say("il mio segreto")
    ada.message("il mio segreto")
    ada.send(transcript={"email": "victim@home.example"})
    assert ada.until("transcript") == {"ok": True}
    delivery = Delivery.objects.get(channel=door.shop.mail)
    assert delivery.options["content"] == "neutral"
    ada.send(transcript={"email": "not an address"})
    assert ada.until("transcript") == {"ok": False}


def test_a_slow_reader_is_cut_off_and_resumes(door: Door) -> None:
    ada = door.come()
    ada.say("ciao")
    last = ada.message("ciao")["id"]
    ticket = walk.only_ticket()
    for n in range(60):
        answer(door, f"{n} " + "x" * 1000, ticket=ticket)
    again = door.come(ada, after=last)
    assert len(again.welcome["history"]) == 50
    assert again.welcome["history"][-1]["text"].startswith("59 ")


def allow(door: Door, *, origins: str = "", secret: str = "") -> None:
    door.shop.chat.plain_settings = {"origins": origins} if origins else {}
    door.shop.chat.sealed_settings = secrets.seal({"identity_secret": secret}) if secret else b""
    door.shop.chat.save()
    queries.forget()
    webchats._known.clear()
