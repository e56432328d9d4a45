"""From the wire to the ticket and back: each messaging app and text message service with its stand-in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sportello.channels import queries, secrets
from sportello.channels.models import Channel
from sportello.core.clock import now
from sportello.tickets import actions, applier
from sportello.tickets.inbound import media
from sportello.tickets.models import Attachment, Delivery, DeliveryState, PendingMedia, Ticket
from tests import walk
from tests.providers.cm import test_cm
from tests.providers.line import test_line
from tests.providers.telegram import test_telegram
from tests.providers.twilio import test_twilio
from tests.providers.viber import test_viber
from tests.providers.vonage import test_vonage
from tests.providers.webhook import test_webhook
from tests.vendors.cloud import Cloud
from tests.vendors.telegram import BotApi

pytestmark = pytest.mark.django_db

Reports = Callable[[str], list[bytes]]


def told(*events: dict[str, Any]) -> list[bytes]:
    return [json.dumps(event).encode() for event in events]


REPORTS: dict[str, Reports] = {
    "twilio": lambda id: [test_twilio.form(MessageSid=id, MessageStatus=s, To="+39340") for s in ("read", "delivered")],
    "vonage": lambda id: told(*({"message_uuid": id, "status": s} for s in ("read", "delivered"))),
    "viber": lambda id: told(*({"event": e, "timestamp": 1, "message_token": int(id), "user_id": "u"} for e in ("seen", "delivered"))),
    "webhook": lambda id: told(*({"type": "status", "message": id, "status": s} for s in ("read", "delivered"))),
    "cm": lambda id: told(*({"messages": {"msg": {"reference": id, "status": {"code": c}}}} for c in "42")),
}  # fmt: skip
SUITES = {
    suite.provider.kind: suite
    for suite in (
        test_telegram.TestTelegram, test_twilio.TestTwilio, test_vonage.TestVonage, test_cm.TestCm,
        test_line.TestLine, test_viber.TestViber, test_webhook.TestWebhook,
    )
}  # fmt: skip


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


@pytest.mark.parametrize("kind", sorted(SUITES))
def test_a_message_becomes_a_ticket_and_its_answer_leaves(shop: walk.Shop, kind: str) -> None:
    suite = SUITES[kind]()
    with suite.cloud() as cloud:
        channel = open_channel(shop, cloud, kind)
        body = suite.message("77", "Buongiorno")
        message = walk.arrive(channel, body, body, source="webhook")
        ticket = Ticket.objects.get()
        assert message.text == "Buongiorno"
        assert ticket.messages.count() == 1, "a redelivery is no second message"

        walk.arrive(channel, suite.message("78", "Ancora io"), source="webhook")
        assert Ticket.objects.count() == 1, "one person has one talk"

        actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="Eccoci.")
        (delivery,) = walk.send_due()
        assert delivery.state == DeliveryState.SENT, delivery.reason
        assert delivery.external_id
        assert "Eccoci." in cloud.calls[-1].body.decode() + str(cloud.calls[-1].form)

    reports = REPORTS[kind](delivery.external_id) if kind in REPORTS else []
    for report in reports:
        walk.accept(channel, report, source="webhook")
        applier.drain_all()
        assert Delivery.objects.get().state == DeliveryState.READ, "late reports go nowhere back"


def test_a_photo_is_fetched_and_kept(shop: walk.Shop) -> None:
    with BotApi() as cloud:
        cloud.files["f1"] = b"\x89PNG\r\n\x1a\n" + b"0" * 64
        channel = open_channel(shop, cloud, "telegram")
        update = test_telegram.message(photo=[{"file_id": "f1"}], caption="Rotta")
        walk.arrive(channel, *told(update), source="poll")
        media.fetch(PendingMedia.objects.get().pk, now=now())
    assert Attachment.objects.get().name == "photo.jpg"
