"""Erased means gone: a dump of the database and every file of the data directory are searched for traces.

And counted: whatever a report would count is the same before and after.
"""

from __future__ import annotations

import base64
import os
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from sportello.api.facts import Report, report
from sportello.channels.models import SpoolParked
from sportello.contacts import merging, privacy
from sportello.contacts.models import Contact, Identity
from sportello.core import audit
from sportello.core.actors import SYSTEM, Actor
from sportello.core.clock import now
from sportello.core.database import embedded
from sportello.core.models import Parked
from sportello.tickets import actions, tokens, uploads
from sportello.tickets.actions import asking
from sportello.tickets.confidential import forms
from sportello.tickets.models import Message, PendingMedia, Ticket
from sportello.tickets.personal.ageing import anonymise
from tests.api.company import Firm, found, person
from tests.walk import accept, arrive, mail_bytes, send_due

pytestmark = pytest.mark.django_db(transaction=True)

NAME, MAIL, WORK, PHONE = (
    "Zenobia Quaresimi",
    "zenobia@quaresimi.example",
    "z.quaresimi@lavoro.example",
    "+393351239876",
)
TRACES = [
    "Zenobia", "Quaresimi", "393351239876", "3351239876", "canarino", "cinguettio", "usignolo", "pettirosso",
    "4242424242424242", "4242 4242", "IT60X0542811101000000123456", "RSSMRA85T10A562S", "verderame",
]  # fmt: skip
"""Her name, her addresses, words that only she wrote, heard or sent, and what was covered."""


def a_life(firm: Firm) -> Contact:
    """Everything that the house can come to hold of a person."""
    giulia = Actor.agent(firm.giulia.agent.pk)
    mail = mail_bytes(
        f"{NAME} <{MAIL}>",
        "canarino 4242 4242 4242 4242 RSSMRA85T10A562S " + "canarino " * 9000,
        subject="canarino perduto",
        Cc="bruno@casa.example",
    )
    first = arrive(firm.mail, mail)
    ticket, zenobia = first.ticket, first.ticket.contact
    key = uploads.take_in(
        agent=firm.giulia.agent, name="usignolo.txt", content_type="text/plain",
        content=b"cinguettio", now=now(),
    ).key  # fmt: skip
    said = actions.reply(
        ticket=ticket, actor=giulia, now=now(), text="Gentile Zenobia, usignolo trovato", files=[key],
        cc=["bruno@casa.example"],
    )  # fmt: skip
    send_due()
    actions.note(ticket=ticket, actor=giulia, now=now(), text=f"Richiamare {PHONE}, verderame")
    Identity.objects.create(contact=zenobia, kind="phone", address=PHONE, proof="verified")
    # Bruno is in copy, quotes her, and names her on a ticket of his own.
    assert said.thread_id
    reply_to = tokens.reply_address("help@shop.example", said.thread_id)
    arrive(
        firm.mail,
        mail_bytes(
            "bruno@casa.example",
            f"D'accordo.\n\n{MAIL} ha scritto:\n> canarino perduto\n",
            to=reply_to,
        ),
    )
    arrive(
        firm.mail,
        mail_bytes(
            "bruno@casa.example", f"Scrivete anche a {MAIL}, grazie", subject="Altro", Cc=MAIL
        ),
    )
    send_due()
    # A consumer stumbled, a mail of hers was parked, a file still lies at the vendor.
    Parked.objects.create(consumer="x", ticket_id=ticket.pk, traceback="ValueError: canarino")
    waiting = accept(firm.mail, mail_bytes(f"{NAME} <{MAIL}>", "canarino non letto"))
    SpoolParked.objects.create(item_id=waiting[0], traceback="Unreadable: canarino")
    PendingMedia.objects.create(message=first, name="usignolo.jpg", media_ref="usignolo-1")
    # An application knows her, an agent opened a ticket by telephone, she gave data in confidence.
    report(
        Report("canarino-1", "door.opened", now(), contact=zenobia, data={"who": NAME}),
        agent=firm.giulia.agent,
        now=now(),
    )
    firm.giulia.post("/contacts", {"name": NAME, "notes": "usignolo"}, Idempotency_Key="zen-1")
    other = Contact.objects.get(name=NAME, notes="usignolo")
    merging.merge(contact=other, into=zenobia, actor=giulia, now=now())
    elder = person(NAME, WORK)
    actions.open_ticket(
        contact=elder, subject="usignolo", text="Al telefono: pettirosso", actor=giulia, now=now()
    )
    merging.merge(contact=elder, into=zenobia, actor=giulia, now=now())
    asking.ask(ticket=ticket, fields=["iban", "file"], actor=giulia, now=now())
    link = Message.objects.filter(direction="out").latest("pk").text.rsplit("/", 1)[1]
    given = {"file": forms.Given("usignolo.png", "image/png", b"cinguettio cifrato")}
    forms.answer(
        token=link, answers={"iban": "IT60X0542811101000000123456"}, given=given, now=now()
    )
    send_due()
    # And an agent is writing to her.
    unsent = uploads.take_in(
        agent=firm.giulia.agent, name="pettirosso.txt", content_type="text/plain",
        content=b"pettirosso", now=now(),
    ).key  # fmt: skip
    actions.save_draft(
        ticket=ticket, agent=firm.giulia.agent, now=now(), text="Cara Zenobia", file_keys=[unsent]
    )
    audit.note(giulia, "contact.exported", f"{NAME} <{MAIL}>", {"phone": [None, PHONE]})
    zenobia.refresh_from_db()
    Contact.objects.filter(pk=zenobia.pk).update(
        notes="verderame", custom={"soprannome": "canarino"}
    )
    return zenobia


