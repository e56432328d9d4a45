"""What stands in public: hidden and shown, answered in private, and who the author turns out to be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sportello.accounts.models import Role
from sportello.channels import queries, secrets
from sportello.channels.models import Channel
from sportello.contacts.models import Contact, Identity
from sportello.core import operations
from sportello.core.actors import Actor
from sportello.core.clock import now
from sportello.core.models import Event
from sportello.tickets import actions, applier
from sportello.tickets.models import Delivery, DeliveryState, Message, Moderation, Thread, Ticket
from sportello.tickets.outbound import moderating
from sportello.tickets.ways.in_public import private_way
from tests import walk
from tests.vendors.cloud import Answer
from tests.vendors.graph import TOKEN, Graph, error
from tests.workspace.conftest import BACKEND

pytestmark = pytest.mark.django_db
PAGE = "1001"


@pytest.fixture
def cloud() -> Iterator[Graph]:
    with Graph() as graph:
        yield graph


@pytest.fixture
def shop(cloud: Graph) -> walk.Shop:
    shop = walk.open_shop()
    for provider in ("facebook", "messenger", "instagram"):
        settings = {
            "page_id": PAGE,
            "instagram_id": "178",
            "page_access_token": TOKEN,
            "app_secret": "app-secret-abcdef",
            "verify_token": "x",
            "api_base": cloud.url,
        }
        Channel.objects.create(
            provider=provider,
            name=provider,
            brand=shop.brand,
            sealed_settings=secrets.seal(settings),
        )
    queries.forget()
    return shop


def tell(provider: str, entry: dict[str, Any], account: str = PAGE) -> Message:
    body = {
        "object": "page",
        "entry": [{"id": account, "time": int(now().timestamp() * 1000), **entry}],
    }
    channel = Channel.objects.get(provider=provider)
    return walk.arrive(channel, json.dumps(body).encode(), source="webhook")


def comment(id: str = "901_77") -> Message:
    value = {
        "item": "comment",
        "verb": "add",
        "comment_id": id,
        "post_id": "1001_901",
        "from": {"id": "700", "name": "Ada"},
        "message": "My cup came broken!",
    }
    return tell("facebook", {"changes": [{"field": "feed", "value": value}]})


def writes_in_private(psid: str, text: str, mid: str) -> Message:
    event = {
        "sender": {"id": psid},
        "recipient": {"id": PAGE},
        "timestamp": int(now().timestamp() * 1000),
        "message": {"mid": mid, "text": text},
    }
    return tell("messenger", {"messaging": [event]})


def answered(shop: walk.Shop, message: Message) -> Delivery:
    actions.answer_in_private(
        message=message, text="Where shall we send a new one?", actor=shop.actor(), now=now()
    )
    walk.send_due()
    return Delivery.objects.latest("pk")


def test_a_talk_goes_on_in_private_in_the_same_ticket(shop: walk.Shop, cloud: Graph) -> None:
    said = comment()
    delivery = answered(shop, said)
    assert delivery.state == DeliveryState.SENT, delivery.reason
    assert cloud.posted[-1]["recipient"] == {"comment_id": "901_77"}
    back = writes_in_private("1254459154682919", "Via Roma 1", "m_x1")
    assert back.ticket_id == said.ticket_id
    assert Contact.objects.count() == 1
    kinds = set(Identity.objects.values_list("kind", "address"))
    assert kinds == {("facebook", "700"), ("messenger", "1254459154682919")}
    actions.reply(ticket=back.ticket, actor=shop.actor(), now=now(), text="Thank you.")
    walk.send_due()
    assert cloud.posted[-1]["recipient"] == {"id": "1254459154682919"}


def test_somebody_known_in_private_becomes_one_contact(shop: walk.Shop) -> None:
    earlier = writes_in_private("1254459154682919", "Are you open?", "m_x0")
    actions.set_status(ticket=earlier.ticket, status="closed", actor=shop.actor(), now=now())
    said = comment()
    answered(shop, said)
    assert Contact.objects.count() == 1
    back = writes_in_private("1254459154682919", "Via Roma 1", "m_x1")
    assert back.ticket_id == said.ticket_id
    assert {t.contact_id for t in Ticket.objects.all()} == {earlier.ticket.contact_id}


def test_it_can_be_answered_once_unless_that_failed(shop: walk.Shop, cloud: Graph) -> None:
    said = comment()
    cloud.script.append(error(10900, "Activity already replied to"))
    assert answered(shop, said).state == DeliveryState.FAILED
    said.refresh_from_db()
    assert answered(shop, said).state == DeliveryState.SENT
    said.refresh_from_db()
    with pytest.raises(actions.Unreachable):
        answered(shop, said)


def test_there_must_be_a_channel_for_it_and_time_left(shop: walk.Shop) -> None:
    said = comment()
    assert private_way(said, now=now())
    assert not private_way(said, now=now() + timedelta(days=8))
    Channel.objects.filter(provider="messenger").update(is_active=False)
    queries.forget()
    assert not private_way(said, now=now())


def test_a_lost_answer_is_found_by_its_echo_and_the_person_with_it(
    shop: walk.Shop, cloud: Graph
) -> None:
    said = comment()
    cloud.script.append(Answer(200, {}))
    delivery = answered(shop, said)
    assert delivery.state == DeliveryState.UNKNOWN
    echo = {
        "sender": {"id": PAGE},
        "recipient": {"id": "555"},
        "timestamp": int(now().timestamp() * 1000),
        "message": {
            "mid": "m_e",
            "is_echo": True,
            "text": "x",
            "metadata": f"sportello:{delivery.idempotency_key}",
        },
    }
    tell("messenger", {"messaging": [echo]})
    delivery.refresh_from_db()
    assert (delivery.state, delivery.external_id) == (DeliveryState.SENT, "m_e")
    assert writes_in_private("555", "Via Roma 1", "m_x1").ticket_id == said.ticket_id


def test_on_instagram_the_same_channel_and_the_same_id_carry_both(
    shop: walk.Shop, cloud: Graph
) -> None:
    value = {
        "id": "c9",
        "from": {"id": "842", "username": "ada"},
        "text": "Broken!",
        "media": {"id": "m"},
    }
    said = tell("instagram", {"changes": [{"field": "comments", "value": value}]}, account="178")
    public = Thread.objects.get()
    assert public.is_public
    assert public.window_until is None
    assert answered(shop, said).state == DeliveryState.SENT
    private = Thread.objects.exclude(pk=public.pk).get()
    assert private.ticket_id == said.ticket_id
    assert not private.is_public


def test_hiding_is_told_until_it_is_done(shop: walk.Shop, cloud: Graph) -> None:
    said = comment()
    actions.hide(message=said, actor=shop.actor(), now=now())
    row = Moderation.objects.get()
    cloud.script.append(Answer(500, b"oops"))
    moderating.tell(row.pk, now=now())
    row.refresh_from_db()
    assert row.due_at is not None
    assert row.due_at > now()
    moderating.tell(row.pk, now=now())
    moderating.tell(row.pk, now=now())
    row.refresh_from_db()
    assert (row.due_at, row.trouble, row.attempts) == (None, "", 2)
    assert cloud.calls[-1].json == {"is_hidden": True}
    actions.hide(message=said, actor=shop.actor(), now=now(), hidden=False)
    moderating.tell(row.pk, now=now())
    assert cloud.calls[-1].json == {"is_hidden": False}
    told = Event.objects.filter(type__startswith="message_").values_list("type", "actor")
    assert ("message_hidden", str(shop.actor())) in told
    assert ("message_shown", str(shop.actor())) in told


def test_a_refusal_says_why(shop: walk.Shop, cloud: Graph) -> None:
    actions.hide(message=comment(), actor=shop.actor(), now=now())
    cloud.script.append(error(200, "Permissions error", status=403))
    row = Moderation.objects.get()
    moderating.tell(row.pk, now=now())
    row.refresh_from_db()
    assert row.due_at is None
    assert "permission" in row.trouble


def test_only_who_may_answer_hides_and_only_what_is_public(shop: walk.Shop) -> None:
    light = walk.agent("elio", Role.LIGHT)
    with pytest.raises(actions.NotAllowed):
        actions.hide(message=comment(), actor=Actor.agent(light.pk), now=now())
    with pytest.raises(actions.BadValue):
        actions.hide(message=writes_in_private("5", "hello", "m_1"), actor=shop.actor(), now=now())
    assert operations.get("hide").writes_to_customer


def test_rules_hide_the_newest_public_word(shop: walk.Shop) -> None:
    said = comment()
    op = operations.get("hide")
    op.run(ticket=said.ticket, actor=shop.actor(), now=now(), params=op.params())
    assert Moderation.objects.get().message_id == said.pk
    applier.drain_all()


def test_the_page_offers_what_the_agent_may_do(shop: walk.Shop, client: Client) -> None:
    said = comment()
    number = said.ticket.number
    client.force_login(shop.giulia, backend=BACKEND)
    page = client.get(f"/app/tickets/{number}").content.decode()
    assert f"/app/tickets/{number}/do/hide" in page
    menu = client.get(f"/app/tickets/{number}/message/{said.pk}/menu?private=1")
    assert b"answer_in_private" in menu.content
    told = client.post(
        f"/app/tickets/{number}/do/answer_in_private", {"message": said.pk, "text": "Hello"}
    )
    assert told.status_code == 200
    assert Delivery.objects.get().recipient["kind"] == "comment"
    again = client.get(f"/app/tickets/{number}/message/{said.pk}/menu?private=1")
    assert again.status_code == 404
    client.force_login(walk.agent("elio", Role.LIGHT), backend=BACKEND)
    page = client.get(f"/app/tickets/{number}").content.decode()
    assert "do/hide" not in page
    refused = client.post(f"/app/tickets/{number}/do/hide", {"message": said.pk})
    assert refused.status_code == 403
