"""Every address that Django knows, walked: who is kept out, what looking changes, which headers come back.

A new URL without an entry in `GUARDS` fails here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from sportello.core import files
from sportello.core.clock import now
from sportello.core.models import SentMail
from sportello.tickets.confidential import documents
from sportello.tickets.models import Attachment, Message
from tests.api.company import Api
from tests.workspace.conftest import BACKEND, Desk

GUARDS = {
    r"^$": "open",
    r"^app/tickets/": "ticket",
    r"^app/contacts/<int:contact_id>": "contact",
    r"^app/(outbox|monitored|counter|organizations|pop)": "agent",
    r"^app/settings/": "agent",
    r"^app/($|inbox/|next$|bulk/|colleagues$|find$|preferences$|contacts$)": "agent",
    r"^api/v1/(tickets|messages|calls|contacts|channels|events|webhooks|files|agents|teams|brands|saved-replies|tags|fields|organizations|wordings)": "api",
    r"^api/(v1/openapi.json|v1/|v1/\^\.\*\$|docs|\^\.\*\$)$": "docs",
    r"^accounts/(invitation|language|signup|email|confirm-email|\^confirm-email|login|inactive|password|\^password)": "door",
    r"^accounts/(logout|reauthenticate|2fa|sessions)/": "own",
    r"^demo/shop$": "demo",
    r"^(widget/|proof/|confirm/|secure/|contact)": "visitor",
    r"^files/out/": "visitor",  # the signature is the right
    r"^files/<str:key>$": "file",
}
"""Which guard stands before which address; the first that fits counts."""
KEPT_OUT = {301, 302, 401, 403, 404, 405, 410}
NOT_COUNTED = {"core_cache", "django_session", "accounts_apitoken", "usersessions_usersession",
               "api_callcount"}  # fmt: skip
"""Rate limits and counts of calls, one's own session, when a token was last used."""
HIDES_ALL_BUT = {"member": "secret", "elsewhere": "foreign"}


def routes() -> list[str]:
    def walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
        for entry in resolver.url_patterns:
            route = prefix + str(entry.pattern)
            if isinstance(entry, URLPattern):
                yield route
            else:
                yield from walk(entry, route)

    return sorted(set(walk(get_resolver(), "")))


def guard(route: str) -> str:
    return next((name for pattern, name in GUARDS.items() if re.search(pattern, route)), "")


def address(route: str, desk: Desk, place: str = "public") -> str:
    ticket = desk.tickets[place]
    message = Message.objects.filter(ticket=ticket).earliest("pk")
    attachment = Attachment.objects.filter(message=message).first()
    known = {
        "number": ticket.number, "message_id": message.pk, "attachment": attachment.pk if attachment else 1,
        "view": "all", "verb": "set_status", "name": "status", "key": "colour", "contact_id": ticket.contact_id,
        "mail_id": 1, "pk": 987654, "kind": "email", "token": "x" * 43, "channel": desk.shop.chat.public_id,
        "signed": "x", "uidb36": "1", "identity_id": 1, "suggestion_id": 1, "order_id": 1, "organization_id": 1, "table_pk": 1, "delivery_id": 1,
    }  # fmt: skip
    known["brand"] = desk.shop.brand.slug
    known["form_id"] = known["request_id"] = 987654
    known["id"] = message.pk if "messages" in route else ticket.contact_id
    if attachment and route.startswith("files/"):
        known["key"] = attachment.file.key
    path = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route).replace("^.*$", "nothing-here")
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(known[m[1]]), path)
    return "/" + path.replace("^", "").replace("$", "")


def rows() -> dict[str, Any]:
    """Of every table: how many rows, and where they lie. An update moves its row."""
    tables = sorted({m._meta.db_table for m in apps.get_models(include_auto_created=True)})
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            if table in NOT_COUNTED:
                continue
            name = connection.ops.quote_name(table)
            cursor.execute(
                f"SELECT count(*), coalesce(sum(hashtext(ctid::text || xmin::text)), 0) FROM {name}"
            )
            found[table] = cursor.fetchone()
    return found


@pytest.fixture
def house(desk: Desk, settings: Any) -> Desk:
    settings.EMAIL_URL = ""
    SentMail.objects.create(
        pk=1, sender="no-reply@x.example", recipients=[], subject="Reset", raw=b"Subject: x\n\nx"
    )
    for ticket in desk.tickets.values():
        file = files.save(ticket.subject.encode(), name="a.txt", content_type="text/plain")
        file.bound = True
        file.save()
        message = Message.objects.filter(ticket=ticket).earliest("pk")
        Message.objects.filter(pk=message.pk).update(html="<p>x</p>")
        Attachment.objects.create(
            message=message, file=file, name="a.txt", content_type="text/plain", size=1
        )
    desk.client = _remembered(desk)  # type: ignore[method-assign]
    return desk


def _remembered(desk: Desk) -> Callable[[str], Client]:
    """Everybody signs in once, before the rows are counted."""
    keys = {}
    for who in desk.agents:
        keys[who] = desk.client(who).cookies["sid"].value

    def client(who: str) -> Client:
        made = Client()
        if who in keys:
            made.cookies["sid"] = keys[who]
        return made

    return client


def test_every_address_has_a_guard() -> None:
    assert [route for route in routes() if not guard(route)] == []


def test_without_a_session_or_a_grant_nothing_opens_and_nothing_changes(house: Desk) -> None:
    before = rows()
    for route in routes():
        kind, url = guard(route), address(route, house)
        if kind not in {"agent", "ticket", "contact", "api", "own", "file"}:
            continue
        for who in ("nobody", "nothing"):
            if kind == "own" and who == "nothing":
                continue
            for method in ("get", "head", "post"):
                status = getattr(house.client(who), method)(url).status_code
                assert status in KEPT_OUT, (who, method, url, status)
    assert rows() == before