def dump(tmp_path: Path) -> str:
    """The whole database as a backup would hold it, in plain text."""
    out = tmp_path / "dump.sql"
    at = connection.settings_dict
    env = {"PGPASSWORD": str(at["PASSWORD"] or ""), "PATH": os.environ["PATH"]}
    options = at.get("OPTIONS", {})
    where = [f"--host={at['HOST']}", f"--dbname={at['NAME']}", f"--username={at['USER']}"]
    where += [f"--port={at['PORT']}"] if at["PORT"] else []
    assert "service" not in options
    command = [str(embedded.binaries() / "pg_dump"), *where, "--no-password", f"--file={out}"]
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=100)
    return out.read_text(errors="replace")


def traces(text: str) -> list[str]:
    """Which of her words stand in it: plain, as hexadecimal (bytea) or in base64."""
    low = text.lower()
    found = []
    for word in TRACES:
        spellings = {word.lower(), word.encode().hex(), word.lower().encode().hex()}
        spellings |= {
            base64.b64encode(b"xx "[:n] + word.encode()).decode()[4:-4].lower()
            for n in (0, 1, 2)
            if len(word) > 9
        }
        found += [word] if any(s and s in low for s in spellings) else []
    return found


def in_files(root: Path) -> list[str]:
    return [
        f"{p.name}: {t}"
        for p in root.rglob("*")
        if p.is_file()
        for t in traces(p.read_bytes().decode("latin-1") + p.name)
    ]


@pytest.fixture
def firm(settings: Any, tmp_path: Path) -> Firm:
    settings.SPORTELLO_FILES_DIR = tmp_path / "data" / "files"
    settings.EMAIL_URL = ""
    return found()


def test_nothing_of_her_is_left_in_a_dump_or_in_a_file(firm: Firm, tmp_path: Path) -> None:
    zenobia = a_life(firm)
    before = traces(dump(tmp_path))
    assert {"Zenobia", "canarino", "usignolo", "pettirosso", "verderame", "3351239876"} <= set(
        before
    )
    assert in_files(tmp_path / "data")
    privacy.erase(contact=zenobia, actor=SYSTEM, now=now())
    text = dump(tmp_path)
    left = traces(text)
    lines = [line[:600] for line in text.splitlines() if traces(line)]
    assert (left, lines[:5]) == ([], [])
    assert in_files(tmp_path / "data") == []
    assert Message.objects.filter(text__contains="D'accordo").exists(), "what Bruno wrote stays"


COUNTS = {
    "tickets by status and day": "SELECT status, created_at::date, count(*) FROM tickets_ticket GROUP BY 1, 2 ORDER BY 1, 2",
    "tickets by team, tags, language": "SELECT team_id, tags, language, priority, kind, count(*) FROM tickets_ticket GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
    "messages by way and channel": "SELECT direction, nature, channel_id, agent_id, created_at, count(*) FROM tickets_message GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
    "answers by ticket": "SELECT ticket_id, min(created_at) FILTER (WHERE direction = 'in'), min(created_at) FILTER (WHERE direction = 'out') FROM tickets_message GROUP BY 1 ORDER BY 1",
    "threads": "SELECT ticket_id, channel_id, count(*) FROM tickets_thread GROUP BY 1, 2 ORDER BY 1, 2",
    "deliveries": "SELECT channel_id, state IN ('sent', 'delivered', 'read'), count(*) FROM tickets_delivery GROUP BY 1, 2 ORDER BY 1, 2",
    "people who asked": "SELECT count(DISTINCT contact_id) FROM tickets_ticket",
    "facts": "SELECT type, occurred_at, count(*) FROM api_externalfact GROUP BY 1, 2 ORDER BY 1, 2",
    "forms": "SELECT ticket_id, fields, answered_at FROM tickets_secureform ORDER BY id",
    "events": "SELECT type, ticket_id, contact_id, count(*) FROM core_event WHERE type NOT IN ('contact_erased') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
}  # fmt: skip


