"""From the wire to the ticket and back, with Graph's stand-in on the other side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sportello.channels import queries, secrets
from sportello.channels.models import Channel
from sportello.core.clock import now
from sportello.tickets import actions, applier
from sportello.tickets.inbound import media
from sportello.tickets.models import Attachment, DeliveryState, PendingMedia, Ticket
from tests import walk
from tests.providers.meta import test_facebook, test_messages, test_whatsapp
from tests.vendors.graph import Graph

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> walk.Shop:
    return walk.open_shop()


@pytest.fixture
def cloud() -> Iterator[Graph]:
    with Graph() as graph:
        yield graph


def open_channel(shop: walk.Shop, cloud: Graph, provider: str, settings: dict[str, Any]) -> Channel:
    made = Channel.objects.create(
        provider=provider,
        name=provider.title(),
        brand=shop.brand,
        sealed_settings=secrets.seal(settings | {"api_base": cloud.url}),
    )
    queries.forget()
    return made


def wire(data: Any) -> bytes:
    return json.dumps(data).encode()


def test_whatsapp_walks_in_and_out(shop: walk.Shop, cloud: Graph) -> None:
    channel = open_channel(shop, cloud, "whatsapp", test_whatsapp.SETTINGS)
    picture = test_whatsapp.said("image", {"id": "media-1", "mime_type": "image/jpeg", "caption": "Rotta"})  # fmt: skip
    message = walk.arrive(channel, wire(picture), wire(picture), source="webhook")
    ticket = Ticket.objects.get()
    assert message.text == "Rotta"
    kinds = set(ticket.contact.identities.values_list("kind", "address"))
    assert ("whatsapp", "IT.13491208655302741918") in kinds
    assert ("phone", "+393331234567") in kinds
    media.fetch(PendingMedia.objects.get().pk, now=now())
    assert Attachment.objects.get().content_type == "image/jpeg"

    actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="La cambiamo.")
    (delivery,) = walk.send_due()
    assert delivery.state == DeliveryState.SENT, delivery.reason
    assert cloud.posted[-1]["text"]["body"] == "La cambiamo."
    assert cloud.posted[-1]["recipient"] == "IT.13491208655302741918"

    told = {"id": delivery.external_id, "recipient_id": "393331234567"}
    for status in ("read", "delivered"):
        update = test_whatsapp.event(statuses=[told | {"status": status}])
        walk.accept(channel, wire(update), source="webhook")
    applier.drain_all()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.READ


def test_a_comment_is_answered_in_public(shop: walk.Shop, cloud: Graph) -> None:
    channel = open_channel(shop, cloud, "facebook", test_facebook.SETTINGS)
    walk.arrive(channel, wire(test_facebook.comment()), source="webhook")
    below = test_facebook.comment(comment_id="901_78", parent_id="901_77", message="Allora?")
    walk.arrive(channel, wire(below), source="webhook")
    ticket = Ticket.objects.get()
    actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="Fino alle 19.")
    (delivery,) = walk.send_due()
    assert delivery.state == DeliveryState.SENT, delivery.reason
    assert cloud.calls[-1].path == "/v25.0/901_77/comments"


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
def test_direct_messages_walk_in_and_out(shop: walk.Shop, cloud: Graph, kind: str) -> None:
    channel = open_channel(shop, cloud, kind, test_messages.SETTINGS)
    walk.arrive(channel, wire(test_messages.words("Ciao", "m_a")), source="webhook")
    walk.arrive(channel, wire(test_messages.words("ci siete?", "m_b")), source="webhook")
    ticket = Ticket.objects.get()
    actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="Eccoci.")
    (delivery,) = walk.send_due()
    assert delivery.state == DeliveryState.SENT, delivery.reason
    assert cloud.posted[-1]["recipient"] == {"id": "987654321432"}
    gone = test_messages.event(message={"mid": "m_b", "is_deleted": True})
    walk.arrive(channel, wire(gone), source="webhook")
    assert Ticket.objects.count() == 1


def test_half_a_surrogate_pair_costs_nobody_a_message(shop: walk.Shop, cloud: Graph) -> None:
    """JSON can spell it, PostgreSQL cannot store it."""
    channel = open_channel(shop, cloud, "whatsapp", test_whatsapp.SETTINGS)
    body = wire(test_whatsapp.said("text", {"body": "HALF"})).replace(
        b"HALF", b"a \\ud83d\\u0000 b"
    )
    assert walk.arrive(channel, body, source="webhook").text == "a ? b"
