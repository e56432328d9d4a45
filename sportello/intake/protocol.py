"""The webhook door one floor lower: uvicorn's HTTP protocol, with a shorter way for ``POST /intake/<channel>``.

An ASGI request costs a scope, a task, a cycle and four messages before anything is said. A webhook's steps need none
of them: bytes, signature, spool, and one line of answer once the group is committed. Everything else, and whatever
is unusual (a channel not at hand, ``Expect``, a request while another is running), goes the ordinary way.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from sportello.channels import spool
from sportello.channels.contract import Provider, Refused
from sportello.channels.queries import Mouth, mouths_at_hand
from sportello.intake import webhooks
from sportello.intake.webhooks import BUSY, MAX_BODY, SLOW_CLIENT, TAKEN, Answer

_PREFIX = webhooks.PREFIX.encode()
_TAKEN = b"".join(b"%b: %b\r\n" % header for header in TAKEN) + b"\r\n"
FILES_HOST = (urlsplit(settings.SPORTELLO_FILES_URL).hostname or "").encode()
"""The origin that has nothing but files has no webhooks either; `config.asgi` says so to whoever asks."""
_LATE = Answer(408, "The request did not arrive in time.")
_GIANT = Answer(413, f"At most {MAX_BODY} bytes.")


def _is_ready(mouth: Mouth) -> bool:
    """Whether it takes webhooks now, and can judge them without asking the vendor for keys first."""
    keyless = type(mouth.provider).learn_keys is Provider.learn_keys
    return mouth.is_active and mouth.provider.capabilities.inbound_webhook and keyless


class FrontProtocol(HttpToolsProtocol):
    """One connection. `_mouth` is set while a webhook's body comes in, `_waiting` until it is stored."""

    _mouth: Mouth | None = None
    _waiting = False
    _last = False
    _begun = False
    _timer: asyncio.TimerHandle | None = None
    _chunks: list[bytes]
    _size = 0

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if (self._begun or self._mouth is not None) and self._timer is None:
            self._timer = self.loop.call_later(SLOW_CLIENT, self._refuse, _LATE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begun = True

    def on_headers_complete(self) -> None:
        self._begun = False
        if self._waiting:
            self._last = True  # sent ahead of our answer: the client asks again on a new connection
            return
        self._mouth = self._taker()
        if self._mouth is None:
            self._in_time()
            super().on_headers_complete()
        else:
            self._chunks, self._size = [], 0

    def _taker(self) -> Mouth | None:
        """The channel, when this request can go the short way."""
        if (
            not self.url.startswith(_PREFIX)
            or self.parser.get_method() != b"POST"
            or self.expect_100_continue
            or self.parser.should_upgrade()
            or self._is_busy()
            or (FILES_HOST and self._asks(FILES_HOST))
        ):
            return None
        known = mouths_at_hand()
        public_id = self.url[len(_PREFIX) :].partition(b"?")[0].decode("latin-1")
        mouth = known.get(public_id) if known is not None else None
        ready = (
            mouth is not None and mouth.is_active and mouth.provider.capabilities.inbound_webhook
        )
        return mouth if ready else None

    def _is_busy(self) -> bool:
        running = cast("RequestResponseCycle | None", self.cycle)
        return running is not None and not running.response_complete

    def _asks(self, host: bytes) -> bool:
        said = next((value for name, value in self.headers if name == b"host"), b"")
        return said.lower().partition(b":")[0].rstrip(b".") == host

    def _in_time(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def on_body(self, body: bytes) -> None:
        if self._waiting:
            return
        if self._mouth is None:
            super().on_body(body)
            return
        self._size += len(body)
        if self._size > MAX_BODY:
            self._refuse(_GIANT)
        else:
            self._chunks.append(body)

    def on_message_complete(self) -> None:
        if self._waiting:
            return
        mouth, self._mouth = self._mouth, None
        if mouth is None:
            super().on_message_complete()
            return
        self._in_time()
        path, _, query = self.url.decode("latin-1").partition("?")
        chunks = self._chunks
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        self._last = not self.parser.should_keep_alive()
        try:
            raw = webhooks.first_look(mouth, path, query, self.headers, body)
            mouth.provider.verify(raw, mouth.settings)
            spool.writer().take(webhooks.item(mouth, raw), self._settled)
        except Answer as answer:
            self._answer(answer)
        except Refused:
            self._answer(webhooks.refused(mouth))
        except spool.Full:
            self._answer(BUSY)
        else:
            self._waiting = True

    def _settled(self, result: int | BaseException) -> None:
        """The group was committed, or was not."""
        self._waiting = False
        if self.transport.is_closing():
            return
        if isinstance(result, spool.Full):
            self._answer(BUSY)
        elif isinstance(result, BaseException):
            self.logger.error("A webhook could not be stored", exc_info=result)
            self._answer(Answer(500, "Internal Server Error"))
        else:
            self._write(b"HTTP/1.1 200 OK\r\n", _TAKEN)

    def _refuse(self, answer: Answer) -> None:
        """What came is not waited for: the connection ends with the answer."""
        self._mouth, self._last, self._waiting = None, True, True
        if not self.transport.is_closing():
            self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        status = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n".encode()
        headers = b"".join(b"%b: %b\r\n" % header for header in answer.headers())
        self._write(status, headers + b"\r\n" + answer.text.encode())

    def _write(self, status: bytes, rest: bytes) -> None:
        common = b"".join(b"%b: %b\r\n" % header for header in self.server_state.default_headers)
        if self._last:
            self.transport.write(status + common + b"connection: close\r\n" + rest)
            self.transport.close()
        else:
            self.transport.write(status + common + rest)
        self.on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_time()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops: what is being stored is still answered."""
        if self._waiting:
            self._last = True
        else:
            super().shutdown()
