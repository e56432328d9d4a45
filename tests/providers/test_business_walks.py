"""From the wire to the ticket and back: Slack, Teams, RCS and Apple, each with its stand-in."""

from __future__ import annotations

from typing import Any

import pytest

from sportello.channels import queries, secrets
from sportello.channels.models import Channel
from sportello.core.clock import now
from sportello.tickets import actions, applier
from sportello.tickets.inbound import media
from sportello.tickets.models import (
    Attachment,
    Delivery,
    DeliveryState,
    Message,
    PendingMedia,
    Ticket,
)
from tests import walk
from tests.providers.apple import test_apple
from tests.providers.rcs import test_rcs
from tests.providers.slack import test_slack
from tests.providers.teams import test_teams
from tests.vendors.apple import Gateway
from tests.vendors.cloud import Cloud
from tests.vendors.slack import WebApi
from tests.vendors.teams import BotFramework

pytestmark = pytest.mark.django_db

SUITES: dict[str, Any] = {
    "slack": test_slack.TestSlack,
    "teams": test_teams.TestTeams,
    "rcs": test_rcs.TestRcs,
    "apple": test_apple.TestApple,
}


@pytest.fixture
def shop() -> walk.Shop:
    return walk.open_shop()


def open_channel(shop: walk.Shop, cloud: Cloud, kind: str) -> Channel:
    settings = SUITES[kind]().at(cloud)
    made = Channel.objects.create(
        provider=kind, name=kind.title(), brand=shop.brand, sealed_settings=secrets.seal(settings)
    )
    queries.forget()
    return made


def said(kind: str, cloud: Any, id: str, text: str) -> bytes:
    """A message of one person; Teams tells in it where to answer."""
    if kind == "teams":
        return test_teams.activity(id=id, text=text, serviceUrl=cloud.service)
    body: bytes = SUITES[kind]().message(id, text)
    return body


@pytest.mark.parametrize("kind", sorted(SUITES))
def test_a_message_becomes_a_ticket_and_its_answer_leaves(shop: walk.Shop, kind: str) -> None:
    with SUITES[kind]().cloud() as cloud:
        channel = open_channel(shop, cloud, kind)
        body = said(kind, cloud, "a1", "Buongiorno")
        message = walk.arrive(channel, body, body, source="webhook")
        assert message.text == "Buongiorno"
        assert Ticket.objects.get().messages.count() == 1, "a redelivery is no second message"
        walk.arrive(channel, said(kind, cloud, "a2", "Ancora io"), source="webhook")
        ticket = Ticket.objects.get()
        actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="Eccoci.")
        (delivery,) = walk.send_due()
        assert delivery.state == DeliveryState.SENT, delivery.reason
        assert delivery.external_id


def test_receipts_of_rcs_find_their_message_in_any_order(shop: walk.Shop) -> None:
    with test_rcs.Rbm() as cloud:
        channel = open_channel(shop, cloud, "rcs")
        walk.arrive(channel, test_rcs.news(text="Ciao"), source="webhook")
        actions.reply(ticket=Ticket.objects.get(), actor=shop.actor(), now=now(), text="Eccoci.")
        (delivery,) = walk.send_due()
    for event in ("READ", "DELIVERED"):
        news = test_rcs.news(eventType=event, eventId=event, messageId=delivery.external_id)
        walk.accept(channel, news, source="webhook")
        applier.drain_all()
        assert Delivery.objects.get().state == DeliveryState.READ


def test_each_thread_of_slack_is_a_ticket_and_an_edit_is_no_message(shop: walk.Shop) -> None:
    with WebApi() as cloud:
        channel = open_channel(shop, cloud, "slack")
        first = test_slack.body(ts="1763800000.000100", text="Caio, la tazza")
        second = test_slack.body(ts="1763800001.000100", text="Altra cosa")
        below = test_slack.body(
            ts="1763800002.000100", thread_ts="1763800000.000100", text="È rotta"
        )
        walk.arrive(channel, first, second, below, source="webhook")
        assert [t.messages.count() for t in Ticket.objects.order_by("pk")] == [2, 1]

        was = {"user": "U1", "user_team": "T_THEIRS", "text": "Caio, la tazza", "ts": "1763800000.000100"}  # fmt: skip
        edit = {"message": was | {"text": "Ciao, la tazza", "edited": {"ts": "1763800003.0"}}, "previous_message": was}  # fmt: skip
        walk.accept(channel, test_slack.body(subtype="message_changed", **edit), source="webhook")
        applier.drain_all()
        assert Message.objects.order_by("pk")[0].text == "Ciao, la tazza"
        assert Message.objects.count() == 3

        ticket = Ticket.objects.order_by("pk")[0]
        actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="La cambiamo.")
        walk.send_due()
        assert cloud.calls[-1].json["thread_ts"] == "1763800000.000100"


def test_a_picture_of_teams_is_fetched_with_the_token_and_kept(shop: walk.Shop) -> None:
    with BotFramework() as cloud:
        cloud.pictures["1"] = b"\x89PNG\r\n\x1a\n" + b"0" * 64
        channel = open_channel(shop, cloud, "teams")
        where = f"{cloud.service}v3/attachments/1/views/original"
        picture = {"contentType": "image/png", "contentUrl": where, "name": "rotta.png"}
        body = test_teams.activity(attachments=[picture], serviceUrl=cloud.service)
        walk.arrive(channel, body, source="webhook")
        media.fetch(PendingMedia.objects.get().pk, now=now())
    assert Attachment.objects.get().name == "rotta.png"


def test_who_deletes_the_conversation_at_apple_has_solved_the_ticket(shop: walk.Shop) -> None:
    with Gateway() as cloud:
        channel = open_channel(shop, cloud, "apple")
        walk.arrive(channel, test_apple.said(), source="webhook")
        walk.accept(channel, test_apple.said(type="close", id="c1", body=None), source="webhook")
        applier.drain_all()
    assert Ticket.objects.get().status == "solved"
