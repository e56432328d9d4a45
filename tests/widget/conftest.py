"""The visitors' door as browsers meet it: real uvicorn on a free port, real sockets, an applier beside it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from django.conf import settings
from django.db import connection
from websockets.sync.client import ClientConnection, connect

from sportello.channels import queries, webchats
from sportello.core import live
from sportello.realtime.limits import Budgets
from sportello.tickets import applier
from tests import walk
from tests.sink import free_port


@pytest.fixture(scope="session", autouse=True)
def _close_live(django_db_setup: None) -> Iterator[None]:
    yield
    live.close()


@dataclass
class Visitor:
    """A browser with the chat open."""

    socket: ClientConnection
    uuid: str = ""
    token: str = ""
    welcome: dict[str, Any] = field(default_factory=dict)
    seen: list[dict[str, Any]] = field(default_factory=list)

    def send(self, **frame: Any) -> None:
        self.socket.send(json.dumps(frame))

    def say(self, text: str, key: str | None = None, **more: Any) -> str:
        key = key or str(uuid.uuid4())
        self.send(say={"id": key, "text": text, **more})
        self.until("ack", lambda ack: ack["id"] == key)
        return key

    def until(
        self, name: str, fits: Callable[[Any], bool] = lambda _: True, timeout: float = 8
    ) -> Any:
        """The next frame of that name that fits; what came before it is kept in `seen`."""
        for frame in [*self.seen]:
            if name in frame and fits(frame[name]):
                self.seen.remove(frame)
                return frame[name]
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            frame = json.loads(self.socket.recv(timeout=left))
            if name in frame and fits(frame[name]):
                return frame[name]
            self.seen.append(frame)
        raise AssertionError(f"no {name}; came: {self.seen}")

    def message(self, text: str) -> dict[str, Any]:
        found: dict[str, Any] = self.until("message", lambda m: m["text"] == text)
        return found

    def quiet(self, seconds: float = 0.6) -> list[dict[str, Any]]:
        """Everything that arrives within that time."""
        with contextlib.suppress(TimeoutError):
            while True:
                self.seen.append(json.loads(self.socket.recv(timeout=seconds)))
        return self.seen


@dataclass
class Door:
    port: int
    shop: walk.Shop

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def socket(self, *, origin: str | None = None, channel: str | None = None) -> ClientConnection:
        return connect(
            f"ws://localhost:{self.port}/ws/chat/{channel or self.shop.chat.public_id}",
            origin=origin or self.url,  # type: ignore[arg-type]
            subprotocols=["sportello.1"],  # type: ignore[list-item]
            legacy=True,
        )

    def come(self, known: Visitor | None = None, *, after: int = 0, **options: Any) -> Visitor:
        """A visitor opens the chat, for the first time or again."""
        visitor = Visitor(
            self.socket(**{k: options.pop(k) for k in ("origin", "channel") if k in options})
        )
        hello: dict[str, Any] = {
            "visitor": None,
            "token": None,
            "after": after,
            "language": "it",
            **options,
        }
        hello["page"] = {"url": "https://shop.example/moka", "title": "Moka"}
        if known:
            hello |= {"visitor": known.uuid, "token": known.token}
        visitor.send(hello=hello)
        visitor.welcome = visitor.until("welcome")
        visitor.uuid = visitor.welcome["visitor"]
        visitor.token = visitor.welcome.get("token") or (known.token if known else "")
        return visitor


@pytest.fixture
def door(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    from sportello.config.asgi import application
    from sportello.intake.protocol import FrontProtocol

    monkeypatch.setattr("sportello.realtime.visitors.door.arrivals", Budgets(burst=1000, rate=100))
    monkeypatch.setattr("sportello.realtime.visitors.talk.newcomers", Budgets(burst=1000, rate=100))
    shop = walk.open_shop()
    webchats._known.clear()
    port = free_port()
    monkeypatch.setattr(settings, "SPORTELLO_URL", f"http://localhost:{port}")
    config = uvicorn.Config(
        application(),
        http=FrontProtocol,
        port=port,
        ws="websockets-sansio",
        log_level="warning",
        lifespan="on",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    stop = threading.Event()
    applying = threading.Thread(target=_apply, args=(stop,), daemon=True)
    applying.start()
    while not server.started:
        assert serving.is_alive(), "the doors did not open"
        time.sleep(0.01)
    yield Door(port, shop)
    server.should_exit = True
    stop.set()
    serving.join(10)
    applying.join(10)
    queries.forget()


def _apply(stop: threading.Event) -> None:
    try:
        while not stop.wait(0.02):
            applier.drain()
    finally:
        connection.close()
