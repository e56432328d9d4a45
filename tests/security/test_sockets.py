"""Rights that end while an agent's socket is open: not one event more, and the door is shut with 4401."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from sportello.accounts import actions as accounts
from sportello.accounts.models import Agent, Company, Role, Team
from sportello.accounts.queries import forget_company
from sportello.core.actors import SYSTEM, Actor
from sportello.core.clock import now
from sportello.realtime import agents as agent_sockets
from sportello.tickets import actions
from sportello.tickets.models import Ticket
from tests import walk
from tests.widget.conftest import Door
from tests.workspace.conftest import BACKEND

SIGN_IN_AGAIN = 4401


@dataclass
class Desk:
    """One agent's open workspace."""

    socket: ClientConnection
    client: Client
    seen: list[dict[str, Any]] = field(default_factory=list)

    def send(self, **frame: Any) -> None:
        self.socket.send(json.dumps(frame))

    def hear(self, seconds: float = 1.0) -> list[dict[str, Any]]:
        """Everything that comes within that time."""
        end, found = time.monotonic() + seconds, []
        with contextlib.suppress(TimeoutError, ConnectionClosed):
            while (left := end - time.monotonic()) > 0:
                found.append(json.loads(self.socket.recv(timeout=left)))
        self.seen += found
        return found

    def until(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        end = time.monotonic() + 8
        while (left := end - time.monotonic()) > 0:
            frame: dict[str, Any] = json.loads(self.socket.recv(timeout=left))
            if fits(frame):
                return frame
        raise AssertionError("it did not come")

    def closed_with(self) -> int | None:
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            while True:
                frame = json.loads(self.socket.recv(timeout=8))
                assert "event" not in frame, frame
        return self.socket.close_code


@dataclass
class House:
    door: Door
    shop: walk.Shop

    def sit(self, agent: Agent) -> Desk:
        client = Client()
        client.force_login(agent, backend=BACKEND)
        UserSession.objects.get_or_create(
            session_key=client.session.session_key,
            defaults={"user": agent, "ip": "127.0.0.1", "user_agent": "x"},
        )
        return Desk(self.connect(client), client)

    def connect(self, client: Client, *, origin: str | None = None) -> ClientConnection:
        cookie = client.cookies["sid"].value
        return connect(
            f"ws://localhost:{self.door.port}/ws",
            origin=origin or self.door.url,  # type: ignore[arg-type]
            subprotocols=["sportello.agent.1"],  # type: ignore[list-item]
            additional_headers={"Cookie": f"sid={cookie}"},
            legacy=True,
        )

    def ticket(self, team: Team | None = None) -> Ticket:
        from tests.api.company import person

        return actions.open_ticket(
            contact=person("Ada"), subject="Tazza", text="rotta", actor=SYSTEM, now=now(),
            brand=self.shop.brand, team=team,
        )  # fmt: skip

    def happen(self, ticket: Ticket) -> None:
        boss = Agent.objects.get(email="boss@shop.example")
        actions.note(ticket=ticket, actor=Actor.agent(boss.pk), now=now(), text="zitti")


@pytest.fixture
def house(door: Door, settings: Any) -> House:
    settings.SPORTELLO_DEMO = True
    walk.agent("boss", Role.ADMINISTRATOR)
    return House(door, door.shop)


def _deactivate(house: House, desk: Desk) -> None:
    accounts.deactivate(agent=house.shop.giulia, actor=SYSTEM)


def _no_grants(house: House, desk: Desk) -> None:
    accounts.set_grants(agent=house.shop.giulia, grants=[], actor=SYSTEM)


def _log_out(house: House, desk: Desk) -> None:
    assert desk.client.post("/accounts/logout/").status_code == 302


def _end_session(house: House, desk: Desk) -> None:
    elsewhere = Client()
    elsewhere.force_login(house.shop.giulia, backend=BACKEND)
    assert elsewhere.post("/accounts/sessions/").status_code == 302


def _second_factor(house: House, desk: Desk) -> None:
    accounts.reset_second_factor(agent=house.shop.giulia, actor=SYSTEM)


ENDINGS = [_deactivate, _no_grants, _log_out, _end_session, _second_factor]


@pytest.mark.parametrize("end", ENDINGS, ids=lambda end: end.__name__.strip("_"))
def test_nothing_comes_after_the_right_has_ended(house: House, end: Any) -> None:
    ticket, desk = house.ticket(), house.sit(house.shop.giulia)
    desk.send(do="watch", ticket=ticket.number)
    desk.until(lambda frame: "presence" in frame)
    house.happen(ticket)
    desk.until(lambda frame: frame.get("ticket") == ticket.number)
    desk.hear(0.5)
    end(house, desk)
    for _ in range(5):
        house.happen(ticket)
    assert desk.closed_with() == SIGN_IN_AGAIN


def test_who_is_signed_out_or_owes_a_second_factor_gets_no_socket(
    house: House, settings: Any
) -> None:
    boss = Agent.objects.get(email="boss@shop.example")
    assert "at" in house.sit(boss).hear(0.5)[0]
    settings.SPORTELLO_DEMO = False
    Company.objects.update(require_second_factor=True)
    forget_company()
    assert house.sit(boss).closed_with() == SIGN_IN_AGAIN
    Authenticator.objects.create(user=boss, type=Authenticator.Type.TOTP, data={})
    assert "at" in house.sit(boss).hear(0.5)[0]
    known = house.sit(boss)
    known.client.session.flush()
    assert Desk(house.connect(known.client), known.client).closed_with() == SIGN_IN_AGAIN


def test_a_policy_that_starts_ends_the_sockets_of_who_owes(house: House, settings: Any) -> None:
    settings.SPORTELLO_DEMO = False
    Company.objects.update(require_second_factor=False)
    forget_company()
    desk = house.sit(Agent.objects.get(email="boss@shop.example"))
    assert "at" in desk.hear(0.5)[0]
    accounts.save_company(values={"require_second_factor": True}, actor=SYSTEM)
    assert desk.closed_with() == SIGN_IN_AGAIN


def test_another_agents_rights_end_nobody_elses_socket(house: House) -> None:
    ticket, desk = house.ticket(), house.sit(house.shop.giulia)
    desk.hear(0.3)
    accounts.set_grants(agent=house.shop.marco, grants=[], actor=SYSTEM)
    house.happen(ticket)
    desk.until(lambda frame: frame.get("ticket") == ticket.number)


def test_a_team_that_turns_private_is_silent_at_once(house: House) -> None:
    team = Team.objects.create(name="Direzione", slug="direzione")
    ticket, other = house.ticket(team), house.ticket()
    desk = house.sit(house.shop.giulia)
    desk.send(do="watch", ticket=ticket.number)
    desk.until(lambda frame: "presence" in frame)
    accounts.save_team(team=team, values={"is_private": True}, actor=SYSTEM)
    house.happen(ticket)
    _talk(house, ticket)
    house.happen(other)
    heard = desk.hear(2)
    assert [f["ticket"] for f in heard if "event" in f] == [other.number]
    assert not [f for f in heard if "typing" in f]


def test_a_watched_ticket_that_moves_to_a_private_team_is_left(house: House) -> None:
    secret = Team.objects.create(name="Direzione", slug="direzione", is_private=True)
    ticket, desk = house.ticket(), house.sit(house.shop.giulia)
    desk.send(do="watch", ticket=ticket.number)
    desk.until(lambda frame: "presence" in frame)
    boss = Agent.objects.get(email="boss@shop.example")
    actions.assign(ticket=ticket, team=secret, actor=Actor.agent(boss.pk), now=now())
    time.sleep(0.5)
    desk.hear(0.3)
    house.happen(ticket)
    _talk(house, ticket)
    assert not [f for f in desk.hear(1) if "typing" in f or "event" in f]
    desk.send(do="watch", ticket=ticket.number)
    _talk(house, ticket)
    assert not [f for f in desk.hear(1) if "typing" in f or "presence" in f]


def _talk(house: House, ticket: Ticket) -> None:
    from sportello.core import live

    live.publish(f"ticket:{ticket.pk}", {"who": "visitor", "words": "segreto"})
    live.publish("presence", {"ticket": ticket.number, "agent": 999, "name": "X", "initials": "X",
                              "since": "", "mode": "typing", "words": "segreto"})  # fmt: skip


def test_foreign_pages_open_no_socket(house: House) -> None:
    client = Client()
    client.force_login(house.shop.giulia, backend=BACKEND)
    for origin in (
        "https://evil.example",
        "null",
        f"http://localhost:{house.door.port}.evil.example",
    ):
        with pytest.raises(Exception, match="403"):
            house.connect(client, origin=origin)


def test_a_flood_is_not_heard_and_rubbish_ends_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_sockets, "BURST", 20)
    monkeypatch.setattr(agent_sockets, "RATE", 1)
    desk = house.sit(house.shop.giulia)
    for text in (
        "[" * 3000,
        "null",
        '{"do":"watch","ticket":1e999}',
        '{"do":"watch","ticket":"9e9"}',
        "x" * 9000,
    ):
        desk.socket.send(text)
    for _ in range(200):
        desk.send(do="ping")
    pongs = [frame for frame in desk.hear(1.5) if "pong" in frame]
    assert 10 < len(pongs) < 25
