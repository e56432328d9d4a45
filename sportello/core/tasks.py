"""Thin jobs."""

from procrastinate.contrib.django import app

from sportello.core import scanning


@app.task(name="core.scan", queue="media", queueing_lock="scan")
def scan() -> None:
    """Show what is new to the virus scanner."""
    scanning.scan_waiting()
