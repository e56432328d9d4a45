"""From what strangers can read to the ticket and back: X, and the reviews of three shops."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sportello.channels import queries, secrets
from sportello.channels.models import Channel, Engage
from sportello.channels.providers.x.provider import sign
from sportello.core.clock import now
from sportello.tickets import actions, applier
from sportello.tickets.models import DeliveryState, Direction, Message, Ticket
from tests import walk
from tests.providers.conformance import impatient
from tests.providers.reviews import test_app_store, test_google_play, test_trustpilot
from tests.providers.reviews.suite import EARLY, ReviewConformance
from tests.providers.x import test_x
from tests.vendors.reviews import Reviewed
from tests.vendors.x import US, XApi

pytestmark = pytest.mark.django_db
SUITES: dict[str, type[ReviewConformance]] = {
    "google_play": test_google_play.TestGooglePlay,
    "app_store": test_app_store.TestAppStore,
    "trustpilot": test_trustpilot.TestTrustpilot,
}


@pytest.fixture
def shop() -> walk.Shop:
    return walk.open_shop()


def open_channel(shop: walk.Shop, kind: str, settings: dict[str, Any]) -> Channel:
    made = Channel.objects.create(
        provider=kind, name=kind.title(), brand=shop.brand, sealed_settings=secrets.seal(settings)
    )
    queries.forget()
    return made


def look(channel: Channel, cursor: dict[str, Any]) -> dict[str, Any]:
    """What the fetcher's thread does with one look."""
    for raw, reached in channel.code.poll(channel.settings, cursor, impatient(3)):
        cursor = json.loads(json.dumps(reached))
        if raw.body:
            walk.accept(channel, raw.body, source="poll")
    applier.drain_all()
    return cursor


def answer(shop: walk.Shop, ticket: Ticket, text: str) -> str:
    actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text=text)
    (delivery,) = walk.send_due()
    assert delivery.state == DeliveryState.SENT, delivery.reason
    return delivery.external_id


@pytest.mark.parametrize("kind", sorted(SUITES))
def test_a_review_is_a_ticket_with_a_public_answer(shop: walk.Shop, kind: str) -> None:
    suite = SUITES[kind]()
    with suite.reviewed(suite.item("r1", "Bella", 5)) as cloud:
        channel = open_channel(shop, kind, suite.at(cloud) | {"since": EARLY, "every_minutes": 0})
        cursor = look(channel, {})
        ticket = Ticket.objects.get()
        assert ticket.messages.get().meta["public"]

        cloud.reviews = [suite.item("r1", "Ora si blocca", 1)]
        cursor = look(channel, cursor)
        assert Ticket.objects.count() == 1, "an edited review is the same ticket"
        assert "Ora si blocca" in ticket.messages.latest("pk").text

        answer(shop, ticket, "Ci scusiamo, la sistemiamo.")
        assert cloud.answers == {"r1": "Ci scusiamo, la sistemiamo."}
        _answered(suite, cloud)
        look(channel, cursor)
    assert Message.objects.filter(direction=Direction.OUT).count() == 1, "our answer is known"
    assert Message.objects.filter(direction=Direction.IN).count() == 2


def test_praise_can_be_left_to_itself(shop: walk.Shop) -> None:
    """The channel's rule: only low ratings and questions become tickets."""
    suite = test_trustpilot.TestTrustpilot()
    praise, blame, question = (
        suite.item("r1", "Bella", 5),
        suite.item("r2", "Pessima", 2),
        suite.item("r3", "Bella, ma si può pagare alla consegna?", 5),
    )
    with suite.reviewed(praise, blame, question) as cloud:
        channel = open_channel(shop, "trustpilot", suite.at(cloud) | {"since": EARLY})
        channel.engage = Engage.ADDRESSED
        channel.save()
        queries.forget()
        look(channel, {})
    refs = set(Ticket.objects.values_list("threads__external_ref", flat=True))
    assert refs == {"r2", "r3"}


def _answered(suite: ReviewConformance, cloud: Reviewed) -> None:
    """Our answer stands below the review from now on, as the vendor lists it."""
    item, text = cloud.reviews[0], cloud.answers["r1"]
    listed = suite.answered(cloud, "r1", item, text)
    cloud.reviews = [listed.get("data", listed)]


