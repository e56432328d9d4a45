"""The link to a claimed address: looking changes nothing, the button proves and shows the conversation."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client

from sportello.channels import spool
from sportello.channels.contract import Raw
from sportello.contacts.models import Contact, Identity, Suggestion
from sportello.core.clock import now
from sportello.tickets import actions, applier
from sportello.tickets.identifying import proving
from sportello.tickets.models import Delivery, Proving
from tests import walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def link() -> str:
    shop = walk.open_shop()
    visitor = str(uuid.uuid4())
    said = {"id": str(uuid.uuid4()), "text": "Parole di Ada", "form": {"email": "ada@home.example"}}
    raw = Raw(json.dumps({"visitor": visitor, "say": said}).encode(), source="widget")
    spool.store([spool.SpoolItem(shop.chat.pk, f"visitor:{visitor}", (), raw)])
    applier.drain_all()
    ticket = walk.only_ticket()
    actions.note(ticket=ticket, actor=shop.actor(), now=now(), text="nota interna")
    message = actions.reply(
        ticket=ticket, actor=shop.actor(), now=now(), text="Parole di <b>Giulia</b>"
    )
    recipient = {"kind": "email", "address": "ada@home.example", "name": ""}
    delivery = Delivery(message=message, channel=shop.mail, recipient=recipient)
    return proving.link_for(delivery).removeprefix("http://localhost:8000")


def test_looking_changes_nothing_and_shows_no_word(link: str) -> None:
    answer = Client().get(link)
    assert answer.status_code == 200
    assert "Parole" not in answer.content.decode()
    assert Identity.objects.get(kind="email").proof == "claimed"
    assert Proving.objects.get().used_at is None
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"
    Client().head(link)
    assert Proving.objects.get().used_at is None


def test_the_button_proves_and_shows_the_conversation_without_notes(link: str) -> None:
    page = Client().post(link).content.decode()
    assert Identity.objects.get(kind="email").proof == "verified"
    assert "Parole di Ada" in page
    assert "Parole di &lt;b&gt;Giulia&lt;/b&gt;" in page
    assert "nota interna" not in page


def test_whoever_has_the_address_already_is_suggested_and_nobody_merged(link: str) -> None:
    owner = Contact.objects.create(name="Ada")
    Identity.objects.create(
        contact=owner, kind="email", address="ada@home.example", proof="verified"
    )
    Client().post(link)
    row = Suggestion.objects.get()
    assert owner.pk in {row.first_id, row.second_id}
    assert [reason["reason"] for reason in row.reasons] == ["proved"]
    assert set(Identity.objects.filter(kind="email").values_list("proof", flat=True)) == {
        "claimed",
        "verified",
    }


def test_the_button_needs_our_own_page(link: str) -> None:
    assert Client(enforce_csrf_checks=True).post(link).status_code == 403
    assert Identity.objects.get(kind="email").proof == "claimed"


@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 4000])
def test_a_made_up_or_old_token_opens_nothing(link: str, token: str) -> None:
    assert Client().get(f"/proof/{token}").status_code == 404
    assert Client().post(f"/proof/{token}").status_code == 404
    Proving.objects.update(expires_at=now() - timedelta(seconds=1))
    assert Client().post(link).status_code == 404
    assert Identity.objects.get(kind="email").proof == "claimed"
