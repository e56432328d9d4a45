"""A card number that somebody writes is nowhere in clear: not shown, searched, mailed, listed or told; few may look."""

from __future__ import annotations

import json
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import connection

from sportello.accounts import retention
from sportello.accounts.models import PrivacyPolicy
from sportello.channels.models import SpoolItem
from sportello.contacts import privacy
from sportello.core.actors import SYSTEM, Actor
from sportello.core.clock import now
from sportello.core.models import AuditEntry, Event, SentMail
from sportello.tickets import actions
from sportello.tickets.confidential import revealing
from sportello.tickets.models import Attachment, Message, SealedOriginal, Ticket
from tests.api.company import Firm, found
from tests.walk import accept, arrive, mail_bytes, send_due

CARD = "4242 4242 4242 4242"
IBAN = "IT60X0542811101000000123456"


@pytest.fixture
def firm(db: None) -> Firm:
    retention.forget_policy()
    return found()


def rich_mail() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Ada <ada@home.example>", "help@shop.example"
    mail["Subject"], mail["Message-ID"] = f"Rimborso sulla carta {CARD}", "<card@home.example>"
    mail.set_content(
        f"Rimborsate su {CARD}, per favore.\n\nIl 3 marzo Shop ha scritto:\n> IBAN {IBAN}?\n"
    )
    mail.add_alternative(
        f"<p>Rimborsate su 4242&nbsp;<b>4242</b>&nbsp;4242&nbsp;4242.</p><blockquote>IBAN {IBAN}?</blockquote>",
        subtype="html",
    )
    mail.add_attachment(b"ciao", maintype="text", subtype="plain", filename="RSSMRA85T10A562S.txt")
    return mail.as_bytes()


