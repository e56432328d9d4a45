"""What slips out beside the point: secrets of reply addresses, counts of hidden tickets, space without limit, logs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sportello.config.logs import without_secrets
from sportello.contacts import privacy
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.tickets import actions, tokens, uploads
from sportello.tickets.models import Message
from tests.api.company import Api
from tests.tree import Tree
from tests.walk import arrive, mail_bytes
from tests.workspace.conftest import Desk


def test_reply_tokens_stay_inside(desk: Desk) -> None:
    first = arrive(desk.shop.mail, mail_bytes())
    sent = actions.reply(
        ticket=first.ticket, actor=desk.shop.actor(), now=now(), text="Arriva", undo_seconds=0
    )
    secret = tokens.issue(sent.thread_id)  # type: ignore[arg-type]
    mac = secret.rsplit("-", 1)[1]
    reply_to = tokens.reply_address("help@shop.example", sent.thread_id)  # type: ignore[arg-type]
    arrive(desk.shop.mail, mail_bytes(to=reply_to, Cc=f"ada@home.example, {reply_to.upper()}"))
    assert any(mac in json.dumps(m.meta).lower() for m in Message.objects.all())
    export = privacy.export(contact=first.ticket.contact, actor=SYSTEM, now=now())
    assert mac not in json.dumps(export, default=str).lower()
    assert "help@shop.example" in json.dumps(export, default=str)
    light = Api(desk.agents["light"]).get(f"/tickets/{first.ticket.number}/messages")
    assert light.status_code == 200
    assert mac not in light.content.decode().lower()
    whole = Api(desk.agents["agent"]).get(f"/tickets/{first.ticket.number}/messages").json()
    assert sent.external_id in [m["external_id"] for m in whole["items"]]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("help+t1-abcdefghijklmnopqrstuvwxyz@x.example", "help@x.example"),
        ("HELP+A2-T1-ABCDEFGHIJKLMNOPQRSTUVWXYZ@x.example", "HELP@x.example"),
        ("t1-abcdefghijklmnopqrstuvwxyz.0123@x.example", "….0123@x.example"),
        ("help+orders@x.example", "help+orders@x.example"),
        ("", ""),
    ],
)
def test_masking(text: str, shown: str) -> None:
    assert tokens.masked(text) == shown


def test_the_list_of_people_counts_only_tickets_that_are_seen(desk: Desk) -> None:
    ticket = desk.tickets["public"]
    actions.open_ticket(
        contact=ticket.contact, subject="segreto", text="x", team=desk.secret, brand=desk.shop.brand,
        actor=SYSTEM, now=now(),
    )  # fmt: skip

    def counted(who: str) -> int:
        people = desk.client(who).get("/app/contacts").context["people"]
        return next(p.count for p in people if p.pk == ticket.contact_id)

    assert (counted("agent"), counted("administrator")) == (1, 2)


def test_uploads_of_the_workspace_have_a_budget(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "QUOTA", 1000)
    client, number = desk.client("agent"), desk.tickets["public"].number
    file = {"file": SimpleUploadedFile("a.bin", b"x" * 600)}
    assert client.post(f"/app/tickets/{number}/upload", file).status_code == 200
    file = {"file": SimpleUploadedFile("a.bin", b"y" * 600)}
    assert client.post(f"/app/tickets/{number}/upload", file).status_code == 429


def test_an_administrator_who_owes_a_second_factor_has_no_api(desk: Desk, settings: Any) -> None:
    from allauth.mfa.models import Authenticator

    boss, agent = Api(desk.agents["administrator"]), Api(desk.agents["agent"])
    settings.SPORTELLO_DEMO = False
    assert boss.get("/tickets").status_code == 403
    assert boss.client.get("/files/whatever").status_code == 404
    assert agent.get("/tickets").status_code == 200
    Authenticator.objects.create(user=boss.agent, type=Authenticator.Type.TOTP, data={})
    assert boss.get("/tickets").status_code == 200


@pytest.mark.timeout(120)
def test_nothing_secret_and_no_word_of_a_customer_is_logged(sportello_server: Tree) -> None:
    """A journey with canaries in every place where something secret is said."""
    import urllib.error
    import urllib.request

    token = sportello_server.token()
    canary = "canarino-segreto-4711"

    def call(path: str, data: bytes | None = None, **headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(sportello_server.url + path, data, named)
        try:
            return int(urllib.request.urlopen(request, timeout=20).status)
        except urllib.error.HTTPError as error:
            return error.code

    bearer = {"Authorization": f"Bearer {token}"}
    assert call("/api/v1/tickets?q=" + canary, None, **bearer) == 200
    number = json.loads(_get(sportello_server, "/api/v1/tickets", token))["items"][0]["number"]
    body = json.dumps({"text": canary}).encode()
    assert (
        call(f"/api/v1/tickets/{number}/note", body, Content_Type="application/json", **bearer)
        == 201
    )
    call(
        f"/api/v1/tickets/{number}/note",
        b'{"text": "' + canary.encode(),
        Content_Type="application/json",
        **bearer,
    )
    call("/api/v1/tickets", None, Authorization=f"Bearer sp_{canary}")
    call(f"/accounts/invitation/{canary}")
    call(f"/proof/{canary}")
    call("/accounts/login/", f"login=a@x.example&password={canary}".encode())
    call(f"/intake/{canary}", canary.encode())
    call("/app/", None, Cookie=f"sid={canary}")
    call("/files/x?s=" + canary)
    log = sportello_server.log
    assert token not in log
    found = [line for line in log.splitlines() if canary in line]
    # An address that does not exist is named; what opens doors, and what was said in it, is not.
    assert found == []
    assert "/accounts/invitation/…" in json.loads(_line(log, "/accounts/invitation/"))["event"]


def _line(log: str, part: str) -> str:
    return next(line for line in log.splitlines() if part in line)


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("Forbidden: /proof/abcdefghijk", "Forbidden: /proof/…"),
        ("Not Found: /secure/abcdefghijk", "Not Found: /secure/…"),
        (
            "GET /accounts/password/reset/key/1-abcdef/ 500",
            "GET /accounts/password/reset/key/…/ 500",
        ),
        ("Bearer sp_abcdefghijklm.", "Bearer sp_…"),
        ("/widget/abc/files/xyz123:1a:b", "/widget/abc/files/…"),
        ("/files/x?s=abcdefgh&size=thumb", "/files/x?s=…&size=thumb"),
        ("Not Found: /app/tickets/7", "Not Found: /app/tickets/7"),
        ("Unreadable: “carta 4242 4242 4242 4242”", "Unreadable: “carta •••• 4242”"),
        ("IBAN IT60X0542811101000000123456", "IBAN •••• 3456"),
    ],
)
def test_logs_cut_secrets_out(said: str, logged: str) -> None:
    assert without_secrets(None, "", {"event": said, "n": 1}) == {"event": logged, "n": 1}


def _get(tree: Tree, path: str, token: str) -> bytes:
    import urllib.request

    request = urllib.request.Request(tree.url + path, headers={"Authorization": f"Bearer {token}"})
    answer: bytes = urllib.request.urlopen(request, timeout=20).read()
    return answer


def test_a_ticket_is_given_only_to_whom_may_answer_it(desk: Desk) -> None:
    """By every door: the page has always asked, programs ask, too."""
    api, number = Api(desk.agents["agent"]), desk.tickets["public"].number
    for who, status in (("light", 422), ("member", 422), ("elsewhere", 422), ("colleague", 200)):
        body = {"assignee": {"id": desk.agents[who].pk}}
        assert api.post(f"/tickets/{number}/assign", body).status_code == status, who
        changed = api.patch(f"/tickets/{number}", {"assignee": {"id": desk.agents[who].pk}})
        assert changed.status_code == status, who
