"""Agents hear by mail what they have not seen, and answer the customer by answering that mail."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from sportello.accounts.actions import deactivate, set_grants
from sportello.accounts.models import Agent, Role, Team
from sportello.channels import queries
from sportello.contacts.models import Identity
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.core.consumers import all_consumers, step
from sportello.core.models import SentMail
from sportello.tickets import actions, applier, tokens
from sportello.tickets.models import Delivery, Message, Notice, Ticket
from sportello.tickets.notifying import sending
from sportello.tickets.notifying.answering import words_of
from tests import walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> walk.Shop:
    return walk.open_shop()


@pytest.fixture
def ticket(shop: walk.Shop) -> Ticket:
    """Ada's, assigned to Giulia by Marco."""
    ticket = walk.arrive(shop.mail, walk.mail_bytes(message_id="first@home.example")).ticket
    actions.assign(ticket=ticket, assignee=shop.giulia, actor=shop.actor(shop.marco), now=now())
    return ticket


def minutes_pass(minutes: float = 2) -> list[EmailMessage]:
    """The consumer, the sweep and its jobs, that much later; the mails that left."""
    before = set(SentMail.objects.values_list("pk", flat=True))
    notices = next(c for c in all_consumers() if c.name == "notices")
    while step(notices):
        pass
    later = now() + timedelta(minutes=minutes)
    sending.leave(later)
    for notice in Notice.objects.filter(due_at__lte=later):
        sending.send(notice.pk, now=later)
    left = SentMail.objects.exclude(pk__in=before).order_by("pk")
    return [message_from_bytes(bytes(m.raw), policy=default) for m in left]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def answer(
    shop: walk.Shop, mail: EmailMessage, text: str, *, sender: str = "", **headers: str
) -> None:
    quoted = "\n".join(f"> {line}" for line in text_of(mail).splitlines())
    words = f"{text}\n\nIl giorno 22 nov 2026 Shop ha scritto:\n{quoted}\n"
    known = {"In_Reply_To": str(mail["Message-ID"])} | headers
    body = walk.mail_bytes(
        sender or str(mail["To"]), words, to=str(mail["Reply-To"]), subject=f"Re: {mail['Subject']}", **known
    )  # fmt: skip
    walk.accept(shop.mail, body)
    applier.drain_all()


def sent_to_ada() -> list[str]:
    walk.send_due()
    found = []
    for mail in SentMail.objects.order_by("pk"):
        if "ada@home.example" in mail.recipients:
            found.append(text_of(message_from_bytes(bytes(mail.raw), policy=default)))
    return found


def test_an_agent_answers_his_mail_and_the_customer_reads_it(
    shop: walk.Shop, ticket: Ticket
) -> None:
    [mail] = minutes_pass()
    assert (mail["To"], mail["Auto-Submitted"]) == ("Giulia <giulia@shop.example>", "auto-replied")
    assert "my cup is broken" in text_of(mail)
    assert f"/app/tickets/{ticket.number}" in text_of(mail)
    answer(shop, mail, "Dear Ada,\nwe send a new one.\n\n-- \nGiulia\n+39 055 1")
    message = Message.objects.get(ticket=ticket, direction="out")
    assert (message.agent, message.text) == (shop.giulia, "Dear Ada,\nwe send a new one.")
    [sent] = sent_to_ada()
    assert sent.startswith("Dear Ada,\nwe send a new one.")
    assert "##-" not in sent
    assert "+a" not in sent
    assert not Identity.objects.filter(address="giulia@shop.example").exists()


def test_the_same_answer_twice_goes_out_once(shop: walk.Shop, ticket: Ticket) -> None:
    [mail] = minutes_pass()
    body = walk.mail_bytes(
        "giulia@shop.example", "Once.", to=str(mail["Reply-To"]), message_id="x@y"
    )
    walk.arrive(shop.mail, body)
    walk.arrive(shop.mail, body.replace(b"Subject:", b"Received: from elsewhere\nSubject:"))
    assert Message.objects.filter(direction="out").count() == 1
    assert Message.objects.count() == 2


