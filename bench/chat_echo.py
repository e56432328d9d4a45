"""A visitor says something: when does the agent's socket know, while three hundred other messages a second come in?"""

from __future__ import annotations

import asyncio
import json
import time
import uuid

from websockets.asyncio.client import ClientConnection, connect

from bench import agent, end_to_end
from bench.house import House, house
from bench.row import Options, Row, percentile
from sportello.demo.names import CHAT_PUBLIC_ID

VISITORS = 12
SECONDS = 8.0
OTHERS = 300


def chat_echo(options: Options) -> list[Row]:
    with house(demo=True) as made:
        channel = end_to_end.fake_channel()
        cookie = agent.sign_in("giulia@bottega-aurora.example")
        with made.web(), made.worker():
            asyncio.run(_talk(made, 2.0))
            desk = agent.open_desk(made, cookie, seconds=SECONDS + 6)
            others = {
                "port": made.port,
                "path": f"/intake/{channel}",
                "rate": OTHERS,
                "seconds": SECONDS + 2,
                "prefix": "o",
                "connections": 16,
            }
            thread = end_to_end.background(others)
            sent = asyncio.run(_talk(made, SECONDS))
            seen = agent.close_desk(desk)
            thread.join(20)
        times = end_to_end.echoes(made, sent, seen, "")
    half, most = percentile(times, 0.5), percentile(times, 0.99)
    notes = [f"{len(times)} of {len(sent)} seen; {VISITORS} visitors, {OTHERS} other messages/s"]
    return [
        Row(
            "chat_echo",
            "p50 ≤ 25",
            half,
            "ms",
            ok=half <= 25 and len(times) >= 0.99 * len(sent),
            notes=notes,
        ),
        Row("chat_echo", "p99 ≤ 120", most, "ms", "p50 of the same", half, ok=most <= 120),
    ]


def visitor_socket(made: House, n: int, *, queue: int = 16) -> connect:
    """A chat socket from an address of the loopback of its own: the door counts sockets per address."""
    return connect(
        f"ws://127.0.0.1:{made.port}/ws/chat/{CHAT_PUBLIC_ID}",
        origin=made.url,  # type: ignore[arg-type]
        subprotocols=["sportello.1"],  # type: ignore[list-item]
        compression=None,
        max_queue=queue,
        ping_interval=None,
        local_addr=(f"127.0.{1 + n // 15 // 250}.{1 + n // 15 % 250}", 0),
    )


async def greet(socket: ClientConnection) -> None:
    """Come for the first time and be welcomed."""
    page = {"url": "https://bottega-aurora.example/", "title": "Bottega"}
    await socket.send(
        json.dumps(
            {"hello": {"visitor": None, "token": None, "after": 0, "language": "it", "page": page}}
        )
    )
    while "welcome" not in json.loads(await socket.recv()):
        pass


async def _talk(made: House, seconds: float) -> dict[str, float]:
    sent: dict[str, float] = {}

    async def visitor(n: int) -> None:
        async with visitor_socket(made, n * 15) as socket:
            await greet(socket)
            reader = asyncio.create_task(_listen(socket))
            await asyncio.sleep(n / VISITORS * 0.4)
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                key = str(uuid.uuid4())
                sent[key] = time.monotonic()
                await socket.send(
                    json.dumps({"say": {"id": key, "text": "Quanto costa la spedizione?"}})
                )
                await asyncio.sleep(0.4)
            await asyncio.sleep(1.5)
            reader.cancel()

    await asyncio.gather(*[visitor(n) for n in range(VISITORS)])
    return sent


async def _listen(socket: ClientConnection) -> None:
    async for _ in socket:
        pass
