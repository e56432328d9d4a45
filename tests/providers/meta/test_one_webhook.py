"""An app has one webhook for all that a page says: every channel gets what is its own, once."""

from __future__ import annotations

from typing import Any

import pytest

from sportello.channels import queries, secrets
from sportello.channels.models import Channel, SpoolItem
from sportello.tickets import applier
from sportello.tickets.models import Message
from tests import walk
from tests.providers.meta.fixtures import signed
from tests.providers.meta.test_walk import wire
from tests.vendors.graph import TOKEN

pytestmark = pytest.mark.django_db
PAGE, SECRET = "1001", "app-secret-abcdef"
BOTH: dict[str, Any] = {
    "object": "page",
    "entry": [
        {
            "id": PAGE,
            "time": 1457764198246,
            "messaging": [
                {
                    "sender": {"id": "842"},
                    "recipient": {"id": PAGE},
                    "timestamp": 1457764197627,
                    "message": {"mid": "m_1", "text": "In private"},
                }
            ],
            "changes": [
                {
                    "field": "feed",
                    "value": {
                        "item": "comment",
                        "verb": "add",
                        "comment_id": "901_77",
                        "post_id": "1001_901",
                        "from": {"id": "700", "name": "Ada"},
                        "message": "In public",
                    },
                }
            ],
        }
    ],
}


def page_channel(shop: walk.Shop, provider: str, page: str = PAGE, secret: str = SECRET) -> Channel:
    settings = {
        "page_id": page,
        "page_access_token": TOKEN,
        "app_secret": secret,
        "verify_token": "x",
    }
    made = Channel.objects.create(
        provider=provider, name=f"{provider} {page}", brand=shop.brand, sealed_settings=secrets.seal(settings)
    )  # fmt: skip
    queries.forget()
    return made


def arrive(channel: Channel, data: Any = BOTH) -> list[tuple[str, str]]:
    body = wire(data)
    walk.accept(channel, body, source="webhook", headers=dict(signed(body, SECRET).headers))
    applier.drain_all()
    rows = Message.objects.order_by("pk").values_list("channel__name", "text")
    return sorted(rows)


@pytest.fixture
def shop() -> walk.Shop:
    return walk.open_shop()


def test_each_channel_gets_its_own_once(shop: walk.Shop) -> None:
    messenger = page_channel(shop, "messenger")
    comments = page_channel(shop, "facebook")
    page_channel(shop, "messenger", page="2002")
    both = [("facebook 1001", "In public"), ("messenger 1001", "In private")]
    assert arrive(messenger) == both
    assert arrive(messenger) == both, "the vendor sends it again"
    assert arrive(comments) == both, "and to the other address, too"
    assert SpoolItem.objects.filter(source="sibling", channel=comments).count() == 2


def test_a_page_that_has_no_address_of_its_own_at_the_vendor_is_served(shop: walk.Shop) -> None:
    first = page_channel(shop, "messenger", page="2002")
    page_channel(shop, "messenger")
    assert arrive(first) == [("messenger 1001", "In private")]


def test_what_another_app_signed_is_not_handed_over(shop: walk.Shop) -> None:
    messenger = page_channel(shop, "messenger")
    page_channel(shop, "facebook", secret="another-app")
    assert arrive(messenger) == [("messenger 1001", "In private")]


def test_a_channel_that_is_off_gets_nothing(shop: walk.Shop) -> None:
    messenger = page_channel(shop, "messenger")
    Channel.objects.filter(pk=page_channel(shop, "facebook").pk).update(is_active=False)
    queries.forget()
    assert arrive(messenger) == [("messenger 1001", "In private")]


def test_several_numbers_share_the_webhook_of_a_business(shop: walk.Shop) -> None:
    from tests.providers.meta import test_whatsapp

    made = []
    for number in ("1122334455667", "999"):
        settings = test_whatsapp.SETTINGS | {"phone_number_id": number, "app_secret": SECRET}
        made.append(
            Channel.objects.create(
                provider="whatsapp",
                name=number,
                brand=shop.brand,
                sealed_settings=secrets.seal(settings),
            )
        )
    queries.forget()
    assert arrive(made[1], test_whatsapp.said("text", {"body": "Ciao"})) == [
        ("1122334455667", "Ciao")
    ]
