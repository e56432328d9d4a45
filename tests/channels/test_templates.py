"""Approved templates: kept as the vendor has them now, offered while approved, never lost to a failed call."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from sportello.channels import actions, queries, registry, templates
from sportello.channels.contract import Template
from sportello.channels.models import ApprovedText, Channel
from sportello.core.clock import now
from sportello.core.models import AuditEntry
from tests.settings.conftest import Company, company  # noqa: F401  (a fixture)
from tests.vendors.graph import TOKEN, Graph
from tests.walk import open_shop

pytestmark = pytest.mark.django_db


def whatsapp(**settings: str) -> Channel:
    shop = open_shop()
    return actions.create_channel(
        provider="whatsapp",
        name="WhatsApp",
        brand=shop.brand,
        settings={
            "phone_number_id": "1",
            "access_token": TOKEN,
            "app_secret": "s",
            "verify_token": "v",
            "waba_id": "2",
            **settings,
        },
    )


def test_a_sync_replaces_what_was_known() -> None:
    channel = whatsapp()
    first = [Template("hello", "it", "Ciao {{1}}", 1), Template("old", "it", "Vecchio")]
    templates.keep(channel, first, now=now())
    again = [Template("hello", "it", "Buongiorno {{1}}", 1), Template("hello", "en", "Hi {{1}}", 1)]
    templates.keep(channel, again, now=now() + timedelta(seconds=1))
    kept = {(t.name, t.language): t.body for t in ApprovedText.objects.all()}
    assert kept == {("hello", "it"): "Buongiorno {{1}}", ("hello", "en"): "Hi {{1}}"}


def test_only_approved_ones_are_offered_and_a_name_alone_must_be_clear() -> None:
    channel = whatsapp()
    listed = [
        Template("hello", "it", "Ciao"),
        Template("hello", "en", "Hi"),
        Template("bye", "it", "A presto"),
        Template("new", "it", "Nuovo", status="pending"),
    ]
    templates.keep(channel, listed, now=now())
    assert {t.name for t in templates.offered(channel.pk)} == {"hello", "bye"}
    assert templates.chosen(channel.pk, "new") is None
    assert templates.chosen(channel.pk, "hello") is None
    assert templates.chosen(channel.pk, "hello", "en") is not None
    assert templates.chosen(channel.pk, "bye") is not None


def test_a_vendor_who_does_not_answer_costs_nothing_that_was_known() -> None:
    channel = whatsapp(api_base="http://127.0.0.1:9")
    templates.keep(channel, [Template("hello", "it", "Ciao")], now=now())
    with pytest.raises(templates.NotFetched):
        templates.sync(channel, now=now())
    assert [t.name for t in templates.offered(channel.pk)] == ["hello"]


def test_old_lists_are_asked_for_again_once(monkeypatch: pytest.MonkeyPatch) -> None:
    channel, asked = whatsapp(), []
    monkeypatch.setattr(templates, "sync_later", lambda one: asked.append(one.pk))
    templates.ask_again(now())
    templates.ask_again(now())
    assert asked == [channel.pk]
    templates.ask_again(now() + templates.FRESH + timedelta(minutes=1))
    assert asked == [channel.pk, channel.pk]


def test_the_button_on_the_channels_page_fetches_the_list(
    company: Company,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SPORTELLO_ALLOW_NETWORKS", "127.0.0.0/8")
    body = {"type": "BODY", "text": "Ordine {{1}} pronto."}
    with Graph() as cloud:
        cloud.templates = [
            {"name": "ready", "language": "it", "status": "APPROVED", "components": [body]}
        ]
        channel = whatsapp(api_base=cloud.url)
        client = company.client("administrator")
        address = f"/app/settings/channels/{channel.pk}"
        assert "Ordine {{1}}" not in client.get(address).content.decode()
        answer = client.post(f"{address}/templates").content.decode()
    assert "Ordine {{1}} pronto." in answer
    assert "ready" in client.get(address).content.decode()
    assert company.client("agent").post(f"{address}/templates").status_code == 403
    failed = client.post(f"{address}/templates").content.decode()  # the cloud is gone now
    assert 'role="alert"' in failed
    assert "Ordine {{1}} pronto." in failed


def test_what_a_message_costs_is_kept_shown_and_audited(company: Company) -> None:  # noqa: F811
    client = company.client("administrator")
    form = {
        "channel_name": "Assistenza",
        "brand": company.brand.pk,
        "setting-address": "a@x.example",
    }
    client.post("/app/settings/channels/new/email", form | {"cost": "0.0725", "currency": "EUR"})
    channel = Channel.objects.get(name="Assistenza")
    assert channel.cost == Decimal("0.0725")
    queries.forget()
    assert queries.mouths()[channel.pk].cost == Decimal("0.0725")
    actions.update_channel(
        channel=channel, name="A", brand=channel.brand, settings={"address": "a@x.example"}
    )
    assert channel.cost == Decimal("0.0725"), "who names no price keeps it"
    client.post(f"/app/settings/channels/{channel.pk}", form | {"cost": ""})
    channel.refresh_from_db()
    assert channel.cost is None
    changes = AuditEntry.objects.filter(action="channel.saved").latest("pk").changes
    assert changes["cost"] == ["0.0725 EUR", ""]


def test_text_messages_are_counted_in_parts() -> None:
    channel = whatsapp()
    queries.forget()
    mouth = queries.mouths()[channel.pk]
    assert not mouth.counts_parts
    assert registry.get("twilio").hue == "sms"
