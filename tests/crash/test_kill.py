"""kill -9 of every process at random moments under load: nothing acknowledged is lost, nothing doubled.

``CRASH_ROUNDS=40 CRASH_SEED=7 bin/test tests/crash -s`` goes on for longer than the build does.
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from sportello.core.database.embedded import conninfo_for
from tests.crash import killing
from tests.crash.load import Broken, Chat, Customer, Mail, Webhook
from tests.tree import Tree
from tests.waiting import eventually

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "5"))
SEED = int(os.environ.get("CRASH_SEED", "20261121"))
RECOVERY = 60.0
"""Seconds from a kill to the next message on a ticket, at most (the back-off of a restart included)."""

pytestmark = pytest.mark.timeout(120 + 45 * ROUNDS)


@dataclass
class Shop:
    """A running tree with a mailbox, a webhook channel and a chat."""

    tree: Tree
    fake: str
    chat: str

    def ask(self, statement: LiteralString, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(conninfo_for(self.tree.data_dir), autocommit=True) as connection:
            return connection.execute(statement, parameters).fetchall()

    def customer(self, kind: str, name: str, stop: threading.Event) -> Customer:
        if kind == "mail":
            return Mail(name, stop, port=self.tree.smtp_port, mailbox="help@shop.example")
        if kind == "chat":
            return Chat(name, stop, port=self.tree.port, channel=self.chat)
        made = Broken if kind == "broken" else Webhook
        return made(name, stop, port=self.tree.port, channel=self.fake)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    tree = Tree(data_dir=tmp_path / "var", demo=False)
    tree.start()
    said = tree.command(
        "manage",
        "shell",
        "-v0",
        "-c",
        "from tests import walk; shop = walk.open_shop(); print(shop.fake.public_id, shop.chat.public_id)",
    )
    time.sleep(2.1)  # the doors' list of channels is two seconds old at most
    yield Shop(tree, *said.splitlines()[-1].split())
    if tree.process is not None and tree.process.poll() is None:
        tree.stop()


def test_kill_9_at_random_moments_loses_nothing_and_doubles_nothing(shop: Shop) -> None:
    chance = random.Random(SEED)
    stop = threading.Event()
    customers = [shop.customer("webhook", f"hook{n}", stop) for n in range(4)]
    customers += [shop.customer("mail", f"post{n}", stop) for n in range(3)]
    customers += [shop.customer("chat", f"chat{n}", stop) for n in range(2)]
    broken = shop.customer("broken", "broken0", stop)
    broken.pause = 0.5
    everybody = [*customers, broken]
    for customer in everybody:
        customer.start()
    victims = list(killing.PROCESSES)
    chance.shuffle(victims)
    time.sleep(1)
    for n in range(ROUNDS):
        time.sleep(chance.uniform(0.2, 1.5))
        victim = victims[n % len(victims)]
        began = time.monotonic()
        assert killing.kill(shop.tree, victim), f"no {victim} to kill"
        took = _recovered(shop, customers, began)
        print(f"round {n + 1}: kill -9 {victim:<10} back on the ticket after {took:.2f} s")
    time.sleep(0.5)
    stop.set()
    for customer in everybody:
        customer.join(60)
        assert not customer.is_alive()
        assert not customer.problem, customer.problem
    _drained(shop)
    print(
        f"{sum(len(c.acknowledged) for c in customers)} acknowledged, {sum(c.attempts for c in customers)} sent"
    )
    _nothing_lost_or_doubled(shop, customers)
    _set_aside(shop, broken)
    _order_held(shop, len(customers))
    _events_follow(shop)


def _recovered(shop: Shop, customers: list[Customer], since: float) -> float:
    """Seconds until one message of each kind that was sent after the kill is on a ticket."""
    marks = {c.name: len(c.acknowledged) + 1 for c in customers}
    wanted = {
        next(c.name for c in customers if c.name.startswith(kind))
        for kind in ("hook", "post", "chat")
    }
    while wanted:
        assert time.monotonic() - since < RECOVERY, (
            f"{wanted} after {RECOVERY} s:\n{shop.tree.log[-3000:]}"
        )
        time.sleep(0.02)
        for name in list(wanted):
            key = f"{name}-{marks[name]:05d}"
            with suppress(psycopg.OperationalError):
                if shop.ask("SELECT 1 FROM tickets_message WHERE text LIKE %s", f"%{key}%"):
                    wanted.discard(name)
    return time.monotonic() - since


def _drained(shop: Shop, seconds: float = 30) -> None:
    """The spool's list of what is to be done runs empty; no item is left behind."""
    deadline = time.monotonic() + seconds
    while left := shop.ask("SELECT item_id, order_key FROM channels_spooltodo ORDER BY 1"):
        assert time.monotonic() < deadline, (
            f"{len(left)} stuck, {left[:3]}:\n{shop.tree.log[-6000:]}"
        )
        time.sleep(0.05)


def _keys(shop: Shop) -> list[tuple[str, str]]:
    """(sender, key) of every message, in the order in which they were appended."""
    rows = shop.ask(
        "SELECT i.address, m.text FROM tickets_message m JOIN contacts_identity i ON i.id = m.identity_id"
        " ORDER BY m.id"
    )
    return [(address, re.findall(r"\w+-\d{5}", text)[-1]) for address, text in rows]


def _nothing_lost_or_doubled(shop: Shop, customers: list[Customer]) -> None:
    there = [key for _, key in _keys(shop)]
    assert len(there) == len(set(there)), "something is there twice"
    lost = {key for c in customers for key in c.acknowledged} - set(there)
    assert not lost, f"acknowledged and lost: {sorted(lost)[:20]}"


def _set_aside(shop: Shop, broken: Customer) -> None:
    """What cannot be read is parked with its traceback, all of it and nothing else."""
    parked = shop.ask(
        "SELECT i.external_ids[1], p.traceback FROM channels_spoolparked p"
        " JOIN channels_spoolitem i ON i.id = p.item_id"
    )
    assert set(broken.acknowledged) <= {key for key, _ in parked}
    wrong = [(key, said[-1000:]) for key, said in parked if not key.startswith(broken.name)]
    assert not wrong, wrong[0]


def _order_held(shop: Shop, senders: int) -> None:
    by_sender: dict[str, list[str]] = defaultdict(list)
    for sender, key in _keys(shop):
        by_sender[sender].append(key)
    assert len(by_sender) == senders
    for keys in by_sender.values():
        assert keys == sorted(keys)
    hooks = shop.ask(
        "SELECT identity_id FROM tickets_message WHERE external_id LIKE 'hook%%' GROUP BY 1"
        " HAVING count(DISTINCT ticket_id) > 1"
    )
    assert not hooks, "a talk was torn into several tickets"


def _events_follow(shop: Shop) -> None:
    messages = shop.ask("SELECT count(*) FROM tickets_message WHERE direction = 'in'")[0][0]
    told = shop.ask(
        "SELECT count(*), count(DISTINCT payload->>'message') FROM core_event WHERE type = 'message_received'"
    )[0]
    assert told == (messages, messages)
    backwards = shop.ask(
        "SELECT count(*) FROM (SELECT recorded_at < lag(recorded_at) OVER (ORDER BY id) AS late FROM core_event) e WHERE late"
    )
    assert backwards == [(0,)], "events are not in the order of their commits"
    last = shop.ask("SELECT coalesce(max(id), 0) FROM core_event")[0][0]
    eventually(
        lambda: shop.ask("SELECT 1 FROM core_cursor HAVING min(event_id) >= %s", last), seconds=30
    )