@pytest.mark.parametrize("who", ["member", "elsewhere", "light"])
def test_hidden_tickets_do_not_exist_by_any_address(house: Desk, who: str) -> None:
    """Everything below a ticket, its contact and its files, read and written, for who does not see it."""
    hidden = {
        "light": ["secret"],
        "member": ["public", "foreign"],
        "elsewhere": ["public", "secret"],
    }[who]
    before = rows()
    for route in routes():
        if guard(route) not in {"ticket", "contact", "file"}:
            continue
        for place in hidden:
            url = address(route, house, place)
            for method in ("get", "post"):
                answer = getattr(house.client(who), method)(url)
                assert answer.status_code in {404, 405}, (who, method, url, answer.status_code)
    assert rows() == before


MAY_WRITE = {"read", "draft", "upload", "answer"}
"""What a light agent may post below a ticket he sees: marks, and notes."""


def test_a_light_agent_changes_no_ticket_by_any_address(house: Desk) -> None:
    before = rows()
    for route in routes():
        if guard(route) != "ticket" or route.rsplit("/", 1)[-1] in MAY_WRITE:
            continue
        answer = house.client("light").post(address(route, house))
        assert answer.status_code in {403, 404, 405}, (route, answer.status_code)
    assert rows() == before


@pytest.mark.parametrize("who", ["administrator", "agent", "light"])
def test_looking_changes_nothing_and_every_answer_is_guarded(house: Desk, who: str) -> None:
    """GET and HEAD of every address: no row moves, no error, and the headers are there."""
    documents.look_into_new(now())  # else whoever opens a file first has it read
    before = rows()
    for route in routes():
        url = address(route, house)
        for method in ("get", "head"):
            client = house.client(who)
            client.raise_request_exception = False
            answer = getattr(client, method)(url)
            assert answer.status_code < 500, (method, url)
            _headers(url, answer, private=url.startswith(("/app", "/api/v1/t", "/files")))
    assert {k: v for k, v in rows().items() if before[k] != v} == {}


def _headers(url: str, answer: HttpResponse, *, private: bool) -> None:
    policy = answer.headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy, url
    assert "sandbox" in policy or "frame-ancestors" in policy, url
    assert "unsafe-eval" not in policy, url
    assert "script-src 'unsafe-inline'" not in policy, url
    assert answer.headers.get("X-Content-Type-Options") == "nosniff", url
    assert answer.headers.get("Referrer-Policy") in {"same-origin", "no-referrer"}, url
    assert answer.headers.get("X-Frame-Options") in {"DENY", "SAMEORIGIN"}, url
    if private and answer.status_code == 200:
        cached = answer.headers.get("Cache-Control", "")
        assert "no-store" in cached or "private" in cached, url


def test_programs_without_a_token_and_with_a_foreign_one(house: Desk) -> None:
    outsider = Api(house.agents["elsewhere"])
    before = rows()
    for route in routes():
        if guard(route) != "api":
            continue
        url = address(route, house).removeprefix("/api/v1")
        assert Client().post(f"/api/v1{url}").status_code == 401, url
        assert Client().get(f"/api/v1{url}").status_code == 401, url
        if "<" in route:
            for method in ("get", "post", "patch", "delete"):
                status = outsider.call(
                    method, url, {} if method in {"post", "patch"} else None
                ).status_code
                assert status in {403, 404, 405, 422}, (method, url, status)
    assert rows() == before


@pytest.mark.parametrize("name", ["HTTP_HOST", "SERVER_NAME"])
def test_a_foreign_host_is_refused(house: Desk, name: str) -> None:
    for path in ("/app/", "/accounts/login/", "/accounts/password/reset/"):
        if name == "HTTP_HOST":
            answer = house.client("agent").get(path, headers={"host": "evil.example"})
            assert answer.status_code == 400
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        forwarded = house.client("agent").get(path, headers={"x-forwarded-host": "evil.example"})
        assert "evil.example" not in forwarded.content.decode() + str(forwarded.headers)


def test_no_address_leads_elsewhere(house: Desk) -> None:
    evil = [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
    ]
    password = "lungo-abbastanza-9"
    agent = house.agents["agent"]
    agent.set_password(password)
    agent.save()
    for to in evil:
        signed_in = Client().post(
            f"/accounts/login/?next={to}", {"login": agent.email, "password": password, "next": to}
        )
        assert signed_in.status_code == 302
        client = Client()
        client.force_login(agent, backend=BACKEND)
        for answer in (
            signed_in,
            client.post("/accounts/language/", {"language": "it", "next": to}),
            client.post("/app/preferences", {}, headers={"referer": to}),
            client.get(f"/app/inbox/all/sort?to=oldest&next={to}"),
            client.post("/accounts/logout/", {"next": to}),
        ):
            there = urlsplit(answer.headers.get("Location", ""))
            assert (there.scheme, there.netloc) == ("", ""), to
            assert not there.path.startswith(("//", "/\\")), to


def test_cookies(house: Desk) -> None:
    agent = house.agents["agent"]
    agent.set_password("lungo-abbastanza-9")
    agent.save()
    client = Client()
    client.get("/accounts/login/")
    client.cookies["sid"] = "planted0planted0planted0planted0"
    client.post("/accounts/login/", {"login": agent.email, "password": "lungo-abbastanza-9"})
    session, csrf = client.cookies["sid"], client.cookies["csrf"]
    assert session.value != "planted0planted0planted0planted0"
    for cookie in (session, csrf):
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert not cookie["domain"]
        assert cookie["path"] == "/"
