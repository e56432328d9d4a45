"""C12: which channels a customer is offered, when, in which words, and where that is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from sportello.accounts.models import Agent, Brand
from sportello.channels import actions, offers, registry, webchats
from sportello.channels.models import Channel
from sportello.channels.offers import Asker
from sportello.contacts.models import Contact, Organization
from sportello.contacts.queries import asker_of
from sportello.core import clock
from sportello.core.models import AuditEntry
from sportello.hours.models import Calendar
from tests import walk
from tests.settings.conftest import BACKEND
from tests.walk import Shop

ROME = ZoneInfo("Europe/Rome")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ROME)
SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=ROME)


@pytest.fixture
def shop(db: None) -> Shop:
    made = walk.open_shop()
    week = {str(day): [["09:00", "19:00"]] for day in range(5)}
    calendar = Calendar.objects.create(name="Ufficio", weekly=week)
    Channel.objects.filter(pk__in=[made.mail.pk, made.chat.pk]).update(calendar=calendar)
    return made


def kinds(shop: Shop, at: datetime, asker: Asker = offers.NOBODY) -> list[str]:
    return [w.channel.provider for w in offers.offered(at, brand=shop.brand.pk, asker=asker)]


def test_hours_and_rules_decide_what_is_offered(shop: Shop) -> None:
    assert kinds(shop, SUNDAY) == ["email", "webchat"]
    actions.offer_channel(channel=shop.chat, rule="hours")
    assert kinds(shop, SUNDAY) == ["email"]
    assert kinds(shop, MONDAY) == ["email", "webchat"]
    later = next(w for w in offers.ways(SUNDAY, brand=shop.brand.pk) if not w.is_offered)
    assert later.opens == MONDAY.replace(hour=9)
    actions.offer_channel(channel=shop.mail, rule="never")
    assert kinds(shop, MONDAY) == ["webchat"]
    assert [w.channel.pk for w in offers.ways(SUNDAY, brand=shop.brand.pk)] == [shop.chat.pk]


def test_free_means_that_an_agent_of_the_channel_says_so(shop: Shop) -> None:
    actions.offer_channel(channel=shop.chat, rule="free")
    assert "webchat" in kinds(shop, MONDAY)
    Agent.objects.filter(pk=shop.giulia.pk).update(is_available=False)
    assert "webchat" in kinds(shop, MONDAY)
    Agent.objects.update(is_available=False)
    assert "webchat" not in kinds(shop, MONDAY)
    other = Brand.objects.create(name="Altra", slug="altra")
    walk.agent("altrove", "agent", brand=other)
    assert "webchat" not in kinds(shop, MONDAY)


def test_some_customers_only(shop: Shop) -> None:
    actions.offer_channel(
        channel=shop.chat, rule="always", only_for=["tier=gold"], organizations=[7]
    )
    assert kinds(shop, MONDAY) == ["email"]
    assert "webchat" in kinds(shop, MONDAY, Asker(organization=7))
    assert "webchat" not in kinds(shop, MONDAY, Asker(organization=8, facts={"tier": "base"}))
    assert "webchat" in kinds(shop, MONDAY, Asker(facts={"tier": " Gold"}))
    actions.offer_channel(channel=shop.chat, rule="always", only_for=["VIP"])
    assert "webchat" not in kinds(shop, MONDAY, Asker(facts={"VIP": ""}))
    organization = Organization.objects.create(name="Hotel", custom={"tier": "gold"})
    ada = Contact.objects.create(name="Ada", segments=["vip"], organization=organization)
    assert "webchat" in kinds(shop, MONDAY, asker_of(ada))
    actions.offer_channel(channel=shop.chat, rule="always", only_for=["tier=gold"])
    assert "webchat" in kinds(shop, MONDAY, asker_of(ada))


def test_order_channels_that_are_off_and_other_brands(shop: Shop) -> None:
    actions.offer_channel(channel=shop.chat, rule="always", place=1)
    assert kinds(shop, MONDAY) == ["webchat", "email"]
    actions.switch(channel=shop.chat, on=False)
    other = Brand.objects.create(name="Altra", slug="altra")
    Channel.objects.create(
        provider="email", name="X", brand=other, plain_settings={"address": "x@altra.example"}
    )
    assert kinds(shop, MONDAY) == ["email"]


@pytest.mark.parametrize(
    ("kind", "shown", "link"),
    [
        ("email", "help@shop.example", "mailto:help@shop.example"),
        ("whatsapp", "+39 055 123 456", "https://wa.me/39055123456"),
        ("telegram", "@bottega_bot", "https://t.me/bottega_bot"),
        ("twilio", "+39 055 123 456", "sms:+39055123456"),
        ("twilio", "Bottega", ""),
        ("telegram", "https://t.me/x", "https://t.me/x"),
        ("telegram", 'x"><script>', "https://t.me/x%22%3E%3Cscript%3E"),
        ("slack", "#aiuto", ""),
        ("email", "javascript:alert(1)", "mailto:javascript%3Aalert%281%29"),
    ],
)
def test_what_customers_see_becomes_a_link(kind: str, shown: str, link: str) -> None:
    assert offers.link_of(registry.get(kind), shown) == link


def test_the_contact_page_shows_what_is_on_and_when_the_rest_opens(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: SUNDAY)
    words = {"it": "Per urgenze", "en": "For emergencies"}
    actions.offer_channel(channel=shop.chat, rule="hours", use_case=words)
    Channel.objects.create(provider="whatsapp", name="WA", brand=shop.brand)
    italian = Client().get("/contact", headers={"accept-language": "it-IT,it"})
    page = italian.content.decode()
    assert italian.status_code == 200
    assert "mailto:help@shop.example" in page
    assert "Per urgenze" in page
    assert "domani alle 09:00" in page
    assert "widget.js" not in page
    assert "WhatsApp" not in page, "nobody said which number"
    wa = Channel.objects.get(provider="whatsapp")
    actions.offer_channel(channel=wa, rule="always", shown="+39 055 123456")
    english = Client().get("/contact/shop?lang=en").content.decode()
    assert "For emergencies" in english
    assert "https://wa.me/39055123456" in english
    assert "<svg" in english
    assert Client().get("/contact/nobody").status_code == 404
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    assert "widget.js" in Client().get("/contact").content.decode()


def test_the_chat_names_other_ways(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    actions.offer_channel(channel=shop.mail, rule="hours", use_case={"it": "Con allegati"})
    chat = webchats.site_chat(shop.chat.public_id)
    assert chat
    assert chat.face(MONDAY)["ways"] == [
        {"name": "E-mail", "hint": "Con allegati", "link": "mailto:help@shop.example"}
    ]


def test_two_channels_of_a_kind_are_told_apart(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    Channel.objects.create(
        provider="email", name="Resi", brand=shop.brand, plain_settings={"address": "resi@shop.example"}
    )  # fmt: skip
    Channel.objects.filter(pk=shop.mail.pk).update(name="E-mail")
    page = Client().get("/contact?lang=it").content.decode()
    assert "<h2>E-mail · Resi</h2>" in page
    assert "<h2>E-mail · help@shop.example</h2>" in page, "a name that says no more than the kind"
    assert "<h2>Chat</h2>" in page, "one of its kind needs no name"
    chat = webchats.site_chat(shop.chat.public_id)
    assert chat
    ways: Any = chat.face(MONDAY)["ways"]
    assert [way["name"] for way in ways] == ["E-mail · help@shop.example", "E-mail · Resi"]


def test_the_form_saves_audits_and_refuses(shop: Shop, settings) -> None:  # type: ignore[no-untyped-def]
    settings.SPORTELLO_DEMO = True
    client = Client()
    client.force_login(walk.agent("boss", "administrator"), backend=BACKEND)
    where = f"/app/settings/channels/{shop.mail.pk}/offer"
    good = {"rule": "hours", "place": "3", "only_for": "tier = gold", "use_case_it": "Per i resi"}
    assert client.post(where, good).status_code == 302
    offer = shop.mail.offer
    assert (offer.rule, offer.place, offer.only_for) == ("hours", 3, ["tier=gold"])
    assert offer.use_case == {"it": "Per i resi"}
    entry = AuditEntry.objects.get(action="channel.offered")
    assert entry.changes["rule"] == ["always", "hours"]
    bad = client.post(where, good | {"only_for": "tier="})
    assert bad.status_code == 422
    assert bad.context["offer"].errors["only_for"]
    assert (
        'value="hours" selected'
        in client.get(f"/app/settings/channels/{shop.mail.pk}").content.decode()
    )
