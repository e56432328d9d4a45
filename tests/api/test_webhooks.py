"""Webhooks out: signed, retried, paused, replayed; never inward, never with words of people."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from sportello.automation.webhooks import telling
from sportello.automation.webhooks.models import Webhook, WebhookDelivery
from sportello.core import consumers
from sportello.core.clock import now
from sportello.core.net import Net
from tests.api.company import Firm


class Receiver:
    """Somebody's server."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.heard.append((dict(self.headers.items()), body))
                self.send_response(outer.answers.pop(0) if outer.answers else 204)
                self.send_header("Location", "http://127.0.0.1:9/")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()


def follow() -> None:
    """What the worker's consumer does."""
    found = next(c for c in consumers.all_consumers() if c.name == "webhooks")
    while consumers.step(found):
        pass


def tell_all(after: timedelta = timedelta()) -> None:
    """What the jobs do, once they are due."""
    follow()
    for delivery in WebhookDelivery.objects.filter(state="waiting").order_by("pk"):
        telling.tell(delivery.pk, now=now() + after)


def add(firm: Firm, url: str, types: list[str] | None = None) -> dict[str, Any]:
    follow()
    made = firm.admin.post("/webhooks", {"url": url, "types": types or ["note_added"]})
    assert made.status_code == 201, made.content
    return dict(made.json())


def note(firm: Firm, text: str = "canary words") -> None:
    number = firm.tickets["own"].number
    assert firm.giulia.post(f"/tickets/{number}/note", {"text": text}).status_code == 201


def test_a_fact_is_told_signed_and_without_words(firm: Firm, receiver: Receiver) -> None:
    hook = add(firm, receiver.url)
    note(firm)
    firm.giulia.post(f"/tickets/{firm.tickets['own'].number}/solve")
    tell_all()
    assert len(receiver.heard) == 1
    headers, body = receiver.heard[0]
    said = Verifier(hook["secret"]).verify(body, headers)
    assert said["type"] == "note_added"
    assert said["data"]["ticket"] == firm.tickets["own"].number
    assert b"canary" not in body
    follow()
    tell_all()
    assert len(receiver.heard) == 1
    log = firm.admin.get(f"/webhooks/{hook['id']}/deliveries").json()["items"]
    assert [(d["state"], d["status_code"], d["attempts"]) for d in log] == [("delivered", 204, 1)]


def test_the_secret_is_shown_once_and_changes_with_overlap(firm: Firm, receiver: Receiver) -> None:
    hook = add(firm, receiver.url)
    for path in ("/webhooks", f"/webhooks/{hook['id']}"):
        assert hook["secret"].encode() not in firm.admin.get(path).content
    assert hook["secret"].encode() not in bytes(Webhook.objects.get().sealed_secrets)
    fresh = firm.admin.post(f"/webhooks/{hook['id']}/secret").json()["secret"]
    note(firm)
    tell_all()
    headers, body = receiver.heard[0]
    for secret in (hook["secret"], fresh):
        assert Verifier(secret).verify(body, headers)


def test_failures_are_tried_again_later_under_the_same_id(firm: Firm, receiver: Receiver) -> None:
    hook = add(firm, receiver.url)
    receiver.answers = [500, 302]
    note(firm)
    tell_all()
    row = WebhookDelivery.objects.get()
    assert (row.state, row.attempts, row.status_code) == ("waiting", 1, 500)
    assert row.due_at > now() + timedelta(seconds=3)
    tell_all()
    row.refresh_from_db()
    assert (row.attempts, row.status_code) == (2, 302)
    tell_all()
    row.refresh_from_db()
    assert row.state == "delivered"
    assert len({h["webhook-id"] for h, _ in receiver.heard}) == 1
    assert firm.admin.get(f"/webhooks/{hook['id']}").json()["failures"] == 0
    again = firm.admin.post(f"/webhooks/{hook['id']}/deliveries/{row.pk}/replay")
    assert again.status_code == 202
    tell_all()
    assert len(receiver.heard) == 4
    assert receiver.heard[-1][0]["webhook-id"] == receiver.heard[0][0]["webhook-id"]


def test_it_gives_up_in_the_end(firm: Firm, receiver: Receiver) -> None:
    add(firm, receiver.url)
    receiver.answers = [500] * 20
    note(firm)
    for _ in range(12):
        tell_all()
    row = WebhookDelivery.objects.get()
    assert (row.state, row.attempts) == ("failed", len(telling.BACK_OFF) + 1)