def counts() -> dict[str, list[Any]]:
    found = {}
    with connection.cursor() as cursor:
        for name, statement in COUNTS.items():
            cursor.execute(statement)
            found[name] = cursor.fetchall()
    return found


def test_every_count_is_what_it_was(firm: Firm) -> None:
    zenobia = a_life(firm)
    before = counts()
    privacy.erase(contact=zenobia, actor=SYSTEM, now=now())
    assert counts() == before


def test_a_ticket_that_grew_old_keeps_its_numbers_and_forgets_its_person(firm: Firm) -> None:
    zenobia = a_life(firm)
    ticket = Ticket.objects.filter(contact=zenobia).earliest("pk")
    before = counts()
    anonymise(ticket.pk)
    anonymise(ticket.pk)
    after = counts()
    for name in (
        "tickets by status and day",
        "messages by way and channel",
        "answers by ticket",
        "threads",
        "events",
    ):
        assert after[name] == before[name], name
    ticket.refresh_from_db()
    assert ticket.contact_id != zenobia.pk
    assert ticket.contact.name == ""
    assert not ticket.messages.exclude(text="").exists()
    zenobia.refresh_from_db()
    assert zenobia.name == NAME
    assert zenobia.identities.exists()


def test_what_must_wait_is_never_let_go_of(firm: Firm) -> None:
    """Raw input goes by age, but not while it waits to be applied or replayed."""
    from sportello.accounts import retention
    from sportello.channels.models import SpoolItem

    applied = arrive(firm.mail, mail_bytes("ada@casa.example"))
    parked, waiting = accept(firm.mail, mail_bytes("b@casa.example"), mail_bytes("c@casa.example"))
    from sportello.tickets import applier

    applier.park(parked, "Unreadable")
    gone = retention.let_go(now() + timedelta(days=4000))
    assert gone["raw"] == 1
    assert set(SpoolItem.objects.values_list("pk", flat=True)) == {parked, waiting}
    applied.refresh_from_db()
    assert applied.text
    path = f"/api/v1/messages/{applied.pk}/raw"
    assert firm.giulia.client.get(path).status_code == 404
    applier.replay([parked])
    applier.drain_all()
    assert Message.objects.filter(identity__address="b@casa.example").exists()


def test_the_page_of_an_erased_person_still_opens(firm: Firm) -> None:
    zenobia = a_life(firm)
    privacy.erase(contact=zenobia, actor=SYSTEM, now=now())
    shown = firm.admin.get(f"/contacts/{zenobia.pk}").json()
    assert (shown["name"], shown["identities"]) == ("", [])
    number = Ticket.objects.filter(contact=zenobia).earliest("pk").number
    assert firm.admin.get(f"/tickets/{number}/messages").status_code == 200
    client = Client()
    client.force_login(
        firm.admin.agent, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.get(f"/app/tickets/{number}").status_code == 200
    assert client.get(f"/app/contacts/{zenobia.pk}").status_code == 200


def test_files_that_nobody_sent_go_and_those_of_a_draft_stay(firm: Firm) -> None:
    from sportello.accounts import retention

    what: dict[str, Any] = {"agent": firm.giulia.agent, "content_type": "text/plain", "now": now()}
    lying, held = (
        uploads.take_in(name=f"{n}.txt", content=n.encode(), **what) for n in ("lying", "held")
    )
    actions.save_draft(
        ticket=firm.tickets["own"],
        agent=firm.giulia.agent,
        now=now(),
        text="x",
        file_keys=[held.key],
    )
    assert retention.let_go(now() + timedelta(days=8))["uploads"] == 1
    assert not type(lying).objects.filter(pk=lying.pk).exists()
    assert type(held).objects.filter(pk=held.pk).exists()