def in_clear(*but: str) -> list[str]:
    """Tables with a row that says one of the numbers."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                bare = row.replace(" ", "").replace("\\x", "")
                words = ("4242424242424242", IBAN, "RSSMRA85T10A562S")
                if any(w in bare or w.encode().hex() in bare for w in words):
                    found.append(table)
    return sorted(set(found) - set(but))


def test_what_arrives_is_covered_everywhere(firm: Firm) -> None:
    message = arrive(firm.mail, rich_mail())
    assert message.text.startswith("Rimborsate su •••• 4242")
    assert message.subject == message.ticket.subject == "Rimborso sulla carta •••• 4242"
    assert "•••• 3456" in message.quoted
    assert "•••• 4242" in message.html
    assert message.ticket.preview.startswith("Rimborsate su •••• 4242")
    assert Attachment.objects.get().name == "••••••••.txt"
    assert in_clear("channels_spoolitem") == []
    assert not Message.objects.filter(search="4242424242424242").exists()
    sealed = SealedOriginal.objects.get()
    assert set(sealed.kinds) == {"card", "iban", "tax_code"}
    assert b"4242 4242" not in bytes(sealed.body)


def test_the_answer_quotes_the_covered_words(firm: Firm) -> None:
    message = arrive(firm.mail, rich_mail())
    actions.reply(
        ticket=message.ticket, actor=Actor.agent(firm.giulia.agent.pk), now=now(), text="Fatto"
    )
    send_due()
    sent = bytes(SentMail.objects.get().raw).decode()
    assert "4242 4242" not in sent
    assert IBAN not in sent


def test_the_api_covers_and_says_so(firm: Firm) -> None:
    message = arrive(firm.mail, rich_mail())
    answer = firm.giulia.get(f"/tickets/{message.ticket.number}/messages")
    assert "4242 4242" not in answer.content.decode()
    assert set(answer.json()["items"][0]["covered"]) == {"card", "iban", "tax_code"}
    assert firm.giulia.get("/tickets?q=4242424242424242").json()["items"] == []


def test_a_batch_keeps_each_original_with_its_message(firm: Firm) -> None:
    numbers = {"5555 5555 5555 4444": "a", "3782 822463 10005": "b"}
    bodies = [mail_bytes(f"{who}@home.example", f"carta {card}") for card, who in numbers.items()]
    accept(firm.mail, *bodies, mail_bytes("c@home.example", "niente"))
    from sportello.tickets import applier

    applier.drain_all()
    assert SealedOriginal.objects.count() == 2
    for sealed in SealedOriginal.objects.select_related("message__identity"):
        shown = revealing.opened(sealed, sealed.message)
        assert sealed.message.identity
        assert numbers[shown.values[0][1]] == sealed.message.identity.address[0]


def test_only_who_may_looks_and_it_is_written_down(firm: Firm) -> None:
    message = arrive(firm.mail, rich_mail())
    path = f"/messages/{message.pk}/reveal"
    for outsider in (firm.light, firm.giulia):
        assert outsider.post(path).status_code == 403
        assert outsider.get(f"/messages/{message.pk}/raw").status_code == 403
    assert firm.other_brand_agent.post(path).status_code == 404
    assert not AuditEntry.objects.filter(action__startswith="covered.").exists()
    shown = firm.supervisor.post(path).json()
    assert shown["subject"] == f"Rimborso sulla carta {CARD}"
    assert shown["text"].startswith(f"Rimborsate su {CARD}")
    assert {"kind": "iban", "value": IBAN} in shown["values"]
    assert {"kind": "tax_code", "value": "RSSMRA85T10A562S"} in shown["values"]
    assert firm.supervisor.get(f"/messages/{message.pk}/raw").status_code == 200
    entries = list(AuditEntry.objects.filter(action__startswith="covered.").order_by("pk"))
    assert [e.action for e in entries] == ["covered.revealed", "covered.raw"]
    assert CARD not in json.dumps([e.changes for e in entries])
    event = Event.objects.get(type="original_revealed")
    assert event.ticket_id == message.ticket_id


def test_a_message_with_nothing_covered_is_as_before(firm: Firm) -> None:
    message = arrive(firm.mail, mail_bytes())
    assert firm.giulia.get(f"/messages/{message.pk}/raw").status_code == 200
    assert firm.supervisor.post(f"/messages/{message.pk}/reveal").status_code == 404
    assert not SealedOriginal.objects.exists()


def test_the_company_says_who_looks_and_what_is_covered(firm: Firm) -> None:
    retention.save_policy(values={"covered_kinds": ["iban"], "reveal_role": "agent"}, actor=SYSTEM)
    retention.forget_policy()
    message = arrive(firm.mail, rich_mail())
    assert CARD in message.text
    assert firm.giulia.post(f"/messages/{message.pk}/reveal").json()["values"] == [
        {"kind": "iban", "value": IBAN}
    ]
    assert firm.light.post(f"/messages/{message.pk}/reveal").status_code == 403
    assert AuditEntry.objects.filter(action="privacy.policy").exists()
    PrivacyPolicy.objects.all().delete()
    retention.forget_policy()


def test_after_its_time_the_original_goes_and_the_raw_input_with_it(firm: Firm) -> None:
    message = arrive(firm.mail, rich_mail())
    plain = arrive(firm.mail, mail_bytes("bob@home.example"))
    retention.let_go(now() + timedelta(days=29))
    assert SealedOriginal.objects.get().erased_at is None
    retention.let_go(now() + timedelta(days=31))
    sealed = SealedOriginal.objects.get()
    assert sealed.erased_at
    assert bytes(sealed.body) == b""
    assert in_clear() == []
    assert not SpoolItem.objects.filter(pk=message.spool_id).exists()
    assert SpoolItem.objects.filter(pk=plain.spool_id).exists()
    assert firm.supervisor.post(f"/messages/{message.pk}/reveal").status_code == 404
    assert firm.supervisor.get(f"/messages/{message.pk}/raw").status_code in {403, 404}
    rows = firm.supervisor.get(f"/tickets/{message.ticket.number}/messages").json()["items"]
    assert rows[0]["raw_url"] is None


@pytest.mark.parametrize("verb", ["note", "open"])
def test_what_agents_type_is_covered_too(firm: Firm, verb: str) -> None:
    ticket = firm.tickets["own"]
    giulia = Actor.agent(firm.giulia.agent.pk)
    if verb == "note":
        message = actions.note(
            ticket=ticket,
            actor=giulia,
            now=now(),
            text=f"Al telefono: {CARD}",
            html=f"<p>Al telefono: {CARD}</p>",
        )
    else:
        opened = actions.open_ticket(
            contact=ticket.contact,
            subject=f"carta {CARD}",
            text=f"Al telefono: {CARD}",
            actor=giulia,
            now=now(),
        )
        assert opened.subject == "carta •••• 4242"
        assert "•••• 4242" in opened.preview
        message = opened.messages.get()
    assert message.text == "Al telefono: •••• 4242"
    assert in_clear() == []
    assert SealedOriginal.objects.get().message_id == message.pk


def test_what_the_company_writes_to_the_customer_leaves_as_written(firm: Firm) -> None:
    message = arrive(firm.mail, mail_bytes())
    said = actions.reply(
        ticket=message.ticket,
        actor=Actor.agent(firm.giulia.agent.pk),
        now=now(),
        text=f"Il nostro IBAN è {IBAN}",
    )
    assert IBAN in said.text


def test_erasing_a_person_erases_what_was_covered(firm: Firm) -> None:
    message = arrive(firm.mail, rich_mail())
    ticket: Any = Ticket.objects.get(pk=message.ticket_id)
    privacy.erase(contact=ticket.contact, actor=SYSTEM, now=now())
    assert not SealedOriginal.objects.exists()
    assert in_clear() == []
