"""Asked on a protected page, given once, read by few, erased in time; nothing of it is part of the talk."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sportello.accounts import retention
from sportello.contacts import merging, privacy
from sportello.core import files, operations
from sportello.core.actors import SYSTEM, Actor
from sportello.core.clock import now
from sportello.core.models import AuditEntry, Event, StoredFile
from sportello.tickets import actions
from sportello.tickets.actions import asking
from sportello.tickets.confidential import forms
from sportello.tickets.confidential.fields import FIELDS, BadAnswer, checked
from sportello.tickets.models import Message, SecureForm, Ticket
from tests.api.company import person
from tests.tickets.test_covering import in_clear
from tests.workspace.conftest import Desk, desk  # noqa: F401

IBAN = "IT60X0542811101000000123456"


@pytest.fixture(autouse=True)
def _no_counts(db: None) -> None:
    cache.clear()


def asked(desk: Desk, *fields: str) -> tuple[Ticket, str]:  # noqa: F811
    """A ticket whose customer was asked, and the path of the link."""
    ticket = desk.tickets["public"]
    asking.ask(ticket=ticket, fields=fields or ("iban",), actor=desk.shop.actor(), now=now())
    said = Message.objects.filter(ticket=ticket, direction="out").latest("pk").text
    link = re.search(r"http://localhost:8000(/secure/\S+)", said)
    assert link
    return ticket, link[1]


def test_the_customer_gives_it_once_and_it_is_nowhere_in_clear(desk: Desk) -> None:  # noqa: F811
    ticket, link = asked(desk, "iban", "file")
    actions.set_status(ticket=ticket, status="pending", actor=desk.shop.actor(), now=now())
    page = Client().get(link)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert SecureForm.objects.get().answered_at is None
    photo = SimpleUploadedFile("carta d'identità.png", b"canary-photo", content_type="image/png")
    done = Client().post(link, {"iban": "it60 x054 2811 1010 0000 0123 456", "file": photo})
    assert done.status_code == 200
    assert "Grazie" in done.content.decode()
    assert IBAN not in done.content.decode()
    assert in_clear() == []
    stored = StoredFile.objects.get()
    assert b"canary" not in files.read(stored)
    ticket.refresh_from_db()
    assert ticket.status == "open"
    assert {"secure_form_sent", "secure_form_answered"} <= set(
        Event.objects.filter(ticket_id=ticket.pk).values_list("type", flat=True)
    )
    for again in (Client().get(link), Client().post(link, {"iban": IBAN})):
        assert again.status_code == 404


def test_only_who_may_reads_it_and_it_is_written_down(desk: Desk) -> None:  # noqa: F811
    ticket, link = asked(desk, "iban", "file")
    Client().post(link, {"iban": IBAN, "file": SimpleUploadedFile("a.txt", b"canary")})
    form = SecureForm.objects.get()
    where = f"/app/tickets/{ticket.number}/secure/{form.pk}/answers"
    for who, status in (("agent", 403), ("light", 403), ("member", 404), ("nothing", 403)):
        assert desk.client(who).post(where).status_code == status, who
    assert not AuditEntry.objects.filter(action="covered.form").exists()
    shown = desk.client("administrator").post(where)
    assert "IT60 X054 2811 1010 0000 0123 456" in shown.content.decode()
    assert AuditEntry.objects.get(action="covered.form").actor_name
    assert Event.objects.filter(type="secure_form_read", ticket_id=ticket.pk).exists()
    key = form.files[0]["key"]
    path = f"/app/tickets/{ticket.number}/secure/{form.pk}/file/{key}"
    assert desk.client("agent").post(path).status_code == 403
    got = desk.client("administrator").post(path)
    assert b"".join(got.streaming_content) == b"canary"  # type: ignore[attr-defined]
    assert got["Content-Disposition"].startswith("attachment")
    assert "sandbox" in got["Content-Security-Policy"]
    assert desk.client("administrator").get(f"/files/{key}").status_code == 404


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("iban", "IT60X0542811101000000123457"),
        ("iban", ""),
        ("tax_code", "RSSMRA85T10A562T"),
        ("tax_code", "ùùùùùù85T10A562S"),
        ("vat_number", "12345678901"),
        ("document", "abcdefg"),
        ("text", "4242 4242 4242 4242"),
        ("text", "x" * 5000),
        ("address", "   "),
    ],
)
def test_what_cannot_be_right_is_said_at_its_field(desk: Desk, field: str, said: str) -> None:  # noqa: F811
    _, link = asked(desk, field)
    answer = Client().post(link, {field: said})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    form = SecureForm.objects.get()
    assert (form.answered_at, bytes(form.body)) == (None, b"")


def test_right_answers_are_kept_in_one_shape() -> None:
    kept = checked(
        ["iban", "tax_code", "vat_number", "document"],
        {"iban": IBAN.lower(), "tax_code": "rssmra85t10a562s", "vat_number": "IT 12345678903", "document": "ca 12345 ab"},
    )  # fmt: skip
    assert kept == {
        "iban": "IT60 X054 2811 1010 0000 0123 456",
        "tax_code": "RSSMRA85T10A562S",
        "vat_number": "12345678903",
        "document": "CA12345AB",
    }
    with pytest.raises(BadAnswer):
        checked(["iban"], {})
    assert "card" not in FIELDS


@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 3000, "%00", " "])
def test_a_made_up_token_opens_nothing(desk: Desk, token: str) -> None:  # noqa: F811
    asked(desk)
    assert Client().get(f"/secure/{token}").status_code == 404
    assert Client().post(f"/secure/{token}", {"iban": IBAN}).status_code == 404


def test_expired_and_withdrawn_links_are_closed(desk: Desk) -> None:  # noqa: F811
    ticket, link = asked(desk)
    SecureForm.objects.update(expires_at=now() - timedelta(seconds=1))
    assert Client().get(link).status_code == 404
    assert Client().post(link, {"iban": IBAN}).status_code == 404
    ticket, link = asked(desk)
    newest = SecureForm.objects.latest("pk")
    path = f"/app/tickets/{ticket.number}/do/withdraw_form"
    assert desk.client("light").post(path, {"form": newest.pk}).status_code == 403
    assert desk.client("agent").post(path, {"form": newest.pk}).status_code == 200
    assert Client().post(link, {"iban": IBAN}).status_code == 404


def test_the_token_is_kept_as_a_hash_and_the_button_needs_our_page(desk: Desk) -> None:  # noqa: F811
    _, link = asked(desk)
    token = link.rsplit("/", 1)[1]
    assert len(token) == 43
    assert token not in SecureForm.objects.get().token_hash
    assert Client(enforce_csrf_checks=True).post(link, {"iban": IBAN}).status_code == 403


def test_one_address_may_not_knock_without_end(desk: Desk) -> None:  # noqa: F811
    statuses = [Client().get(f"/secure/{'y' * 43}").status_code for _ in range(62)]
    assert statuses[0] == 404
    assert statuses[-1] == 429


def test_two_at_once_are_one(desk: Desk) -> None:  # noqa: F811
    """The second finds it answered, under the lock."""
    _, link = asked(desk)
    token = link.rsplit("/", 1)[1]
    assert forms.answer(token=token, answers={"iban": IBAN}, given={}, now=now())
    assert forms.answer(token=token, answers={"iban": IBAN}, given={}, now=now()) is None


def test_after_its_days_the_answer_goes_and_that_it_was_given_stays(desk: Desk) -> None:  # noqa: F811
    retention.forget_policy()
    ticket, link = asked(desk, "iban", "file")
    Client().post(link, {"iban": IBAN, "file": SimpleUploadedFile("a.txt", b"canary")})
    retention.let_go(now() + timedelta(days=31))
    form = SecureForm.objects.get()
    assert (bytes(form.body), form.files, form.state) == (b"", [], "erased")
    assert form.answered_at
    assert not StoredFile.objects.exists()
    where = f"/app/tickets/{ticket.number}/secure/{form.pk}/answers"
    assert IBAN not in desk.client("administrator").post(where).content.decode()


def test_it_moves_with_the_person_is_exported_and_erased(desk: Desk) -> None:  # noqa: F811
    ticket, link = asked(desk, "iban")
    Client().post(link, {"iban": IBAN})
    into = person("Ada", "ada@altrove.example")
    merging.merge(contact=ticket.contact, into=into, actor=SYSTEM, now=now())
    assert SecureForm.objects.get().contact_id == into.pk
    what: dict[str, Any] = {"contact": into, "actor": SYSTEM, "now": now()}
    assert "0123 456" not in str(privacy.export(**what))
    assert "0123 456" in str(privacy.export(**what, with_confidential=True))
    privacy.erase(**what)
    assert SecureForm.objects.get().state == "erased"
    assert in_clear() == []


def test_rules_and_programs_ask_by_the_same_operation(desk: Desk) -> None:  # noqa: F811
    operation = operations.get("ask_securely")
    assert operation.writes_to_customer
    params = operation.params(fields=("tax_code", "nonsense"))
    form = operation.run(
        ticket=desk.tickets["public"],
        actor=Actor.agent(desk.agents["agent"].pk),
        now=now(),
        params=params,
    )
    assert form.fields == ["tax_code"]
    with pytest.raises(actions.BadValue):
        asking.ask(ticket=desk.tickets["public"], fields=["card"], actor=SYSTEM, now=now())


def test_the_agent_asks_from_the_composer_and_sees_the_state(desk: Desk) -> None:  # noqa: F811
    ticket = desk.tickets["public"]
    client = desk.client("agent")
    menu = client.get(f"/app/tickets/{ticket.number}/menu/secure").content.decode()
    assert 'value="iban"' in menu
    assert "card" not in menu
    done = client.post(
        f"/app/tickets/{ticket.number}/do/ask_securely", {"field": ["iban", "address"]}
    )
    assert done.status_code == 200
    assert SecureForm.objects.get().fields == ["iban", "address"]
    page = client.get(f"/app/tickets/{ticket.number}").content.decode()
    assert f"secure-{SecureForm.objects.get().pk}" in page
