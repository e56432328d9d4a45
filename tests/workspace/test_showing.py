"""What strangers write is shown as text, wherever it appears; mail stays in its frame."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sportello.contacts.models import Contact, Identity, Organization
from sportello.core.actors import Actor
from sportello.core.clock import now
from sportello.core.events import event_types
from sportello.core.models import Event
from sportello.core.richtext import clean
from sportello.tickets.models import Message, Participant, Thread, Ticket
from sportello.workspace.story.names import Names
from sportello.workspace.story.sentences import line
from tests.workspace.conftest import Desk

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"


def test_every_field_is_escaped_on_every_page(desk: Desk) -> None:
    ticket = desk.tickets["public"]
    organization = Organization.objects.create(name=EVIL)
    Contact.objects.filter(pk=ticket.contact_id).update(
        name=EVIL, notes=EVIL, organization=organization
    )
    Identity.objects.filter(contact=ticket.contact_id).update(
        display=EVIL, how=EVIL[:60], address=EVIL
    )
    Ticket.objects.filter(pk=ticket.pk).update(
        subject=EVIL, preview=EVIL, tags=[EVIL[:64]], language="<b>"
    )
    Message.objects.filter(ticket=ticket).update(
        text=EVIL,
        quoted=EVIL,
        subject=EVIL,
        author_name=EVIL,
        meta={"to": [{"address": EVIL}], "cc": [{"address": EVIL}]},
        is_held=True,
    )
    Participant.objects.create(
        thread=Thread.objects.get(ticket=ticket),
        address=EVIL,
        name=EVIL,
        added_by="mail",
        is_active=False,
    )
    client = desk.client("agent")
    number = ticket.number
    for url in (
        f"/app/tickets/{number}", f"/app/tickets/{number}/live", "/app/inbox/all", f"/app/inbox/all?tag={EVIL}&q={EVIL}", "/app/contacts",
        f"/app/contacts/{ticket.contact_id}", f"/app/tickets/{number}/menu/tags", f"/app/tickets/{number}/history",
    ):  # fmt: skip
        page = client.get(url).content.decode()
        assert "<script>alert" not in page, url
        assert "<img src=x" not in page, url


def test_a_mail_in_its_frame_runs_nothing_and_fetches_nothing(desk: Desk) -> None:
    ticket = desk.tickets["public"]
    message = Message.objects.get(ticket=ticket)
    html = clean(
        '<p onclick="x()">Ciao<script>1</script><img src="https://tracker.example/p.png"></p>'
    ).html
    Message.objects.filter(pk=message.pk).update(html=html, remote_images=1)
    address = reverse("workspace:mail", args=[ticket.number, message.pk])
    shown = desk.client("agent").get(address)
    policy = shown.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert "https:" not in policy
    assert ' src="https://tracker' not in shown.content.decode()
    asked = desk.client("agent").get(address + "?images=1")
    assert "tracker.example" not in asked.content.decode()
    assert f' src="{address}/image?u=' in asked.content.decode()
    assert "allow-scripts" not in asked.headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_every_declared_fact_has_a_sentence() -> None:
    for name, declared in event_types().items():
        for payload in ({}, dict.fromkeys(declared.payload, 1), dict.fromkeys(declared.payload)):
            event = Event(
                type=name,
                ticket_id=1,
                actor=str(Actor("system")),
                payload=payload,
                occurred_at=now(),
            )
            assert line(event, Names.of([event])).text


def test_pages_carry_a_nonce_and_no_inline_code(desk: Desk) -> None:
    response = desk.client("agent").get(f"/app/tickets/{desk.tickets['public'].number}")
    page = response.content.decode()
    assert "nonce-" in response.headers["Content-Security-Policy"]
    assert " style=" not in page
    assert " onclick=" not in page
    assert "<style" not in page
