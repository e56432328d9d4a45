"""Two at the same moment: one wins, the other is told so."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from sportello.accounts import actions as accounts
from sportello.accounts.models import Agent
from sportello.core.actors import SYSTEM, Actor
from sportello.core.clock import now
from sportello.tickets import actions
from sportello.tickets.models import Draft, Message
from tests.api.company import Api, person
from tests.walk import Shop, open_shop

AT_ONCE = 6


def together(run: Callable[[int], Any]) -> list[Any]:
    """`run` in several threads that start at the same moment; what each returned or raised."""
    start = threading.Barrier(AT_ONCE)

    def one(number: int) -> Any:
        start.wait()
        try:
            return run(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(one, range(AT_ONCE)))


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return open_shop()


def test_an_invitation_is_accepted_once(shop: Shop, mailoutbox: Any) -> None:
    accounts.invite(email="nuova@x.example", actor=SYSTEM)
    token = str(mailoutbox[-1].body).split("/accounts/invitation/")[1].split()[0]
    came = together(
        lambda n: accounts.accept_invitation(
            token=token, name=f"N{n}", password="lungo-abbastanza-9"
        )
    )
    assert sum(isinstance(one, Agent) for one in came) == 1
    assert sum(isinstance(one, accounts.InvitationRefused) for one in came) == AT_ONCE - 1
    assert Agent.objects.filter(email="nuova@x.example").count() == 1


def test_an_answer_is_taken_back_once(shop: Shop) -> None:
    ticket = actions.open_ticket(
        contact=person("Ada", "ada@home.example"), subject="x", text="x", actor=SYSTEM, now=now(),
        channel=shop.mail,
    )  # fmt: skip
    actor = Actor.agent(shop.giulia.pk)
    sent = actions.reply(ticket=ticket, actor=actor, now=now(), text="Arriva", undo_seconds=60)
    came = together(
        lambda _: actions.undo_send(
            message=Message.objects.select_related("ticket").get(pk=sent.pk), actor=actor, now=now()
        )
    )
    assert sum(isinstance(one, Draft) for one in came) == 1, came
    assert not Message.objects.filter(pk=sent.pk).exists()
    refused = [one for one in came if isinstance(one, Exception)]
    assert all(isinstance(one, actions.TooLate | Message.DoesNotExist) for one in refused), refused


def test_one_key_one_ticket(shop: Shop) -> None:
    ticket = actions.open_ticket(
        contact=person("Ada", "ada@home.example"), subject="x", text="x", actor=SYSTEM, now=now(),
        channel=shop.mail,
    )  # fmt: skip
    api = Api(shop.giulia)
    came = together(
        lambda _: api.post(f"/tickets/{ticket.number}/note", {"text": "una"}, Idempotency_Key="k")
    )
    assert [one.status_code for one in came] == [201] * AT_ONCE
    assert len({one.json()["id"] for one in came}) == 1
    assert Message.objects.filter(direction="note").count() == 1
