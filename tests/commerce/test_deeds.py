"""Refund, cancel, send again: only from the buyer's ticket, once, and what came of it is told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from sportello.accounts.models import Role
from sportello.commerce import acting, actions, money, registry
from sportello.commerce.contract import Act, Connector, Failed, Outcome, Request, Unknown
from sportello.commerce.models import Deed, Order
from sportello.commerce.reasons import SENTENCES, Reason, why
from sportello.contacts.models import Identity
from sportello.core import operations
from sportello.core.actors import SYSTEM, Actor
from sportello.core.clock import now
from sportello.core.models import AuditEntry, Event
from sportello.tickets.models import Ticket
from sportello.workspace.purchases import because
from tests.commerce.conftest import Till
from tests.walk import agent, arrive, mail_bytes

ADA = {"email": "ada@home.example"}


@pytest.fixture
def ticket(till: Till) -> Ticket:
    message = arrive(till.shop.mail, mail_bytes("Ada <ada@home.example>"))
    Identity.objects.filter(address="ada@home.example").update(proof="verified")
    till.tell(till.order(total="100.00", payment="paid", customer=ADA))
    return Ticket.objects.select_related("team").get(pk=message.ticket_id)


def run(name: str, ticket: Ticket, who: Any, **params: Any) -> Deed:
    found = operations.get(f"{name}_order")
    actor = Actor.agent(who.pk) if who else SYSTEM
    deed: Deed = found.run(ticket=ticket, actor=actor, now=now(), params=found.params(**params))
    return deed


def test_a_refund_is_noted_done_and_told(till: Till, ticket: Ticket) -> None:
    order = till.bought()
    deed = run("refund", ticket, till.shop.giulia, order=order.pk, amount=Decimal(40), reason="Chipped")  # fmt: skip
    assert deed.state == "queued"
    acting.act(deed.pk, now=now())
    acting.act(deed.pk, now=now())
    deed.refresh_from_db()
    order.refresh_from_db()
    assert (deed.state, deed.attempts) == ("done", 1)
    assert (order.refunded, order.payment) == (Decimal(40), "partly_refunded")
    story = Event.objects.filter(ticket_id=ticket.pk, type__startswith="order_act").order_by("pk")
    assert [(e.type, e.payload.get("state")) for e in story] == [("order_act_asked", None), ("order_act_settled", "done")]  # fmt: skip
    assert Event.objects.filter(type="order_refunded", contact_id=ticket.contact_id).exists()
    assert AuditEntry.objects.get(action="order.refund").subject == "BA-1001"


@pytest.mark.parametrize("amount", ["100.01", "0", "-5", "1.005", "NaN"])
def test_no_more_than_is_left_and_no_odd_sums(till: Till, ticket: Ticket, amount: str) -> None:
    with pytest.raises(actions.ActRefused):
        run("refund", ticket, till.shop.giulia, order=till.bought().pk, amount=Decimal(amount))
    assert not Deed.objects.exists()


def test_the_same_is_not_asked_twice_at_once(till: Till, ticket: Ticket) -> None:
    run("refund", ticket, till.shop.giulia, order=till.bought().pk)
    with pytest.raises(actions.ActRefused, match=r"already|già"):
        run("refund", ticket, till.shop.giulia, order=till.bought().pk)


def test_only_the_requesters_orders_and_only_who_may_answer(till: Till, ticket: Ticket) -> None:
    till.tell(till.order("BA-2", total="5", payment="paid", customer={"email": "eve@x.example"}))
    with pytest.raises(actions.ActRefused):
        run("cancel", ticket, till.shop.giulia, order=till.bought("BA-2").pk)
    light = agent("luca", Role.LIGHT)
    with pytest.raises(actions.ActRefused):
        run("cancel", ticket, light, order=till.bought().pk)
    assert operations.get("refund_order").writes_to_customer


def test_what_has_left_is_not_cancelled(till: Till, ticket: Ticket) -> None:
    till.tell(till.order(minutes=5, verb="shipped"))
    with pytest.raises(actions.ActRefused):
        run("cancel", ticket, till.shop.giulia, order=till.bought().pk)
    actions.switch(connection=till.connection, on=False, actor=SYSTEM, now=now())
    with pytest.raises(actions.ActRefused):
        run("resend", ticket, till.shop.giulia, order=till.bought().pk)


def answering(monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome) -> list[Request]:
    asked: list[Request] = []

    def act(self: Connector, request: Request, settings: Any, net: Any) -> Outcome:
        asked.append(request)
        return outcomes[len(asked) - 1]

    monkeypatch.setattr(type(registry.get("fake")), "act", act)
    return asked


def test_a_busy_shop_is_asked_again_with_the_same_key(
    till: Till, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = timedelta(seconds=20)
    asked = answering(monkeypatch, Failed("busy", False, wait), Failed("no", True))
    deed = run("cancel", ticket, till.shop.giulia, order=till.bought().pk)
    at = now()
    acting.act(deed.pk, now=at)
    acting.act(deed.pk, now=at + timedelta(seconds=5))
    assert len(asked) == 1
    acting.act(deed.pk, now=at + timedelta(seconds=40))
    deed.refresh_from_db()
    assert (deed.state, deed.why, deed.words, deed.attempts) == ("failed", "", "no", 2)
    assert asked[0].idempotency_key == asked[1].idempotency_key == str(deed.key)


def test_no_answer_is_unknown_and_never_asked_again(
    till: Till, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, Unknown("silence"))
    deed = run("refund", ticket, till.shop.giulia, order=till.bought().pk)
    acting.act(deed.pk, now=now())
    acting.settle_overdue(now() + timedelta(hours=1))
    acting.act(deed.pk, now=now() + timedelta(hours=1))
    deed.refresh_from_db()
    assert (deed.state, len(asked)) == ("unknown", 1)


def test_a_worker_that_died_with_it_leaves_it_unknown(till: Till, ticket: Ticket) -> None:
    deed = run("refund", ticket, till.shop.giulia, order=till.bought().pk)
    Deed.objects.update(state="sending", due_at=now())
    acting.settle_overdue(now() + timedelta(seconds=1))
    deed.refresh_from_db()
    assert deed.state == "unknown"
    assert Order.objects.get().refunded == 0


def test_why_it_failed_is_said_in_the_readers_language(
    till: Till, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(
        monkeypatch,
        Failed(why(Reason.REFUSED, "Order is archived", status=422)),
        Unknown(why(Reason.BROKE_DOWN, status=502)),
    )
    first = run("cancel", ticket, till.shop.giulia, order=till.bought().pk)
    acting.act(first.pk, now=now())
    second = run("cancel", ticket, till.shop.giulia, order=till.bought().pk)
    acting.act(second.pk, now=now())
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.why, first.values, first.words) == ("refused", {"status": 422}, "Order is archived")  # fmt: skip
    with translation.override("it"):
        assert because(first) == "Il negozio ha rifiutato (HTTP 422)."
        assert because(second).startswith("Il negozio ha avuto un guasto (HTTP 502)")
    with translation.override("en"):
        assert because(second) == "The shop broke down (HTTP 502): it may have been done or not."


def test_every_reason_has_its_sentence_in_italian() -> None:
    assert set(SENTENCES) == set(Reason)
    with translation.override("it"):
        assert all(translation.gettext(text) != text for text in SENTENCES.values())


def test_every_act_has_its_operation() -> None:
    assert {f"{act.value}_order" for act in Act} <= set(operations.all_operations())


def test_money_is_written_as_the_reader_writes_it() -> None:
    with translation.override("it"):
        assert money.shown(Decimal("1049.5"), "EUR") == "1.049,50\xa0€"
    with translation.override("en"):
        assert money.shown(Decimal("1049.5"), "EUR") == "€1,049.50"
        assert money.shown(Decimal(500), "JPY") == "¥500"
    assert money.is_amount(Decimal("1.5"), "EUR")
    assert not money.is_amount(Decimal("1.5"), "JPY")
