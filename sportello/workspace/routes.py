"""The lean part of the workspace: pictures from elsewhere wait for strangers, in threads that no page needs."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sportello.workspace import remote_images
from sportello.workspace.pictures import NotAPicture

_threads = ThreadPoolExecutor(8, thread_name_prefix="picture")
HEADERS = {
    "cache-control": "private, max-age=3600",
    "content-security-policy": "sandbox; default-src 'none'",
    "referrer-policy": "no-referrer",
    # The frame that shows it is sandboxed and so of no origin.
    "cross-origin-resource-policy": "cross-origin",
}


async def mail_image(request: Request) -> Response:
    """``/app/tickets/<n>/mail/<message>/image?u=…``: 404 for whatever is not to be had."""
    number, message = request.path_params["number"], request.path_params["message"]
    if max(number, message) >= 1 << 31:
        return Response(status_code=404)
    signed = request.query_params.get("u", "")
    picture = await asyncio.get_running_loop().run_in_executor(
        _threads, _picture, number, message, signed
    )
    if picture is None:
        return Response(status_code=404, headers={"cache-control": "no-store"})
    return Response(picture, media_type="image/webp", headers=HEADERS)


def _picture(number: int, message: int, signed: str) -> bytes | None:
    try:
        url = remote_images.asked_for(number, message, signed)
    finally:
        close_old_connections()
    try:
        return remote_images.fetched(url) if url else None
    except NotAPicture:
        return None


routes: list[BaseRoute] = [
    Route("/app/tickets/{number:int}/mail/{message:int}/image", mail_image, methods=["GET"])
]
