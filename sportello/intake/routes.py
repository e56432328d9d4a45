"""Doors for what comes in by HTTP: webhooks, and the vendors' question whether this is the right address."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from sportello.channels import spool
from sportello.channels.queries import forget
from sportello.core import live
from sportello.intake import shops, webhooks


async def challenge(request: Request) -> Response:
    """``GET /intake/<channel>``: the vendor asks whether this is the right address."""
    try:
        mouth = await webhooks.mouth_of(request.path_params["channel"])
    except webhooks.Answer as refusal:
        return PlainTextResponse(refusal.text, refusal.status)
    query = dict(parse_qsl(request.url.query))
    answer = mouth.provider.challenge(query, mouth.settings) if mouth else None
    if answer is None:
        return PlainTextResponse("Nothing to see here.", 404)
    return Response(answer.body, answer.status, media_type=answer.content_type)


def _channel_changed(topic: str, message: dict[str, object]) -> None:
    if topic == "channels":
        forget()


async def startup(app: Starlette) -> None:
    """Start the writer; channel settings are read anew when somebody pokes."""
    await spool.start_writer()
    live.listen_here(_channel_changed)


async def shutdown(app: Starlette) -> None:
    await spool.stop_writer()


routes: list[BaseRoute] = [
    Route("/intake/{channel}", challenge, methods=["GET"]),
    Route("/connect/{connection}", shops.hook, methods=["POST"]),
]
fast = {("POST", webhooks.PREFIX): webhooks.door}
"""(method, start of the path) → what answers before all routes and layers."""
