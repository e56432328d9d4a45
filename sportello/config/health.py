"""``/healthz``, ``/readyz``, ``/metrics``: what a load balancer and an administrator ask first."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import Any

import psycopg
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sportello.config import figures
from sportello.config.heartbeat import PARTS, STALE_AFTER


async def healthz(request: Request) -> Response:
    """The process lives."""
    return JSONResponse({"ok": True})


async def readyz(request: Request) -> Response:
    """Database, worker and mail receiver do their work; 503 when one does not."""
    parts = await _parts()
    ok = all(part["ok"] for part in parts.values())
    return JSONResponse({"ok": ok, "parts": parts}, 200 if ok else 503)


async def metrics(request: Request) -> Response:
    """Prometheus figures, for this machine only: a proxy's forwarded requests are refused."""
    client = request.client.host if request.client else ""
    if not client or not ip_address(client).is_loopback or "x-forwarded-for" in request.headers:
        return PlainTextResponse("Metrics are served to this machine only.", 403)
    return Response(generate_latest() + await _figures(), media_type=CONTENT_TYPE_LATEST)


async def _figures() -> bytes:
    """Of the walk; the process's own figures are told even when the database is away."""
    from django.conf import settings

    try:
        async with asyncio.timeout(5):
            return b"sportello_database_up 1.0\n" + await figures.written(settings.DATABASE_DSN)
    except (psycopg.Error, TimeoutError):
        return b"sportello_database_up 0.0\n"


async def _parts() -> dict[str, dict[str, Any]]:
    from django.conf import settings

    silent: dict[str, Any] = {"ok": False, "reason": "no sign of life"}
    parts: dict[str, dict[str, Any]] = {"database": {"ok": True}} | {
        name: dict(silent) for name in PARTS
    }
    try:
        async with asyncio.timeout(3):
            beats = await _beats(settings.DATABASE_DSN)
    except (psycopg.Error, TimeoutError) as error:
        parts["database"] = {"ok": False, "reason": type(error).__name__}
        return parts
    for name, age in beats:
        if name in PARTS:
            parts[name] = {"ok": age < STALE_AFTER, "seconds_ago": round(age, 1)}
    return parts


async def _beats(dsn: str) -> list[tuple[str, float]]:
    async with await psycopg.AsyncConnection.connect(dsn, connect_timeout=2) as connection:
        found = await connection.execute("SELECT to_regclass('core_heartbeat') IS NOT NULL")
        row = await found.fetchone()
        if row is None or not row[0]:
            return []
        rows = await connection.execute(
            "SELECT name, extract(epoch FROM clock_timestamp() - at)::float FROM core_heartbeat"
        )
        return await rows.fetchall()


routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
