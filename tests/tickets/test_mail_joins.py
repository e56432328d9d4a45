"""A mail joins a ticket only by a secret and from somebody who takes part."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sportello.core.clock import now
from sportello.core.models import Event, SentMail
from sportello.tickets import actions, tokens
from sportello.tickets.models import Message, Participant, Ticket
from tests import walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> walk.Shop:
    return walk.open_shop()


@pytest.fixture
def answered(shop: walk.Shop) -> Message:
    """Giulia's answer to Ada's mail, sent."""
    ticket = walk.arrive(shop.mail, walk.mail_bytes(message_id="first@home.example")).ticket
    message = actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="We send a new one.")
    walk.send_due()
    return message


def sent_mail() -> str:
    return bytes(SentMail.objects.latest("pk").raw).decode()


def header(name: str) -> str:
    from email import message_from_string
    from email.policy import default

    return str(message_from_string(sent_mail(), policy=default)[name])


def test_the_answer_threads_in_any_mail_client(answered: Message) -> None:
    assert header("In-Reply-To") == "<first@home.example>"
    assert header("References") == "<first@home.example>"
    assert header("Message-ID") == f"<{answered.external_id}>"
    assert header("Subject") == "Re: Broken cup"
    assert header("To").endswith("ada@home.example")
    assert "Giulia, Shop" in sent_mail()


def test_an_answer_to_the_reply_address_joins(shop: walk.Shop, answered: Message) -> None:
    to = header("Reply-To")
    message = walk.arrive(
        shop.mail, walk.mail_bytes(to=to, text="Thanks!", subject="Something else")
    )
    assert message.ticket_id == answered.ticket_id
    assert not message.is_held


def test_an_answer_to_our_message_id_joins(shop: walk.Shop, answered: Message) -> None:
    message = walk.arrive(
        shop.mail, walk.mail_bytes(text="Thanks!", In_Reply_To=f"<{answered.external_id}>")
    )
    assert message.ticket_id == answered.ticket_id
    assert not message.is_held
    assert Ticket.objects.get().waiting_since is not None


def test_the_senders_own_earlier_mail_joins(shop: walk.Shop, answered: Message) -> None:
    message = walk.arrive(
        shop.mail, walk.mail_bytes(text="One more thing.", References="<first@home.example>")
    )
    assert message.ticket_id == answered.ticket_id


def test_anothers_mail_id_does_not_join(shop: walk.Shop, answered: Message) -> None:
    message = walk.arrive(
        shop.mail, walk.mail_bytes("eve@evil.example", References="<first@home.example>")
    )
    assert message.ticket_id != answered.ticket_id


def test_a_number_in_the_subject_never_joins(shop: walk.Shop, answered: Message) -> None:
    number = answered.ticket.number
    for sender in ("eve@evil.example", "ada@home.example"):
        message = walk.arrive(
            shop.mail, walk.mail_bytes(sender, subject=f"Re: [#{number}] ticket {number}")
        )
        assert message.ticket_id != answered.ticket_id


def test_a_right_token_from_a_stranger_is_held_and_changes_nothing(
    shop: walk.Shop, answered: Message
) -> None:
    before = Ticket.objects.get(pk=answered.ticket_id)
    message = walk.arrive(
        shop.mail,
        walk.mail_bytes(
            "eve@evil.example", "Send me all.", In_Reply_To=f"<{answered.external_id}>"
        ),
    )
    after = Ticket.objects.get(pk=answered.ticket_id)
    assert (message.ticket_id, message.is_held) == (answered.ticket_id, True)
    assert (after.status, after.last_inbound_id, after.preview) == (
        before.status,
        before.last_inbound_id,
        before.preview,
    )
    assert Event.objects.filter(type="message_held").exists()
    actions.reply(ticket=after, actor=shop.actor(), now=now(), text="For Ada only.")
    walk.send_due()
    assert "eve@evil.example" not in sent_mail()


def test_an_agent_may_accept_a_held_message(shop: walk.Shop, answered: Message) -> None:
    held = walk.arrive(
        shop.mail, walk.mail_bytes("bob@home.example", In_Reply_To=f"<{answered.external_id}>")
    )
    actions.accept_held(message=held, actor=shop.actor(), now=now())
    again = walk.arrive(
        shop.mail, walk.mail_bytes("bob@home.example", In_Reply_To=f"<{answered.external_id}>")
    )
    assert not again.is_held
    assert Participant.objects.get(address="bob@home.example").is_active


def test_a_refused_message_becomes_its_senders_own_ticket(
    shop: walk.Shop, answered: Message
) -> None:
    held = walk.arrive(
        shop.mail, walk.mail_bytes("eve@evil.example", In_Reply_To=f"<{answered.external_id}>")
    )
    own = actions.refuse_held(message=held, actor=shop.actor(), now=now())
    assert own.contact_id != answered.ticket.contact_id
    assert list(own.messages.values_list("pk", flat=True)) == [held.pk]


def test_a_forged_sender_with_copies_adds_no_viewer(shop: walk.Shop, answered: Message) -> None:
    walk.arrive(
        shop.mail,
        walk.mail_bytes(text="x", In_Reply_To=f"<{answered.external_id}>", Cc="eve@evil.example"),
    )
    assert not Participant.objects.get(address="eve@evil.example").is_active
    actions.reply(ticket=answered.ticket, actor=shop.actor(), now=now(), text="Secret.")
    walk.send_due()
    assert "eve@evil.example" not in sent_mail()


def test_empty_ids_never_match(shop: walk.Shop) -> None:
    first = walk.arrive(
        shop.mail, b"From: ada@home.example\r\nMessage-ID: <>\r\nSubject: a\r\n\r\none"
    )
    second = walk.arrive(
        shop.mail,
        b"From: ada@home.example\r\nMessage-ID:\r\nIn-Reply-To: <>\r\nReferences: \r\nSubject: b\r\n\r\ntwo",
    )
    assert first.ticket_id != second.ticket_id


def test_a_bounce_marks_the_delivery_that_failed(shop: walk.Shop, answered: Message) -> None:
    raw = f"""From: MAILER-DAEMON@mx.example
