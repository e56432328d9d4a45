"""The load generator: a process of its own, raw sockets, keep-alive. Prints what it saw as JSON.

``python -m bench.client '{"port": …, "path": …, "connections": 64, "seconds": 5}'``; with ``rate`` it sends
at that many a second whatever the answers do, without it as fast as each connection is answered.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import uvloop

from bench.row import percentile


@dataclass(slots=True)
class Job:
    port: int
    path: str
    connections: int = 64
    seconds: float = 5.0
    rate: float = 0.0
    count: int = 0
    """Stop after so many; 0 goes by time."""
    senders: int = 2_000
    prefix: str = "m"
    secret: str = "s3cret"
    times: bool = False
    """Tell when each message was sent, by its id."""
    ahead: int = 0
    """Requests written before the clock starts, so that their signatures do not cost the server its processor."""


@dataclass(slots=True)
class Seen:
    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    sent: dict[str, float] = field(default_factory=dict)
    number: int = 0
    ready: list[bytes] = field(default_factory=list)


def request(job: Job, number: int) -> bytes:
    """One signed message, as it goes over the wire."""
    key = f"{job.prefix}{number}"
    said = f'{{"messages":[{{"id":"{key}","from":"c{number % job.senders}","name":"Ada","text":"Dove si trova il mio ordine BA-{number}? Grazie"}}]}}'
    body = said.encode()
    signature = hmac.digest(job.secret.encode(), body, "sha256").hex()
    head = (
        f"POST {job.path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nuser-agent: bench/1\r\naccept: */*\r\n"
        f"x-fake-signature: {signature}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection(asyncio.Protocol):
    """One keep-alive connection that waits for each answer."""

    def __init__(self, job: Job, seen: Seen) -> None:
        self.job, self.seen = job, seen
        self.buffer = b""
        self.began = 0.0
        self.free = True
        self.closed_loop = not job.rate
        self.over = False
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if self.closed_loop:
            self.send(time.monotonic())

    def send(self, due: float) -> None:
        job, seen = self.job, self.seen
        number, seen.number = seen.number, seen.number + 1
        if job.count and number >= job.count:
            self.over = True
            return
        self.free, self.began = False, due
        if job.times:
            seen.sent[f"{job.prefix}{number}"] = due
        written = seen.ready[number] if number < len(seen.ready) else request(job, number)
        self.transport.write(written)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.buffer) < end + 4 + length:
            return
        self.buffer = self.buffer[end + 4 + length :]
        now = time.monotonic()
        self.seen.latencies.append(now - self.began)
        if head[9:12] not in (b"200", b"201", b"204"):
            self.seen.errors += 1
        self.free = True
        if self.closed_loop and not self.over:
            self.send(now)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        if not self.over:
            self.seen.errors += 1


async def run(job: Job) -> dict[str, Any]:
    seen, loop = Seen(), asyncio.get_running_loop()
    seen.ready = [request(job, number) for number in range(job.ahead)]
    began = time.monotonic()
    made = [
        await loop.create_connection(lambda: Connection(job, seen), "127.0.0.1", job.port)
        for _ in range(job.connections)
    ]
    connections = [protocol for _, protocol in made]
    if job.rate:
        await _pace(job, connections, began)
    while not job.rate and (
        len(seen.latencies) < job.count if job.count else time.monotonic() - began < job.seconds
    ):
        await asyncio.sleep(0.005)
        if time.monotonic() - began > 120:
            break
    took = time.monotonic() - began
    for connection in connections:
        connection.over = True
    await asyncio.sleep(0.2)
    return {
        "requests": len(seen.latencies),
        "seconds": took,
        "rate": len(seen.latencies) / took,
        "errors": seen.errors,
        "p50": percentile(seen.latencies, 0.5) * 1000,
        "p99": percentile(seen.latencies, 0.99) * 1000,
        "began": began,
        "sent": seen.sent,
    }


async def _pace(job: Job, connections: list[Connection], began: float) -> None:
    """Each message at its moment, on whichever connection is free; late ones count from when they were due."""
    for n in range(int(job.rate * job.seconds)):
        due = began + n / job.rate
        while (ahead := due - time.monotonic()) > 0:
            await asyncio.sleep(ahead)
        while True:
            free = next((c for c in connections if c.free and not c.lost), None)
            if free is not None:
                break
            if all(c.lost for c in connections):
                raise ConnectionResetError("the server has gone away")
            await asyncio.sleep(0.0005)
        free.send(due)


def start(**job: Any) -> subprocess.Popen[str]:
    """The client as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "bench.client", json.dumps(job)], stdout=subprocess.PIPE, text=True
    )


def drive(**job: Any) -> dict[str, Any]:
    """Run it to its end; returns what it saw."""
    with tempfile.NamedTemporaryFile("r", suffix=".json") as there:
        words = [sys.executable, "-m", "bench.client", json.dumps(job), there.name]
        subprocess.run(words, check=True, timeout=180)
        seen: dict[str, Any] = json.load(there)
    return seen


if __name__ == "__main__":
    found = json.dumps(uvloop.run(run(Job(**json.loads(sys.argv[1])))))
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text(found)
    else:
        print(found)