def test_a_first_line_makes_it_a_note(shop: walk.Shop, ticket: Ticket) -> None:
    [mail] = minutes_pass()
    answer(shop, mail, "#note\nAsk Marco first.")
    note = Message.objects.get(ticket=ticket, direction="note")
    assert (note.agent, note.text) == (shop.giulia, "Ask Marco first.")
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "case", ["stranger", "customer", "no_right", "light", "deactivated", "unproved"]
)
def test_without_the_right_it_is_held(shop: walk.Shop, ticket: Ticket, case: str) -> None:
    [mail] = minutes_pass()
    sender = {"stranger": "eve@evil.example", "customer": "ada@home.example"}.get(case, "")
    walk.agent("boss", Role.ADMINISTRATOR)
    if case == "no_right":
        secret = Team.objects.create(name="Else", slug="else", is_private=True)
        set_grants(agent=shop.giulia, grants=[(Role.AGENT, secret, None)], actor=SYSTEM)
    elif case == "light":
        set_grants(agent=shop.giulia, grants=[(Role.LIGHT, None, None)], actor=SYSTEM)
    elif case == "deactivated":
        deactivate(agent=shop.giulia, actor=SYSTEM)
    elif case == "unproved":
        shop.mail.plain_settings = {**shop.mail.plain_settings, "authserv_id": "mx.shop.example"}
        shop.mail.save()
        queries.forget()
    answer(shop, mail, "Give me the refund.", sender=sender)
    held = Message.objects.latest("pk")
    assert (held.ticket_id, held.direction, held.is_held) == (ticket.pk, "in", True)
    assert held.meta["agent_mail"]["agent"] == shop.giulia.pk
    assert not Delivery.objects.exists()
    returned = [m for m in minutes_pass() if "giulia" in m["To"]]
    assert bool(returned) is (case not in {"no_right", "deactivated"})
    assert all("Give me the refund" not in text_of(m) for m in returned)


def test_an_answer_that_crosses_a_colleagues_is_held(shop: walk.Shop, ticket: Ticket) -> None:
    [mail] = minutes_pass()
    actions.reply(ticket=ticket, actor=shop.actor(shop.marco), now=now(), text="I did it.")
    answer(shop, mail, "I do it.")
    assert Message.objects.latest("pk").is_held
    assert Message.objects.get(direction="out").agent == shop.marco


def test_what_an_agent_writes_is_not_covered(shop: walk.Shop, ticket: Ticket) -> None:
    [mail] = minutes_pass()
    iban = "IT60X0542811101000000123456"
    answer(shop, mail, f"Please pay to {iban}.")
    assert iban in Message.objects.get(direction="out").text


def test_a_customers_covered_words_stay_covered(shop: walk.Shop, ticket: Ticket) -> None:
    minutes_pass()
    walk.arrive(
        shop.mail,
        walk.mail_bytes(text="My card is 4111 1111 1111 1111.", References="<first@home.example>"),
    )
    [mail] = minutes_pass()
    assert "4111 1111" not in mail.as_string()
    assert "My card is" in text_of(mail)


def test_machines_that_answer_an_agents_mail_disturb_nobody(
    shop: walk.Shop, ticket: Ticket
) -> None:
    [mail] = minutes_pass()
    messages = Message.objects.count()
    answer(shop, mail, "I am on holiday.", Auto_Submitted="auto-replied")
    assert Message.objects.count() == messages
    assert Ticket.objects.count() == 1


def test_one_mail_for_all_that_is_new_and_one_chain_a_ticket(
    shop: walk.Shop, ticket: Ticket
) -> None:
    [first] = minutes_pass()
    for n in range(3):
        walk.arrive(
            shop.mail, walk.mail_bytes(text=f"Word {n}.", References="<first@home.example>")
        )
    [second] = minutes_pass()
    assert all(f"Word {n}." in text_of(second) for n in range(3))
    assert first["References"] == second["References"]
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Subject"] == second["Subject"]
    assert minutes_pass() == []


