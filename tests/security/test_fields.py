"""A marker in every field that somebody can fill, and every page that shows it: it stays text."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from sportello.core.models import AuditEntry, Parked, SentMail
from sportello.tickets.models import Message
from sportello.workspace.templatetags.workspace import mentions, plain
from tests.security.test_routes import address, guard, routes
from tests.walk import arrive, mail_bytes
from tests.workspace.conftest import Desk

MARK = "\"><img src=x onerror=xss()>'{{7*7}}<script>xss()</script>"
ROOMS = {
    "accounts",
    "automation",
    "contacts",
    "tickets",
    "channels",
    "core",
    "hours",
    "api",
    "widget",
}
NOT_WORDS = {
    "language", "time_zone", "colour", "provider", "public_id", "token_hash", "prefix", "sha256", "key", "consumer",
    "status", "state", "direction", "nature", "kind", "proof", "role", "priority", "password", "slug", "content_hash",
    "actor", "type", "action", "external_ref", "order_key", "fingerprint", "last_author", "source", "uuid",
    "email", "address", "html", "website", "privacy_url", "token", "secret", "owner", "how", "event_type",
}  # fmt: skip
"""Enumerations, names of things of ours, and what a form or a parser checks before it is kept."""


def poison() -> int:
    """Write the marker into every free text field of every row."""
    count = 0
    for model in apps.get_models():
        if model._meta.app_label not in ROOMS:
            continue
        for field in model._meta.concrete_fields:
            if (
                not isinstance(field, models.CharField | models.TextField)
                or field.name in NOT_WORDS
            ):
                continue
            if field.choices or field.unique or field.is_relation or field.generated:
                continue
            text = MARK[: field.max_length] if field.max_length else MARK
            try:
                from django.db import transaction

                with transaction.atomic():
                    count += model._default_manager.update(**{field.name: text})
            except Exception:  # a constraint knows better: then nobody can write it either
                continue
    return count


@pytest.fixture
def poisoned(desk: Desk, settings: Any) -> Desk:
    settings.EMAIL_URL = ""
    arrive(
        desk.shop.mail,
        mail_bytes(f'"{MARK[:40]}" <eva@home.example>'.replace('"><', "><"), MARK, subject=MARK),
    )
    SentMail.objects.create(pk=1, sender="a@x.example", recipients=[MARK], subject=MARK,
                            raw=f"Subject: {MARK}\nX-{1}: {MARK}\n\n{MARK}".encode())  # fmt: skip
    Parked.objects.create(consumer="c", event_ids=[1], traceback=MARK)
    AuditEntry.objects.create(
        actor="system", action="tag.saved", subject=MARK, changes={MARK: [MARK, MARK]}
    )
    for ticket in desk.tickets.values():
        ticket.custom, ticket.tags = {"colour": MARK}, [MARK]
        ticket.save(update_fields=["custom", "tags"])
        for message in Message.objects.filter(ticket=ticket):
            message.meta = {
                "cc": [{"address": MARK, "name": MARK}],
                "to": [{"address": MARK, "name": MARK}],
            }
            message.save(update_fields=["meta"])
    assert poison() > 40
    return desk


def test_no_page_runs_what_somebody_wrote(poisoned: Desk) -> None:
    shown = 0
    client = poisoned.client("administrator")
    for route in routes():
        if (
            guard(route) in {"door", "visitor", "own", "docs", "api"}
            or "/html" in route
            or "/eml" in route
        ):
            continue
        answer = client.get(address(route, poisoned))
        if "html" not in answer.headers.get("Content-Type", "") or answer.streaming:
            continue
        page = answer.content.decode()
        assert not re.search(r"<img[^>]*onerror", page), route
        assert "<script>xss" not in page, route
        assert "49" not in re.findall(r"'([^<]{0,4})&lt;script", page), route
        shown += "&lt;img src=x onerror" in page
    assert shown > 15


@pytest.mark.parametrize(
    "pk", ["agents", "teams", "brands", "channels", "replies", "tags", "fields", "hours"]
)
def test_no_form_of_the_settings_runs_what_somebody_wrote(poisoned: Desk, pk: str) -> None:
    client = poisoned.client("administrator")
    listed = client.get(f"/app/settings/{pk}").content.decode()
    for found in [
        listed,
        *(
            client.get(url).content.decode()
            for url in set(re.findall(rf"/app/settings/{pk}/\d+", listed))
        ),
    ]:
        assert not re.search(r"<img[^>]*onerror", found)
        assert "<script>xss" not in found


@pytest.mark.django_db
def test_a_name_in_an_address_stays_inside_its_link() -> None:
    """A mention is set off in words only: inside an attribute it would end the attribute."""
    shown = mentions("see https://x.example/@ada?a=%22 and @bruno <b>@carla</b>")
    assert 'href="https://x.example/@ada' in shown
    assert re.findall(r'<span class="mention">@(\w+)</span>', shown) in (
        ["bruno", "carla"],
        ["ada", "bruno", "carla"],
    )
    assert "<b>" not in shown
    assert re.fullmatch(
        r"(?:[^<>]|<(?:a(?: [a-z]+=\"[^\"<>]*\")*|/a|span class=\"mention\"|/span)>)*", shown
    )


@pytest.mark.parametrize(
    "text",
    ["@" * 20_000, "(" * 20_000, "a@" * 10_000, "http://" * 3000, "www." * 5000, "<" * 20_000, "a." * 10_000, "&" * 20_000,
     "http://a" + "(" * 10_000 + ")" * 9_999, "x@y." * 5_000, "&lt;" * 5000 + ";" * 5000],
    ids=range(11),
)  # fmt: skip
def test_no_words_of_a_customer_take_long_to_show(text: str) -> None:
    begun = time.process_time()
    plain(text)
    mentions(text)
    assert time.process_time() - begun < 1.5
