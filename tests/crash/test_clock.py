"""The clock jumps while messages come in: their order is that of their ids, and nothing waits for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sportello.channels import spool
from sportello.channels.models import SpoolParked, SpoolTodo
from sportello.core.clock import now
from sportello.core.models import Event
from sportello.tickets import applier, timers
from sportello.tickets.actions import snooze
from sportello.tickets.models import Message, Ticket
from tests import walk

JUMPS = (timedelta(), timedelta(hours=-1), timedelta(days=1), timedelta())


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> list[timedelta]:
    """Its last element is how wrong the clock is."""
    off = [timedelta()]
    for module in (spool, applier):
        monkeypatch.setattr(module, "now", lambda: now() + off[-1])
    return off


@pytest.mark.django_db
def test_messages_stay_in_order_on_one_ticket(jump: list[timedelta]) -> None:
    shop = walk.open_shop()
    for n, wrong in enumerate(JUMPS):
        jump.append(wrong)
        walk.arrive(
            shop.fake, *[walk.fake_body((f"{n}-{k}", "ada", f"{n}-{k}")) for k in range(20)]
        )
    said = list(Message.objects.order_by("pk").values_list("text", flat=True))
    assert said == [f"{n}-{k}" for n in range(len(JUMPS)) for k in range(20)]
    assert Ticket.objects.count() == 1
    assert not SpoolTodo.objects.exists()
    assert not SpoolParked.objects.exists()
    told = Event.objects.filter(type="message_received").order_by("pk")
    ids = [payload["message"] for payload in told.values_list("payload", flat=True)]
    assert ids == sorted(ids)
    assert len(ids) == len(said)


@pytest.mark.django_db
def test_a_sleeper_wakes_once_whichever_way_the_clock_jumps(jump: list[timedelta]) -> None:
    shop = walk.open_shop()
    ticket = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "ciao"))).ticket
    at = now()
    snooze(ticket=ticket, actor=shop.actor(), now=at, until=at + timedelta(minutes=10))
    for moment in (at - timedelta(hours=1), at + timedelta(days=1), at):
        timers.wake_snoozed(moment)
    ticket.refresh_from_db()
    assert ticket.snoozed_until is None
    assert Event.objects.filter(type="ticket_woken").count() == 1
