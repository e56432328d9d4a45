"""The same POST is done once, however often and however fast it is sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from sportello.api import idempotency
from sportello.api.models import IdempotencyKey
from sportello.core.clock import now
from sportello.tickets.models import Ticket
from tests.api.company import Firm, found

BODY = {"subject": "Once", "text": "x", "contact": {"email": "once@home.example"}}


@pytest.fixture
def firm(db: None) -> Firm:
    """One of its own for each test: others here commit, and nothing stands below them."""
    return found()


def test_the_same_key_and_body_are_done_once_and_answered_alike(firm: Firm) -> None:
    first = firm.giulia.post("/tickets", BODY, Idempotency_Key="k-1")
    second = firm.giulia.post("/tickets", BODY, Idempotency_Key="k-1")
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert Ticket.objects.filter(subject="Once").count() == 1


def test_the_same_key_with_another_body_is_refused(firm: Firm) -> None:
    firm.giulia.post("/tickets", BODY, Idempotency_Key="k-1")
    other = firm.giulia.post("/tickets", BODY | {"subject": "Two"}, Idempotency_Key="k-1")
    assert other.status_code == 409
    elsewhere = firm.giulia.post("/contacts", {"name": "x"}, Idempotency_Key="k-1")
    assert elsewhere.status_code == 409
    assert not Ticket.objects.filter(subject="Two").exists()


def test_a_key_belongs_to_its_token_and_lives_a_day(firm: Firm) -> None:
    firm.giulia.post("/tickets", BODY, Idempotency_Key="k-1")
    firm.supervisor.post("/tickets", BODY, Idempotency_Key="k-1")
    assert Ticket.objects.filter(subject="Once").count() == 2
    IdempotencyKey.objects.update(created_at=now() - timedelta(hours=25))
    firm.giulia.post("/tickets", BODY | {"subject": "Later"}, Idempotency_Key="k-1")
    assert Ticket.objects.filter(subject="Later").count() == 1
    idempotency.forget_old(now())
    assert IdempotencyKey.objects.count() == 1


def test_a_refusal_is_not_kept(firm: Firm) -> None:
    wrong: dict[str, Any] = {"subject": "Once", "contact": {}}
    assert firm.giulia.post("/tickets", wrong, Idempotency_Key="k-2").status_code == 422
    assert firm.giulia.post("/tickets", BODY, Idempotency_Key="k-2").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "ü"])
def test_a_key_has_a_shape(firm: Firm, key: str) -> None:
    answer = firm.giulia.post("/tickets", BODY, Idempotency_Key=key)
    assert answer.status_code == 422
    assert not Ticket.objects.filter(subject="Once").exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one() -> None:
    firm = found()

    def send(_: int) -> Any:
        try:
            answer = firm.giulia.post("/tickets", BODY, Idempotency_Key="race")
            return answer.status_code, answer.json()["number"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(send, range(6)))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 201
    assert Ticket.objects.filter(subject="Once").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_new_address_at_once_is_one_contact() -> None:
    firm = found()

    def send(n: int) -> int:
        try:
            body = BODY | {"subject": f"n{n}"}
            return int(firm.giulia.post("/tickets", body).json()["contact"]["id"])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1
