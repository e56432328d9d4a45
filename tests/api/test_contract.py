"""The calls of DESIGN section 8, as a client sees them."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sportello.core.clock import now
from sportello.tickets.models import Message, Ticket
from tests.api.company import Firm
from tests.walk import arrive, mail_bytes

TICKET = {
    "number", "subject", "status", "priority", "type", "brand", "contact", "organization", "assignee", "team", "tags",
    "channels", "language", "created_at", "updated_at", "solved_at", "sla", "custom", "spam", "waiting_since",
    "snoozed_until", "merged_into",
}  # fmt: skip
MESSAGE = {
    "id", "direction", "channel", "author", "subject", "text", "quoted", "html", "attachments", "delivery",
    "external_id", "raw_url", "held", "edited", "withdrawn", "covered", "call", "created_at",
}  # fmt: skip


@pytest.fixture
def mailed(firm: Firm) -> Ticket:
    return arrive(firm.mail, mail_bytes()).ticket


def test_a_ticket_is_opened_read_changed_and_listed(firm: Firm) -> None:
    api = firm.giulia
    body = {
        "subject": "Broken cup",
        "text": "It came broken.",
        "contact": {"email": "Ada@Home.example", "name": "Ada"},
        "channel": firm.mail.public_id,
        "priority": "high",
        "tags": ["Cups"],
    }
    opened = api.post("/tickets", body)
    assert opened.status_code == 201
    ticket = opened.json()
    assert set(ticket) == TICKET
    assert (ticket["status"], ticket["priority"], ticket["tags"]) == ("new", "high", ["cups"])
    assert ticket["contact"]["name"] == "Ada"
    assert ticket["channels"][0]["id"] == firm.mail.public_id
    assert ticket["created_at"].endswith("Z")
    number = ticket["number"]
    assert api.get(f"/tickets/{number}").json() == ticket
    changed = api.patch(
        f"/tickets/{number}",
        {
            "subject": "Cup",
            "status": "pending",
            "type": "problem",
            "assignee": {"id": api.agent.pk},
            "team": {"id": firm.own.pk},
            "tags": ["post"],
        },
    )
    assert changed.status_code == 200, changed.content
    kept = changed.json()
    assert (kept["subject"], kept["status"], kept["type"], kept["tags"]) == (
        "Cup",
        "pending",
        "problem",
        ["post"],
    )
    assert kept["assignee"]["id"] == api.agent.pk
    assert kept["team"]["id"] == firm.own.pk
    assert api.patch(f"/tickets/{number}", {"assignee": None}).json()["assignee"] is None
    for query in (
        "status=pending",
        "status=new,pending",
        f"team={firm.own.pk}",
        f"channel={firm.mail.public_id}",
        "tag=post",
        "q=broken",
        f"contact={kept['contact']['id']}",
        "assignee=none",
    ):
        numbers = [t["number"] for t in api.get(f"/tickets?{query}").json()["items"]]
        assert number in numbers, query
    assert number not in [t["number"] for t in api.get("/tickets?status=solved").json()["items"]]


def test_pages_hold_everything_once_in_both_orders(firm: Firm) -> None:
    for query in (
        "",
        f"&updated_since={(now() - timedelta(days=1)).isoformat().replace('+00:00', 'Z')}",
    ):
        seen, cursor = [], ""
        for _ in range(10):
            page = firm.admin.get(
                f"/tickets?limit=1{query}" + (f"&cursor={cursor}" if cursor else "")
            ).json()
            seen += [t["number"] for t in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(seen) == sorted(t.number for t in firm.tickets.values())


def test_a_reply_leaves_at_once_and_shows_in_the_messages(firm: Firm, mailed: Ticket) -> None:
    made = firm.giulia.post(
        f"/tickets/{mailed.number}/reply", {"html": "<p>Sorry!<script>x</script></p>"}
    )
    assert made.status_code == 201, made.content
    message = made.json()
    assert set(message) == MESSAGE
    assert (message["direction"], message["delivery"]["status"]) == ("out", "queued")
    assert "script" not in message["html"]
    assert message["text"] == "Sorry!"
    page = firm.giulia.get(f"/tickets/{mailed.number}/messages").json()
    assert [m["direction"] for m in page["items"]] == ["in", "out"]
    assert page["next_cursor"] is None
    first = page["items"][0]
    assert first["author"]["type"] == "contact"
    assert first["text"] == "Hello, my cup is broken."
    raw = firm.giulia.client.get(first["raw_url"].partition("localhost:8000")[2])
    assert raw.status_code == 200
    assert b"Subject: Broken cup" in raw.content
    assert raw["Content-Disposition"].startswith("attachment")
    assert "sandbox" in raw["Content-Security-Policy"]


def test_messages_come_by_pages_oldest_first(firm: Firm, mailed: Ticket) -> None:
    for number in range(4):
        firm.giulia.post(f"/tickets/{mailed.number}/note", {"text": f"note {number}"})
    texts, cursor = [], None
    while True:
        query = f"?limit=2&cursor={cursor}" if cursor else "?limit=2"
        page = firm.giulia.get(f"/tickets/{mailed.number}/messages{query}").json()
        texts += [m["text"] for m in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert texts[1:] == [f"note {n}" for n in range(4)]
    assert len(texts) == 5


def test_files_travel_by_key_and_inside_the_call(firm: Firm, mailed: Ticket) -> None:
    sent = firm.giulia.client.post(
        "/api/v1/files", {"file": SimpleUploadedFile("a.txt", b"one", "text/plain")}
    )
    assert sent.status_code == 201, sent.content
    key = sent.json()["key"]
    inside = {
        "name": "b.txt",
        "type": "text/plain",
        "content_base64": base64.b64encode(b"two").decode(),
    }
    made = firm.giulia.post(
        f"/tickets/{mailed.number}/reply", {"text": "see", "attachments": [key, inside]}
    )
    assert made.status_code == 201, made.content
    attachments = made.json()["attachments"]
    assert [(a["name"], a["size"]) for a in attachments] == [("a.txt", 3), ("b.txt", 3)]
    got = firm.giulia.client.get(attachments[1]["url"].partition("localhost:8000")[2])
    assert b"".join(getattr(got, "streaming_content", [])) == b"two"
    again = firm.giulia.post(
        f"/tickets/{mailed.number}/reply", {"text": "see", "attachments": [key]}
    )
    assert again.status_code == 422
    assert Message.objects.filter(direction="out").count() == 1
    foreign = firm.supervisor.client.post(
        "/api/v1/files", {"file": SimpleUploadedFile("c.txt", b"x")}
    ).json()["key"]
    assert (
        firm.giulia.post(
            f"/tickets/{mailed.number}/reply", {"text": "x", "attachments": [foreign]}
        ).status_code
        == 422
    )


def test_the_verbs(firm: Firm, mailed: Ticket) -> None:
    api, path = firm.giulia, f"/tickets/{mailed.number}"
    assert (
        api.post(f"{path}/note", {"text": "look", "mentions": [firm.light.agent.pk]}).json()[
            "direction"
        ]
        == "note"
    )
    assert (
        api.post(f"{path}/assign", {"assignee": {"id": api.agent.pk}}).json()["assignee"]["id"]
        == api.agent.pk
    )
    assert api.post(f"{path}/solve").json()["status"] == "solved"
    assert api.post(f"{path}/reopen", {}).json()["status"] == "open"
    until = (now() + timedelta(days=1)).isoformat()
    assert api.post(f"{path}/snooze", {"until": until}).json()["snoozed_until"]
    assert api.post(f"{path}/spam").json()["spam"] is True
    assert api.post(f"{path}/spam", {"spam": False}).json()["spam"] is False
    assert api.post(f"{path}/tags", {"add": ["a", "b"], "remove": ["c"]}).json()["tags"] == [
        "a",
        "b",
    ]
    second = arrive(firm.mail, mail_bytes("bo@home.example", subject="Other")).ticket
    merged = api.post(f"/tickets/{second.number}/merge", {"into": mailed.number})
    assert merged.status_code == 200
    assert merged.json()["number"] == mailed.number
    assert api.get(f"/tickets/{second.number}").json()["merged_into"] == mailed.number
    message = Message.objects.filter(ticket=mailed, direction="in").latest("pk")
    split = api.post(f"{path}/split", {"message": message.pk})
    assert split.status_code == 201
    assert split.json()["number"] != mailed.number


@pytest.mark.parametrize(
    ("call", "body", "status"),
    [
        ("/reply", {}, 422),
        ("/reply", {"text": "x", "channel": "nowhere"}, 422),
        ("/snooze", {"until": "2020-01-01T00:00:00Z"}, 422),
        ("/snooze", {"until": "2036-01-01T00:00:00"}, 422),
        ("/merge", {"into": 999999}, 422),
        ("/split", {"message": 999999}, 422),
        ("/assign", {}, 422),
        ("/assign", {"assignee": {"id": 999999}}, 422),
        ("/note", {"text": {"a": 1}}, 422),
        ("/note", {"text": "nul\u0000"}, 422),
        ("/note", {"text": "half \ud800"}, 422),
        ("/nothing", {}, 404),
    ],
)
def test_what_cannot_be_done_says_why(
    firm: Firm, mailed: Ticket, call: str, body: Any, status: int
) -> None:
    before = Message.objects.count()
    answer = firm.giulia.post(f"/tickets/{mailed.number}{call}", body)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail", "errors"}
    assert Message.objects.count() == before


def test_a_patch_that_fails_in_one_part_changes_nothing(firm: Firm, mailed: Ticket) -> None:
    answer = firm.giulia.patch(
        f"/tickets/{mailed.number}", {"subject": "New", "custom": {"unknown": 1}}
    )
    assert answer.status_code == 422
    mailed.refresh_from_db()
    assert mailed.subject == "Broken cup"


def test_the_doors_own_refusals(firm: Firm, mailed: Ticket, client: Any) -> None:
    assert client.get("/api/v1/tickets", headers={"host": "localhost"}).status_code == 401
    api = firm.giulia
    assert api.call("put", f"/tickets/{mailed.number}", {}).status_code == 405
    assert api.get("/tickets/abc").status_code == 404
    assert api.get("/tickets/99999999999999999999999").status_code == 404
    assert api.get("/tickets?colour=red").status_code == 422
    assert api.get("/tickets?status=new&status=open").status_code == 422
    assert api.get("/tickets?q=%00").status_code == 422
    assert (
        api.client.post("/api/v1/tickets", "{", content_type="application/json").status_code == 400
    )
    assert api.client.post("/api/v1/tickets", "<a/>", content_type="text/xml").status_code == 415
    deep = "[" * 3000 + "]" * 3000
    assert api.client.post(
        "/api/v1/tickets", deep, content_type="application/json"
    ).status_code in {400, 422}
    nested = (
        '{"subject":"x","contact":{"email":"a@b.example"},"custom":'
        + '{"a":' * 500
        + "1"
        + "}" * 501
    )
    assert (
        api.client.post("/api/v1/tickets", nested, content_type="application/json").status_code
        == 422
    )


def test_a_token_that_calls_too_often_is_told_when_to_come_back(firm: Firm, settings: Any) -> None:
    settings.SPORTELLO_API_PER_MINUTE = 2
    answers = [firm.giulia.get("/tags") for _ in range(5)]
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert firm.supervisor.get("/tags").status_code == 200


def test_channels_are_opened_and_their_secrets_never_come_back(firm: Firm) -> None:
    body = {"provider": "fake", "name": "Counter", "settings": {"secret": "canary-7261"}}
    assert firm.giulia.post("/channels", body).status_code == 403
    made = firm.admin.post("/channels", body)
    assert made.status_code == 201, made.content
    channel = made.json()
    assert set(channel) == {"id", "provider", "name", "brand", "webhook_url", "status"}
    assert channel["webhook_url"].endswith(f"/intake/{channel['id']}")
    assert channel["status"] == "on"
    for answer in (made, firm.admin.get("/channels"), firm.admin.get(f"/channels/{channel['id']}")):
        assert b"canary-7261" not in answer.content
    assert (
        firm.admin.patch(f"/channels/{channel['id']}", {"name": "New name"}).json()["name"]
        == "New name"
    )
    assert firm.giulia.get(f"/channels/{channel['id']}").json()["webhook_url"] is None
    assert firm.admin.post(f"/channels/{channel['id']}/check").status_code == 200
    assert firm.admin.delete(f"/channels/{channel['id']}").status_code == 204
    assert firm.admin.get(f"/channels/{channel['id']}").json()["status"] == "off"
    assert firm.admin.post("/channels", {"provider": "nope", "name": "x"}).status_code == 422
    bad = firm.admin.post(
        "/channels", {"provider": "email", "name": "x", "settings": {"address": "no", "extra": 1}}
    )
    assert bad.status_code == 422
    assert {e["field"] for e in bad.json()["errors"]} == {"settings.address", "settings.extra"}


def test_lists_to_choose_from(firm: Firm) -> None:
    for path in ("/agents", "/teams", "/brands", "/saved-replies", "/tags"):
        page = firm.giulia.get(path)
        assert page.status_code == 200
        assert set(page.json()) == {"items", "next_cursor"}
    assert "private" not in [t["name"] for t in firm.giulia.get("/teams").json()["items"]]
    assert [b["name"] for b in firm.other_brand_agent.get("/brands").json()["items"]] == ["Other"]


def test_facts_from_outside_are_kept_once_and_reach_the_log(firm: Firm) -> None:
    fact = {
        "id": "order-1",
        "type": "order.paid",
        "contact": {"email": "own@home.example"},
        "data": {"total": 12, "who": "Ada canary"},
    }
    made = firm.admin.post("/events", fact)
    assert made.status_code == 201, made.content
    assert firm.admin.post("/events", fact).status_code == 200
    assert firm.admin.post("/events", fact | {"data": {}}).status_code == 409
    log = firm.admin.get("/events?type=fact_reported")
    assert [e["id"] for e in log.json()["items"]] == [made.json()["event"]]
    assert b"canary" not in log.content
    contact = made.json()["contact"]
    story = firm.admin.get(f"/contacts/{contact}/timeline").json()["items"]
    assert [m["kind"] for m in story] == ["fact", "message"]
    assert story[0]["data"]["total"] == 12
    first = firm.admin.get(f"/contacts/{contact}/timeline?limit=1").json()
    second = firm.admin.get(
        f"/contacts/{contact}/timeline?limit=1&cursor={first['next_cursor']}"
    ).json()
    assert [m["kind"] for m in first["items"] + second["items"]] == ["fact", "message"]


def test_the_log_is_read_in_order_without_gaps(firm: Firm) -> None:
    seen, after = [], 0
    while True:
        page = firm.admin.get(f"/events?after={after}&limit=3").json()
        seen += [e["id"] for e in page["items"]]
        if page["next_cursor"] is None:
            break
        after = int(page["next_cursor"])
    assert seen == sorted(set(seen))
    assert len(seen) >= 8
    numbers = {e["ticket"] for e in firm.member.get("/events").json()["items"]}
    assert numbers == {firm.tickets["own"].number}


def test_the_description_and_its_page_need_no_token(firm: Firm, client: Any) -> None:
    schema = client.get("/api/v1/openapi.json", headers={"host": "localhost"})
    assert schema.status_code == 200
    assert schema.json()["openapi"].startswith("3")
    page = client.get("/api/docs", headers={"host": "localhost"})
    assert page.status_code == 200
    assert b"/api/v1/tickets/{number}/reply" in page.content
    assert b"cdn" not in page.content
    assert b"<script" not in page.content


def test_errors_are_english_whatever_the_client_speaks(firm: Firm) -> None:
    body = {"provider": "email", "name": "x", "settings": {}}
    answer = firm.admin.post("/channels", body, Accept_Language="it")
    assert answer.json()["errors"] == [{"field": "settings.address", "message": "This is needed."}]
