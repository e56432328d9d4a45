"""Pokes over Redis or Valkey pub/sub, for several nodes (`REDIS_URL`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import redis
from django.conf import settings


@cache
def client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=None, health_check_interval=15)


def send(channel: str, payload: str) -> None:
    client().publish(channel, payload)


@contextmanager
def messages(channel: str, stopped: Callable[[], bool]) -> Iterator[Iterator[str]]:
    """Payloads published on `channel`, from now on, until `stopped()`. Blocks."""
    with client().pubsub(  # type: ignore[no-untyped-call]
        ignore_subscribe_messages=True
    ) as subscription:
        subscription.subscribe(channel)
        yield _published(subscription, stopped)


def _published(subscription: redis.client.PubSub, stopped: Callable[[], bool]) -> Iterator[str]:
    while not stopped():
        item = subscription.get_message(timeout=1.0)
        if item and item["type"] == "message":
            yield item["data"].decode()