def test_a_dead_receiver_is_paused_and_hears_the_rest_when_it_wakes(
    firm: Firm, receiver: Receiver
) -> None:
    hook = add(firm, receiver.url)
    receiver.answers = [500] * telling.PAUSE_AFTER
    for n in range(telling.PAUSE_AFTER):
        note(firm, f"n{n}")
    tell_all()
    assert firm.admin.get(f"/webhooks/{hook['id']}").json()["status"] == "paused"
    note(firm, "meanwhile")
    tell_all()
    heard = len(receiver.heard)
    assert heard == telling.PAUSE_AFTER
    woken = firm.admin.patch(f"/webhooks/{hook['id']}", {"active": True})
    assert woken.json()["status"] == "on"
    tell_all()
    assert len(receiver.heard) == 2 * telling.PAUSE_AFTER + 1
    assert not WebhookDelivery.objects.exclude(state="delivered").exists()


def test_gone_is_gone(firm: Firm, receiver: Receiver) -> None:
    hook = add(firm, receiver.url)
    receiver.answers = [410]
    note(firm)
    tell_all()
    assert firm.admin.get(f"/webhooks/{hook['id']}").json()["status"] == "paused"


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest", "http://10.0.0.1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://167772161/",
        "ftp://example.org/", "file:///etc/passwd", "http://user:pw@127.0.0.1/", "http://127.0.0.1:99999/", "http://", "nonsense", "",
    ],
)  # fmt: skip
def test_no_way_inside(firm: Firm, url: str) -> None:
    assert firm.admin.post("/webhooks", {"url": url}).status_code == 422
    assert not Webhook.objects.exists()


def test_the_address_is_judged_again_when_it_is_sent(firm: Firm, receiver: Receiver) -> None:
    hook = add(firm, receiver.url)
    note(firm)
    follow()
    row = WebhookDelivery.objects.get(webhook=hook["id"])
    telling.tell(row.pk, now=now(), net=Net(()))
    row.refresh_from_db()
    assert (row.state, row.error) == ("waiting", "Blocked")
    assert not receiver.heard


def test_types_are_those_that_exist(firm: Firm, receiver: Receiver) -> None:
    wrong = firm.admin.post("/webhooks", {"url": receiver.url, "types": ["nothing_happened"]})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "types"


def test_one_is_changed_and_deleted(firm: Firm, receiver: Receiver) -> None:
    hook = add(firm, receiver.url)
    path = f"/webhooks/{hook['id']}"
    assert firm.admin.patch(path, {"active": False, "description": "x"}).json()["status"] == "off"
    note(firm)
    tell_all()
    assert not receiver.heard
    assert json.loads(firm.admin.get(path).content)["description"] == "x"
    assert firm.admin.delete(path).status_code == 204
    assert firm.admin.get(path).status_code == 404


def test_tickets_are_named_by_their_numbers(firm: Firm, receiver: Receiver) -> None:
    """In the log and in webhooks alike; row ids stay inside."""
    add(firm, receiver.url, ["ticket_merged"])
    one, two = firm.tickets["own"], firm.tickets["other"]
    assert firm.admin.post(f"/tickets/{one.number}/merge", {"into": two.number}).status_code == 200
    tell_all()
    told = [json.loads(body)["data"] for _, body in receiver.heard]
    log = firm.admin.get("/events?type=ticket_merged").json()["items"]
    for fact in (*told, *log):
        assert fact["data"] == {"ticket": one.number, "into": two.number}
    assert {fact["ticket"] for fact in told} == {one.number, two.number}


def test_what_lost_its_job_is_found_and_old_rows_go(firm: Firm, receiver: Receiver) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    from sportello.automation.webhooks import sweeping

    add(firm, receiver.url)
    note(firm)
    follow()
    jobs = ProcrastinateJob.objects.filter(task_name="automation.tell")
    assert jobs.count() == 1
    sweeping.tell_overdue(now())
    assert jobs.count() == 1
    sweeping.tell_overdue(now() + timedelta(minutes=5))
    sweeping.tell_overdue(now() + timedelta(minutes=6))
    assert jobs.count() == 2
    tell_all()
    sweeping.forget_old(now() + timedelta(days=29))
    assert WebhookDelivery.objects.count() == 1
    sweeping.forget_old(now() + timedelta(days=31))
    assert WebhookDelivery.objects.count() == 0
