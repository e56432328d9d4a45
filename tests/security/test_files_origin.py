"""The files' own origin (`SPORTELLO_FILES_URL`) has files and nothing else: no page, no socket, no script."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from sportello.config.asgi import Front, nothing

PATHS = ["/", "/app/", "/accounts/login/", "/api/v1/tickets", "/static/dist/x.js", "/widget.js", "/metrics",
         "/readyz", "/proof/x", "/filesystem", "/files", "//files/x", "/app/..%2ffiles/x"]  # fmt: skip


def _door(settings: Any, files_url: str) -> Front:
    settings.SPORTELLO_URL, settings.SPORTELLO_FILES_URL = "https://desk.example", files_url

    async def page(request: Any) -> PlainTextResponse:
        return PlainTextResponse("open")

    async def socket(ws: WebSocket) -> None:
        await ws.accept()

    async def fast(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("fast")(scope, receive, send)

    routes: list[Any] = [nothing, WebSocketRoute("/ws", socket)]
    routes.append(Mount("/", Starlette(routes=[Route("/{path:path}", page)])))
    return Front({("POST", "/intake/"): fast}, Starlette(routes=routes))


@pytest.mark.parametrize(
    "host", ["files.example", "FILES.example", "files.example:443", "files.example."]
)
def test_nothing_but_files(settings: Any, host: str) -> None:
    client = TestClient(_door(settings, "https://files.example"), headers={"host": host})
    for path in PATHS:
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (404, "Not found."), path
    assert client.post("/intake/x").status_code == 404
    for path in ("/files/key", "/healthz"):
        assert client.get(path).text == "open"
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/ws", headers={"host": host}),
    ):
        pass


@pytest.mark.parametrize("url", ["", "https://files.example", "https://desk.example"])
def test_the_desk_itself_is_not_narrowed(settings: Any, url: str) -> None:
    client = TestClient(_door(settings, url), headers={"host": "desk.example"})
    assert client.get("/app/").text == "open"
    assert client.post("/intake/x").text == "fast"


def test_the_same_name_with_another_port(settings: Any) -> None:
    door = _door(settings, "https://desk.example:8443")
    assert TestClient(door, headers={"host": "desk.example:8443"}).get("/app/").status_code == 404
    assert TestClient(door, headers={"host": "desk.example"}).get("/app/").text == "open"
