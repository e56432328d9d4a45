"""Server memory of an idle visitor: the web process's PSS before and after they come."""

from __future__ import annotations

import asyncio
import time

import psutil

from bench.chat_echo import greet, visitor_socket
from bench.house import House, house
from bench.row import Options, Row

AT_ONCE = 40


def sockets(options: Options) -> list[Row]:
    count = options.sockets
    with house(demo=True) as made, made.web() as web:
        asyncio.run(_hold(made, 200))  # the first ones pay for what all share
        time.sleep(2)
        before = pss(web.pid)
        held = asyncio.run(_hold(made, count, web.pid))
    each = (held - before) / count / 1024
    total = (before + each * 1024 * 10_000) / 1e6
    how = "measured" if count >= 10_000 else f"extrapolated from {count:,}"
    return [
        Row("sockets", "≤ 25 KB each", each, "KB", ok=each <= 25, notes=[f"{count:,} idle visitors held, each greeted and proven; PSS of web {before / 1e6:.0f} → {held / 1e6:.0f} MB"]),
        Row("sockets", "10,000 on one machine", total, "MB of web", ok=None if count < 10_000 else True, notes=[how]),
    ]  # fmt: skip


def pss(pid: int) -> float:
    """Bytes."""
    return float(psutil.Process(pid).memory_full_info().pss)


async def _hold(made: House, count: int, pid: int = 0) -> float:
    """Open so many, look at the memory while they are all there, let them go."""
    gate, there = asyncio.Semaphore(AT_ONCE), 0
    everybody, leave = asyncio.Event(), asyncio.Event()

    async def visitor(n: int) -> None:
        nonlocal there
        async with gate:
            socket = await visitor_socket(made, n, queue=4)
            await greet(socket)
        there += 1
        if there == count:
            everybody.set()
        await leave.wait()
        await socket.close()

    visitors = [asyncio.create_task(visitor(n)) for n in range(count)]
    done, _ = await asyncio.wait(
        [asyncio.create_task(everybody.wait()), *visitors],
        return_when=asyncio.FIRST_COMPLETED,
        timeout=180,
    )
    if not everybody.is_set():
        failed = [task for task in done if task.exception()]
        raise RuntimeError(f"{there} of {count} came in; {failed[:1]}")
    await asyncio.sleep(2)
    memory = pss(pid) if pid else 0.0
    leave.set()
    await asyncio.gather(*visitors, return_exceptions=True)
    return memory
