"""``sportello worker``: applies what came in, follows events, sweeps timers, polls mailboxes, runs jobs."""

from __future__ import annotations

import asyncio
import contextlib
import threading

from sportello.config import heartbeat, memory
from sportello.config.loops import Loops
from sportello.config.stopping import stop_event, wait

LOOPS = (
    "sportello.tickets.applier.run_forever",
    "sportello.core.consumers.run_forever",
    "sportello.core.sweeps.run_forever",
    "sportello.intake.pollers.run_forever",
)


def main() -> int:
    """Run until SIGTERM."""
    import django

    stop = stop_event()
    memory.share()
    django.setup()
    from django.conf import settings

    loops = Loops(stop)
    for dotted in LOOPS:
        loops.start_named(dotted)
    loops.start("jobs", run_jobs)
    beat = threading.Thread(
        target=heartbeat.beat,
        args=("worker", stop),
        kwargs={"dsn": settings.DATABASE_DSN, "alive": loops.alive},
        name="heartbeat",
        daemon=True,
    )
    beat.start()
    if not stop.wait(3):  # the loops import what they need in their threads
        memory.settle()
    wait(stop)
    loops.join(timeout=2)
    return 0


def run_jobs(stop: threading.Event) -> None:
    """Procrastinate's worker, in an event loop of its own."""
    asyncio.run(_run_jobs(stop))


async def _run_jobs(stop: threading.Event) -> None:
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    # A second app for the worker: the first keeps Django's connection, so that what a job or a
    # subscriber defers still commits with its transaction.
    async with app.with_connector(connector.get_worker_connector()).open_async() as worker_app:
        work = asyncio.create_task(
            worker_app.run_worker_async(
                concurrency=4,
                install_signal_handlers=False,
                shutdown_graceful_timeout=1.5,
                delete_jobs="successful",
            )
        )
        while not stop.is_set() and not work.done():
            await asyncio.sleep(0.1)
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