def test_quiet_for_who_has_read_it_and_for_who_is_here(shop: walk.Shop, ticket: Ticket) -> None:
    minutes_pass()
    walk.arrive(shop.mail, walk.mail_bytes(text="More.", References="<first@home.example>"))
    ticket.refresh_from_db()
    actions.mark_read(ticket=ticket, agent=shop.giulia, now=now())
    assert minutes_pass() == []
    walk.arrive(shop.mail, walk.mail_bytes(text="Still more.", References="<first@home.example>"))
    Agent.objects.filter(pk=shop.giulia.pk).update(seen_at=now() + timedelta(minutes=1))
    assert minutes_pass() == []
    assert len(minutes_pass(10)) == 1


def test_a_mention_a_team_and_a_follower(shop: walk.Shop, ticket: Ticket) -> None:
    minutes_pass()
    actions.note(
        ticket=ticket,
        actor=shop.actor(),
        now=now(),
        text="@Marco, your part?",
        mentions=[shop.marco.pk],
    )
    [mail] = minutes_pass()
    assert "marco" in mail["To"]
    assert "your part?" in text_of(mail)
    walk.arrive(shop.mail, walk.mail_bytes(text="Hello?", References="<first@home.example>"))
    assert {m["To"].split()[0] for m in minutes_pass()} == {
        "Giulia",
        "Marco",
    }  # who is named follows


def test_a_new_ticket_of_the_team_is_told_only_to_who_asked(shop: walk.Shop) -> None:
    team = Team.objects.create(name="Returns", slug="returns")
    for name in ("anna", "bea"):
        walk.agent(name, Role.AGENT, team=team)
    Agent.objects.filter(name="Anna").update(preferences={"notices": {"mail": ["opened"]}})
    shop.mail.team = team
    shop.mail.save()
    queries.forget()
    walk.arrive(shop.mail, walk.mail_bytes())
    assert [m["To"] for m in minutes_pass()] == ["Anna <anna@shop.example>"]


def test_what_is_switched_off_is_not_told(shop: walk.Shop, ticket: Ticket) -> None:
    Agent.objects.filter(pk=shop.giulia.pk).update(preferences={"notices": {"mail": []}})
    assert minutes_pass() == []


def test_no_mail_to_who_may_not_see_the_ticket_any_more(shop: walk.Shop, ticket: Ticket) -> None:
    secret = Team.objects.create(name="Secret", slug="secret", is_private=True)
    Ticket.objects.filter(pk=ticket.pk).update(team=secret)
    assert minutes_pass() == []


def test_a_support_mailbox_is_told_nothing(shop: walk.Shop, ticket: Ticket) -> None:
    Agent.objects.filter(pk=shop.giulia.pk).update(email="Help+team@shop.example")
    assert minutes_pass() == []


def test_in_the_agents_language(shop: walk.Shop, ticket: Ticket) -> None:
    Agent.objects.filter(pk=shop.giulia.pk).update(language="en")
    [mail] = minutes_pass()
    assert "It was assigned to you." in text_of(mail)


def test_a_token_of_one_agent_is_no_other_agents(shop: walk.Shop, ticket: Ticket) -> None:
    [mail] = minutes_pass()
    answer(shop, mail, "As Marco.", sender="marco@shop.example")
    assert Message.objects.latest("pk").is_held
    claim = tokens.judge(str(mail["Reply-To"]).partition("+")[2].partition("@")[0])
    assert claim is not None
    assert claim.agent_id == shop.giulia.pk


def test_an_agents_token_proves_no_claimed_address(shop: walk.Shop, ticket: Ticket) -> None:
    [mail] = minutes_pass()
    ada = Identity.objects.get(address="ada@home.example")
    Identity.objects.filter(pk=ada.pk).update(proof="claimed")
    answer(shop, mail, "It is me.", sender="ada@home.example")
    ada.refresh_from_db()
    assert ada.proof == "claimed"


def test_only_what_stands_above_the_line() -> None:
    assert (
        words_of("Yes.\n\nOn Monday, Shop wrote:\n> ##- Write above ##-\n> secret note") == "Yes."
    )
    assert words_of("Yes.\nNo.") == "Yes.\nNo."
