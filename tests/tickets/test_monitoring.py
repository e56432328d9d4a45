"""Monitor or engage: what strangers say becomes a ticket only where the channel wants it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from sportello.accounts.models import Grant, Role
from sportello.channels import queries, raw, secrets
from sportello.channels.contract import Address, Inbound
from sportello.channels.models import Channel, Engage
from sportello.channels.queries import mouths
from sportello.core.actors import Actor
from sportello.core.clock import now
from sportello.tickets import actions, applier
from sportello.tickets.inbound import monitoring
from sportello.tickets.inbound.monitoring import is_left_alone, watched
from sportello.tickets.models import Message, Monitored, Ticket
from tests import walk
from tests.workspace.conftest import BACKEND

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> walk.Shop:
    return walk.open_shop()


def comments(shop: walk.Shop, engage: str) -> Channel:
    settings = {
        "page_id": "1001",
        "page_access_token": "t",
        "app_secret": "s",
        "verify_token": "v",
    }
    made = Channel.objects.create(
        provider="facebook",
        name="Page",
        brand=shop.brand,
        engage=engage,
        sealed_settings=secrets.seal(settings),
    )
    queries.forget()
    return made


def says(channel: Channel, text: str, id: str, who: str = "700", **more: Any) -> None:
    value = {
        "item": "comment",
        "verb": "add",
        "comment_id": id,
        "post_id": "1001_901",
        "from": {"id": who, "name": "Ada"},
        "message": text,
        **more,
    }
    entry = {"id": "1001", "time": 1449135003, "changes": [{"field": "feed", "value": value}]}
    walk.accept(channel, json.dumps({"object": "page", "entry": [entry]}).encode())
    applier.drain_all()


def test_all_is_the_rule_unless_somebody_chooses(shop: walk.Shop) -> None:
    says(comments(shop, Engage.ALL), "Nice.", "c1")
    assert Ticket.objects.count() == 1
    assert not Monitored.objects.exists()


def test_only_what_wants_an_answer_becomes_a_ticket(shop: walk.Shop) -> None:
    channel = comments(shop, Engage.ADDRESSED)
    says(channel, "Nice.", "c1")
    says(channel, "Nice.", "c1")
    says(channel, "Are you open on Sunday?", "c2", who="701")
    assert [m.text for m in Message.objects.all()] == ["Are you open on Sunday?"]
    assert [m.external_id for m in Monitored.objects.all()] == ["c1"]


def test_a_talk_that_began_goes_on(shop: walk.Shop) -> None:
    channel = comments(shop, Engage.ADDRESSED)
    says(channel, "Are you open on Sunday?", "c1")
    says(channel, "Thank you.", "c2", parent_id="c1")
    says(channel, "I was there, lovely.", "c3", who="702", parent_id="c1")
    assert Ticket.objects.get().messages.count() == 2
    assert Monitored.objects.get().external_id == "c3"


def test_watching_makes_no_ticket_until_an_agent_wants_one(shop: walk.Shop) -> None:
    channel = comments(shop, Engage.NONE)
    says(channel, "It came broken! Who helps me?", "c1")
    assert not Ticket.objects.exists()
    row = Monitored.objects.get()
    (item,) = watched([channel.pk], before=None, most=10)
    assert item.inbound is not None
    assert item.inbound.text.startswith("It came broken")
    actions.open_monitored(monitored=row, actor=shop.actor(), now=now())
    actions.open_monitored(monitored=row, actor=shop.actor(), now=now())
    applier.drain_all()
    applier.drain_all()
    assert Ticket.objects.get().messages.get().external_id == "c1"
    assert not Monitored.objects.exists()
    says(channel, "It came broken! Who helps me?", "c1")
    assert Ticket.objects.count() == 1
    assert not Monitored.objects.exists()


def test_ratings_speak_for_themselves(shop: walk.Shop) -> None:
    channel = comments(shop, Engage.ADDRESSED)
    mouth = mouths()[channel.pk]

    def left_alone(**fields: Any) -> bool:
        said = Inbound("x", Address("facebook", "1"), is_public=True, **fields)
        return is_left_alone(mouth, said)

    assert left_alone(text="Great shop, what a pleasure?", rating=5)
    assert not left_alone(text="Meh.", rating=2)
    assert not left_alone(text="@shop look", addressed=True)
    assert left_alone(text="Look at this.")
    assert not left_alone(text="Quanto costa la tazzina")


def test_who_may_not_answer_there_opens_nothing(shop: walk.Shop) -> None:
    channel = comments(shop, Engage.NONE)
    says(channel, "Nice.", "c1")
    row = Monitored.objects.get()
    light = walk.agent("elio", Role.LIGHT)
    with pytest.raises(actions.NotAllowed):
        actions.open_monitored(monitored=row, actor=Actor.agent(light.pk), now=now())


def test_the_page_shows_and_opens_what_the_agent_may(shop: walk.Shop, client: Client) -> None:
    channel = comments(shop, Engage.NONE)
    says(channel, "Nice <b>cups</b>.", "c1")
    row = Monitored.objects.get()
    client.force_login(shop.giulia, backend=BACKEND)
    page = client.get("/app/monitored").content.decode()
    assert "Nice &lt;b&gt;cups&lt;/b&gt;." in page
    assert client.post(f"/app/monitored/{row.pk}").status_code == 302
    applier.drain_all()
    assert Ticket.objects.count() == 1
    says(channel, "Secret.", "c2")
    Grant.objects.filter(agent=shop.giulia).update(role=Role.LIGHT)
    assert "Secret." not in client.get("/app/monitored").content.decode()
    assert client.post(f"/app/monitored/{Monitored.objects.get().pk}").status_code == 404


def test_what_is_watched_goes_with_its_raw_original(shop: walk.Shop) -> None:
    channel = comments(shop, Engage.NONE)
    says(channel, "Nice.", "c1")
    raw.drop([Monitored.objects.get().item_id])
    assert list(watched([channel.pk], before=None, most=10)) == []
    monitoring.forget_old(now())
    assert not Monitored.objects.exists()
