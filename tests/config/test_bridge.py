"""The bridge hands whole requests to WSGI and whole answers back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from sportello.config.bridge import WsgiBridge

type Sent = list[dict[str, Any]]


def _scope(**more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/caffè",
        "query_string": b"a=1",
        "http_version": "1.1",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.9", 1),
        **more,
    }


def _ask(bridge: WsgiBridge, messages: list[dict[str, Any]], **scope: Any) -> Sent:
    sent: Sent = []
    waiting = list(messages)

    async def run() -> None:
        async def receive() -> dict[str, Any]:
            if waiting:
                return waiting.pop(0)
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Any) -> None:
            sent.append(dict(message))

        await asyncio.wait_for(bridge(_scope(**scope), receive, send), 10)

    asyncio.run(run())
    return sent


def _echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    start_response("201 Created", [("X-Path", environ["PATH_INFO"])])
    return [body, b"|", environ["REMOTE_ADDR"].encode()]


def _body(sent: Sent) -> bytes:
    return b"".join(message.get("body", b"") for message in sent[1:])


def test_a_chunked_upload_arrives_whole() -> None:
    chunks = [
        {"type": "http.request", "body": b"uno ", "more_body": True},
        {"type": "http.request", "body": b"due"},
    ]
    sent = _ask(WsgiBridge(_echo), chunks)
    assert sent[0]["status"] == 201
    assert _body(sent) == b"uno due|127.0.0.9"
    assert sent[0]["headers"] == [(b"x-path", "/caffè".encode())]


def test_a_big_body_goes_through_and_a_bigger_one_is_refused() -> None:
    portion = b"x" * (1 << 20)
    chunks = [{"type": "http.request", "body": portion, "more_body": n < 3} for n in range(4)]
    assert len(_body(_ask(WsgiBridge(_echo), list(chunks)))) == (4 << 20) + 10
    assert _ask(WsgiBridge(_echo, max_body=3 << 20), list(chunks))[0]["status"] == 413


def test_a_client_that_leaves_early_never_reaches_the_page() -> None:
    def fail(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise AssertionError

    gone = [
        {"type": "http.request", "body": b"half", "more_body": True},
        {"type": "http.disconnect"},
    ]
    assert _ask(WsgiBridge(fail), gone) == []


class _Endless:
    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield b"y" * (1 << 17)

    def close(self) -> None:
        self.closed = True


def test_a_long_answer_is_closed_when_the_client_leaves() -> None:
    endless = _Endless()

    def stream(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return endless

    sent = _ask(WsgiBridge(stream), [{"type": "http.request"}, {"type": "http.disconnect"}])
    assert endless.closed
    assert sent[0]["status"] == 200


@pytest.mark.parametrize("size", [0, 1, 1 << 18, (1 << 18) + 1, 1 << 20])
def test_answers_of_any_size_are_whole_and_closed(size: int) -> None:
    closed: list[bool] = []

    class Answer(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    def page(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return Answer([b"z" * (1 << 16)] * (size >> 16) + [b"z" * (size & 0xFFFF)])

    assert len(_body(_ask(WsgiBridge(page), [{"type": "http.request"}]))) == size
    assert closed == [True]


def test_a_header_with_an_underscore_cannot_pose_as_another() -> None:
    def page(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [environ.get("HTTP_X_REAL", "none").encode(), environ["HTTP_COOKIE"].encode()]

    headers = [(b"x_real", b"forged"), (b"cookie", b"a=1"), (b"cookie", b"b=2")]
    assert (
        _body(_ask(WsgiBridge(page), [{"type": "http.request"}], headers=headers))
        == b"nonea=1; b=2"
    )