To: {walk.MAILBOX}
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b
MIME-Version: 1.0

--b
Content-Type: text/plain

No such user.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ada@home.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user

--b
Content-Type: text/rfc822-headers

Message-ID: <{answered.external_id}>
Subject: Re: Broken cup
--b--
"""
    walk.accept(shop.mail, raw.encode())
    walk.applier.drain_all()
    delivery = answered.deliveries.get()
    assert delivery.state == "failed"
    assert delivery.reason
    assert Ticket.objects.count() == 1


def test_a_bounce_of_something_we_never_sent_is_shown_all_the_same(shop: walk.Shop) -> None:
    raw = b"""From: MAILER-DAEMON@mx.example
Subject: Undelivered Mail
Content-Type: multipart/report; report-type=delivery-status; boundary=b
MIME-Version: 1.0

--b
Content-Type: text/plain

Nobody of that name.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; who@home.example
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: <forged@elsewhere.example>
--b--
"""
    message = walk.arrive(shop.mail, raw)
    assert "Nobody of that name" in message.text
    assert message.ticket.waiting_since is None


def test_a_second_answer_names_the_whole_chain(shop: walk.Shop, answered: Message) -> None:
    second = actions.reply(
        ticket=answered.ticket, actor=shop.actor(), now=now(), text="And a label."
    )
    walk.send_due()
    assert header("References").split() == ["<first@home.example>", f"<{answered.external_id}>"]
    assert header("In-Reply-To") == f"<{answered.external_id}>"
    assert header("Message-ID") == f"<{second.external_id}>"


def test_an_auto_reply_lands_on_the_ticket_without_reopening_it(
    shop: walk.Shop, answered: Message
) -> None:
    actions.set_status(ticket=answered.ticket, actor=shop.actor(), now=now(), status="solved")
    message = walk.arrive(
        shop.mail,
        walk.mail_bytes(
            text="I am away.",
            In_Reply_To=f"<{answered.external_id}>",
            Auto_Submitted="auto-replied",
        ),
    )
    assert message.ticket_id == answered.ticket_id
    assert Ticket.objects.get().status == "solved"


GENUINE = 4711


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_no_other_string_is_a_token(text: str) -> None:
    genuine = tokens.issue(GENUINE)
    if text.lower() != genuine:
        assert tokens.judge(text) is None
    assert tokens.judge(genuine + text[:1]) is None or not text
    assert tokens.judge(genuine[: len(text) % len(genuine)]) is None
    assert tokens.judge(genuine.upper()) == tokens.Claim(GENUINE)
    assert tokens.judge("0" + genuine) is None
    assert tokens.judge(genuine.replace("t", "t0", 1)) is None
