"""A backlog is read ahead while it is applied: in order, whole, and past what cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from sportello.channels.models import SpoolParked, SpoolTodo
from sportello.tickets import applier
from sportello.tickets.models import Message
from tests import walk


@pytest.fixture
def ahead(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[applier.Ahead]:
    monkeypatch.setattr(applier, "BATCH", 4)
    with ThreadPoolExecutor(1) as beside:
        yield applier.Ahead(beside)
        beside.submit(connections.close_all).result()


def test_in_order_whole_and_past_what_cannot_be_read(ahead: applier.Ahead) -> None:
    shop = walk.open_shop()
    said = [("explode" if n == 6 else f"{n:02}") for n in range(15)]
    bodies = [walk.fake_body((f"m{n}", f"c{n % 2}", text)) for n, text in enumerate(said)]
    walk.accept(shop.fake, *bodies)
    taken = [ahead.drain() for _ in range(5)]
    assert taken == [4, 4, 4, 3, 0]
    for who in ("c0", "c1"):
        texts = list(
            Message.objects.filter(identity__address=who)
            .order_by("id")
            .values_list("text", flat=True)
        )
        assert texts == sorted(texts)
        assert len(texts) == 7
    assert SpoolParked.objects.count() == 1
    assert not SpoolTodo.objects.exists()


def test_what_was_read_ahead_is_left_to_whoever_applies_now(ahead: applier.Ahead) -> None:
    shop = walk.open_shop()
    walk.accept(shop.fake, *(walk.fake_body((f"m{n}", "c", f"{n}")) for n in range(8)))
    assert ahead.drain() == 4
    assert applier.drain_all() == 4  # another process, meanwhile
    ahead.forget()
    assert ahead.drain() == 0
    assert Message.objects.count() == 8