def test_a_conversation_of_posts_is_one_ticket(shop: walk.Shop) -> None:
    with XApi() as cloud:
        channel = open_channel(shop, "x", test_x.SETTINGS | {"api_base": cloud.url})
        walk.arrive(channel, wire(test_x.post(id="900", conversation_id="800")), source="webhook")
        ticket = Ticket.objects.get()
        ours = answer(shop, ticket, "Ci dica.")
        below = {"id": "960", "conversation_id": "800", "in_reply_to_tweet_id": ours}
        walk.arrive(channel, wire(test_x.reply(**below, edit_history_tweet_ids=["960"])), source="webhook")  # fmt: skip
        assert Ticket.objects.count() == 1
        answer(shop, ticket, "Ecco.")
        targets = [b["reply"]["in_reply_to_tweet_id"] for b in cloud.posted("/2/tweets")]
    assert targets == ["900", "960"], "always below the customer's newest post"


def test_what_we_post_in_the_app_joins_the_conversation_once(shop: walk.Shop) -> None:
    with XApi() as cloud:
        channel = open_channel(shop, "x", test_x.SETTINGS | {"api_base": cloud.url})
        walk.arrive(channel, wire(test_x.post()), source="webhook")
        ticket = Ticket.objects.get()
        ours = {"author_id": US, "in_reply_to_user_id": test_x.ADA, "conversation_id": "900"}
        sent = answer(shop, ticket, "Da qui.")
        for id in (sent, "977", "977"):
            walk.accept(channel, wire(test_x.post("post.create", id=id, **ours)), source="webhook")
        applier.drain_all()
    assert ticket.messages.filter(direction=Direction.OUT).count() == 2, "ours and the app's"


def test_messages_and_posts_are_kept_apart(shop: walk.Shop) -> None:
    """Nothing said in private may be answered in public."""
    with XApi() as cloud:
        channel = open_channel(shop, "x", test_x.SETTINGS | {"api_base": cloud.url})
        walk.arrive(channel, wire(test_x.post()), source="webhook")
        message = walk.arrive(channel, wire(test_x.direct("Il mio IBAN è…")), source="webhook")
        answer(shop, message.ticket, "Grazie.")
        assert cloud.posted("/2/tweets") == []
        assert cloud.posted(f"/2/dm_conversations/with/{test_x.ADA}/messages")
    assert message.thread is not None
    assert message.thread.external_ref == ""
    assert Ticket.objects.values("contact").distinct().count() == 1


def test_the_author_of_a_post_is_answered_in_private_in_the_same_ticket(shop: walk.Shop) -> None:
    with XApi() as cloud:
        channel = open_channel(shop, "x", test_x.SETTINGS | {"api_base": cloud.url})
        recent = {"created_at": now().isoformat()}
        post = walk.arrive(channel, wire(test_x.post(**recent)), source="webhook")
        actions.answer_in_private(message=post, text="Che numero?", actor=shop.actor(), now=now())
        (delivery,) = walk.send_due()
        assert delivery.state == DeliveryState.SENT, delivery.reason
        (said,) = cloud.posted(f"/2/dm_conversations/with/{test_x.ADA}/messages")
        assert said == {"text": "Che numero?"}
        answer = walk.arrive(channel, wire(test_x.direct("IT-1042")), source="webhook")
    assert answer.ticket_id == post.ticket_id
    assert Ticket.objects.count() == 1


def test_one_webhook_serves_the_accounts_of_all_channels_of_an_app(shop: walk.Shop) -> None:
    first = open_channel(shop, "x", test_x.SETTINGS)
    other = test_x.SETTINGS | {"access_token": "3333333333333333333-abc"}
    second = open_channel(shop, "x", other)
    event = test_x.direct("Ciao", "77")
    event["data"]["filter"] = {"user_id": "3333333333333333333"}
    body = wire(event)
    signed = {"x-twitter-webhooks-signature": sign(body, other["api_key_secret"])}
    walk.accept(first, body, source="webhook", headers=signed)
    applier.drain_all()
    applier.drain_all()
    assert Message.objects.get().channel_id == second.pk


def wire(data: Any) -> bytes:
    return json.dumps(data).encode()
