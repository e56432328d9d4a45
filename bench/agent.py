"""An agent's open workspace: a process that notes when each event reached its socket.

``python -m bench.agent '{"port": …, "cookie": …, "until": <monotonic seconds>}'`` prints ``[[event id, at], …]``.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from bench.house import House


async def run(port: int, cookie: str, until: float) -> list[tuple[int, float]]:
    seen: list[tuple[int, float]] = []
    after = 0
    while time.monotonic() < until:
        with suppress(ConnectionClosed, TimeoutError, OSError):
            async with (
                asyncio.timeout(max(0.01, until - time.monotonic())),
                connect(
                    f"ws://localhost:{port}/ws?after={after or ''}",
                    origin=f"http://localhost:{port}",  # type: ignore[arg-type]
                    subprotocols=["sportello.agent.1"],  # type: ignore[list-item]
                    additional_headers={"Cookie": f"sid={cookie}"},
                ) as socket,
            ):
                if not seen:
                    print("ready", flush=True)
                async for text in socket:
                    message = json.loads(text)
                    if event := message.get("event"):
                        after = event
                        seen.append((event, time.monotonic()))
    return seen


def open_desk(made: House, cookie: str, *, seconds: float) -> subprocess.Popen[str]:
    """The process, once its socket is open."""
    said = {"port": made.port, "cookie": cookie, "until": time.monotonic() + seconds}
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.agent", json.dumps(said)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    return process


def close_desk(process: subprocess.Popen[str]) -> dict[int, float]:
    """Event → the moment it was seen."""
    said, _ = process.communicate()
    return dict(json.loads(said))


def sign_in(email: str) -> str:
    """A session of that agent, as the cookie names it."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from sportello.accounts.models import Agent

    agent = Agent.objects.get(email=email)
    session: Any = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(agent.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session.save()
    return str(session.session_key)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(**json.loads(sys.argv[1])))))
