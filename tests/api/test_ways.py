"""Answering elsewhere through the API: which ways there are, the bridge, templates, buttons."""

from __future__ import annotations

from typing import Any

import pytest

from sportello.channels import queries, templates
from sportello.channels.contract import Template
from sportello.channels.models import Channel
from sportello.contacts.models import Identity
from sportello.core.clock import now
from sportello.tickets.models import Message, Ticket
from tests.api.company import Firm
from tests.walk import arrive, mail_bytes

TWILIO = {"account_sid": "AC1", "auth_token": "t", "from_number": "+39055"}
META = {"phone_number_id": "1", "access_token": "t", "app_secret": "s", "verify_token": "v"}


@pytest.fixture
def ticket(firm: Firm) -> Ticket:
    ticket = arrive(firm.mail, mail_bytes(subject="Tazza rotta")).ticket
    for kind, address in (("phone", "+390551234567"), ("whatsapp", "390551234567")):
        Identity.objects.create(
            contact_id=ticket.contact_id, kind=kind, address=address, proof="verified"
        )
    return ticket


def channel(firm: Firm, provider: str, settings: dict[str, Any], **more: Any) -> str:
    body = {"provider": provider, "name": provider, "settings": settings} | more
    made = firm.admin.post("/channels", body)
    assert made.status_code == 201, made.content
    return str(made.json()["id"])


def test_the_ways_say_price_window_and_why_not(firm: Firm, ticket: Ticket) -> None:
    sms = channel(firm, "twilio", TWILIO, price={"amount": 0.07})
    whatsapp = channel(firm, "whatsapp", META)
    found = firm.giulia.get(f"/tickets/{ticket.number}/ways").json()["items"]
    ways = {way["channel"]["id"]: way for way in found}
    assert found[0]["preferred"]
    assert ways[sms]["price"] == {"amount": 0.07, "currency": "EUR"}
    assert ways[sms]["open"]
    assert (ways[whatsapp]["open"], ways[whatsapp]["shut"]) == (False, "window")
    assert firm.light.get(f"/tickets/{ticket.number}/ways").status_code == 403


def test_a_reply_elsewhere_begins_with_the_bridge_that_was_asked_for(
    firm: Firm, ticket: Ticket
) -> None:
    sms = channel(firm, "twilio", TWILIO)
    path = f"/tickets/{ticket.number}/reply"
    own = firm.giulia.post(path, {"text": "Arriva.", "channel": sms, "bridge": "Da qui:"})
    assert own.json()["text"] == "Da qui:\n\nArriva."
    silent = firm.giulia.post(path, {"text": "Ecco.", "channel": sms, "bridge": True})
    assert silent.json()["text"] == "Ecco.", "he has been told"


def test_the_houses_bridge_and_none(firm: Firm, ticket: Ticket) -> None:
    sms = channel(firm, "twilio", TWILIO)
    path = f"/tickets/{ticket.number}/reply"
    told = firm.giulia.post(path, {"text": "Arriva.", "channel": sms, "bridge": True}).json()
    assert "Tazza rotta" in told["text"]
    Message.objects.filter(pk=told["id"]).delete()
    plain = firm.giulia.post(path, {"text": "Arriva.", "channel": sms}).json()
    assert plain["text"] == "Arriva."


def test_a_template_goes_where_words_may_not(firm: Firm, ticket: Ticket) -> None:
    public_id = channel(firm, "whatsapp", META)
    row = Channel.objects.get(public_id=public_id)
    templates.keep(row, [Template("ready", "it", "Ordine {{1}} pronto.", 1)], now=now())
    queries.forget()
    listed = firm.giulia.get(f"/channels/{public_id}/templates").json()["items"]
    assert listed == [
        {
            "name": "ready",
            "language": "it",
            "body": "Ordine {{1}} pronto.",
            "parameters": 1,
            "status": "approved",
        }
    ]
    path = f"/tickets/{ticket.number}/reply"
    words = firm.giulia.post(path, {"text": "Pronto!", "channel": public_id})
    assert words.status_code == 422
    use = {"name": "ready", "values": ["A-17"]}
    sent = firm.giulia.post(path, {"channel": public_id, "template": use})
    assert sent.status_code == 201
    assert sent.json()["text"] == "Ordine A-17 pronto."
    missing = {"name": "ready", "values": []}
    refused = firm.giulia.post(path, {"channel": public_id, "template": missing})
    assert refused.status_code == 422


def test_buttons_are_kept_beside_the_message(firm: Firm, ticket: Ticket) -> None:
    path = f"/tickets/{ticket.number}/reply"
    sent = firm.giulia.post(path, {"text": "Va bene?", "quick_replies": ["Sì", "No"]})
    assert sent.status_code == 201
    assert Message.objects.get(pk=sent.json()["id"]).meta["choices"] == ["Sì", "No"]
