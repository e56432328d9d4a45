"""The site chat on tickets: one per visitor, ends, comes back, and goes on by mail."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from sportello.contacts.models import Contact, Identity
from sportello.core.clock import now
from sportello.core.models import SentMail
from sportello.tickets import actions, timers
from sportello.tickets.models import Delivery, Message, Ticket
from tests import walk

pytestmark = pytest.mark.django_db
VISITOR = str(uuid.uuid4())


@pytest.fixture
def shop() -> walk.Shop:
    return walk.open_shop()


def say(shop: walk.Shop, text: str, *, visitor: str = VISITOR, email: str = "") -> Message:
    form = {"form": {"name": "Sofia", "email": email}} if email else {}
    frame = {"visitor": visitor, "say": {"id": str(uuid.uuid4()), "text": text, **form}}
    return walk.arrive(shop.chat, json.dumps(frame).encode(), source="widget")


def tell(shop: walk.Shop, **frame: object) -> None:
    walk.accept(shop.chat, json.dumps({"visitor": VISITOR, **frame}).encode(), source="widget")
    walk.applier.drain_all()


def mails() -> list[str]:
    return [
        str(message_from_bytes(bytes(m.raw), policy=default).get_body(("plain",)).get_content())  # type: ignore[union-attr]
        for m in SentMail.objects.order_by("pk")
    ]


def test_one_open_ticket_per_visitor(shop: walk.Shop) -> None:
    first = say(shop, "Ciao, la Moka c’è in negozio?")
    second = say(shop, "Ci siete?")
    other = say(shop, "Hello", visitor=str(uuid.uuid4()))
    assert first.ticket_id == second.ticket_id != other.ticket_id


def test_an_answer_is_there_at_once_and_its_receipt_counts(shop: walk.Shop) -> None:
    ticket = say(shop, "Ciao").ticket
    message = actions.reply(
        ticket=ticket, actor=shop.actor(), now=now(), text="Buongiorno!", undo_seconds=10
    )
    assert message.deliveries.get().state == "sent"
    tell(shop, seen={"ids": [str(message.pk)]})
    assert message.deliveries.get().state == "delivered"
    tell(shop, seen={"ids": [str(message.pk)], "read": True})
    tell(shop, seen={"ids": [str(message.pk)]})
    assert message.deliveries.get().state == "read"


def test_ending_solves_and_writing_again_reopens(shop: walk.Shop) -> None:
    ticket = say(shop, "Ciao").ticket
    tell(shop, end={"id": str(uuid.uuid4())})
    ticket.refresh_from_db()
    assert ticket.status == "solved"
    again = say(shop, "Ancora una cosa")
    assert again.ticket_id == ticket.pk
    assert Ticket.objects.get().status == "open"


def test_a_visitor_who_left_gets_one_neutral_mail_to_an_address_he_only_claimed(
    shop: walk.Shop,
) -> None:
    ticket = say(shop, "Posso passare oggi?", email="sofia@posta.example").ticket
    for text in ("Certo, fino alle 19.", "Chieda di Giulia."):
        actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text=text)
    timers.answer_who_left(now())
    assert not Delivery.objects.filter(channel=shop.mail).exists()
    timers.answer_who_left(now() + timedelta(minutes=5))
    timers.answer_who_left(now() + timedelta(minutes=6))
    walk.send_due()
    (mail,) = mails()
    assert "/proof/" in mail
    assert "fino alle 19" not in mail
    assert "Posso passare" not in mail


def test_a_proved_address_gets_the_answers_in_full_and_can_go_on_by_mail(shop: walk.Shop) -> None:
    ticket = say(shop, "Posso passare oggi?", email="sofia@posta.example").ticket
    actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="Certo.")
    timers.answer_who_left(now() + timedelta(minutes=5))
    walk.send_due()
    token = mails()[0].split("/proof/")[1].split()[0]
    assert actions.prove_address(token="x" * 43, now=now()) is None
    assert actions.prove_address(token=token, now=now()) is not None
    assert Identity.objects.get(kind="email").proof == "verified"
    for text in ("Fino alle 19.", "Chieda di Giulia."):
        actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text=text, channel=shop.chat)
    timers.answer_who_left(now() + timedelta(minutes=5))
    walk.send_due()
    assert "Fino alle 19." in mails()[1]
    assert "Chieda di Giulia." in mails()[1]
    raw = message_from_bytes(bytes(SentMail.objects.latest("pk").raw), policy=default)
    answer = walk.arrive(
        shop.mail,
        walk.mail_bytes("sofia@posta.example", "Grazie, arrivo.", to=str(raw["Reply-To"])),
    )
    assert answer.ticket_id == ticket.pk
    assert not answer.is_held
    assert ticket.threads.count() == 2


def test_answering_the_neutral_mail_with_its_token_is_a_proof(shop: walk.Shop) -> None:
    ticket = say(shop, "Ciao", email="sofia@posta.example").ticket
    actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="Certo.")
    timers.answer_who_left(now() + timedelta(minutes=5))
    walk.send_due()
    raw = message_from_bytes(bytes(SentMail.objects.get().raw), policy=default)
    answer = walk.arrive(
        shop.mail,
        walk.mail_bytes("sofia@posta.example", "Eccomi.", In_Reply_To=str(raw["Message-ID"])),
    )
    assert (answer.ticket_id, answer.is_held) == (ticket.pk, False)
    assert Identity.objects.get(kind="email").proof == "verified"
    assert Contact.objects.count() == 1


def test_a_typed_address_opens_nobodys_history(shop: walk.Shop) -> None:
    known = walk.arrive(shop.mail, walk.mail_bytes("Sofia <sofia@posta.example>")).ticket
    chat = say(shop, "Sono Sofia, che dice il mio ticket?", email="sofia@posta.example").ticket
    assert chat.contact_id != known.contact_id
    assert Identity.objects.get(contact_id=chat.contact_id, kind="email").proof == "claimed"


def test_a_seen_answer_is_not_mailed(shop: walk.Shop) -> None:
    ticket = say(shop, "Ciao", email="sofia@posta.example").ticket
    message = actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="Eccomi.")
    tell(shop, seen={"ids": [str(message.pk)]})
    timers.answer_who_left(now() + timedelta(minutes=5))
    assert Delivery.objects.count() == 1
