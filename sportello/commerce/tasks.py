"""Thin jobs."""

from procrastinate.contrib.django import app

from sportello.commerce import acting, arrivals, polling, tables
from sportello.core.clock import now


@app.task(name="commerce.apply", queue="commerce")
def apply() -> None:
    """Apply what shops have sent."""
    arrivals.drain()


@app.task(name="commerce.poll", queue="commerce")
def poll(connection_id: int) -> None:
    """Fetch from one shop."""
    polling.poll(connection_id, now=now())


@app.task(name="commerce.act", queue="commerce")
def act(deed_id: int) -> None:
    """Ask the shop to do one thing."""
    acting.act(deed_id, now=now())


@app.task(name="commerce.import", queue="commerce")
def import_table(import_id: int) -> None:
    """Read one uploaded table."""
    tables.run(import_id)
