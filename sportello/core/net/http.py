"""HTTP through the judge: dials what was judged, with a total deadline and a cap on the answer."""

from __future__ import annotations

import contextvars
import ssl
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin

import httpcore2
import httpx2
from django.utils.translation import gettext as _

from sportello.core.net.errors import Blocked, Broken, NetError, TimedOut, TooLarge, Unreachable
from sportello.core.net.judge import HTTP_PORTS, Judge, dial
from sportello.core.net.tls import context, failure

TIMEOUT = 15.0
MAX_BYTES = 10 * 1024 * 1024
USER_AGENT = "Sportello/1"

_deadline: contextvars.ContextVar[float] = contextvars.ContextVar("deadline", default=float("inf"))
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_SECRET_HEADERS = frozenset(("authorization", "cookie", "proxy-authorization"))


def _left(timeout: float | None) -> float | None:
    """Seconds an operation may take: its own limit or what is left of the call's deadline."""
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("deadline")
    if left == float("inf"):
        return timeout
    return left if timeout is None else min(timeout, left)


class _Stream(httpcore2.NetworkStream):
    """A socket whose every step obeys the deadline: a server that drips bytes gains nothing."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        from httpcore2._backends.sync import SyncStream  # the socket wrapper has no public name

        addresses = self._judge.addresses(host, port, HTTP_PORTS)
        return _Stream(SyncStream(dial(addresses, port, _left(timeout))))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.NetworkStream:
        raise Blocked(_("Local sockets are not reached."))


class _Transport(httpx2.HTTPTransport):
    def __init__(self, judge: Judge) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context(),
            max_connections=50,
            max_keepalive_connections=10,
            keepalive_expiry=20.0,
            network_backend=_Backend(judge),
        )


class Http:
    """`get`, `post` and `request`. Thread-safe; keeps connections for a while."""

    def __init__(self, judge: Judge) -> None:
        self._client = httpx2.Client(
            transport=_Transport(judge),
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        )

    def request(
        self,
        method: str,
        url: str,
        *,
        timeout: float = TIMEOUT,
        max_bytes: int = MAX_BYTES,
        redirects: int = 0,
        **options: Any,
    ) -> httpx2.Response:
        """One call, read to its end. `options` are httpx2's: params, headers, json, data, content, files, auth.

        `timeout` seconds bound the whole call, redirects included; `max_bytes` the decoded answer.
        Raises `NetError`. An HTTP error status is an answer, not an error.
        """
        deadline = time.monotonic() + timeout
        token = _deadline.set(deadline)
        try:
            for _turn in range(redirects + 1):
                response = self._once(method, url, deadline, max_bytes, options)
                location = response.headers.get("location", "")
                if not redirects or response.status_code not in _REDIRECTS or not location:
                    return response
                method, url, options = _next(
                    method, url, urljoin(url, location), response.status_code, options
                )
            raise Broken(_("More than %(redirects)s redirects.") % {"redirects": redirects})
        finally:
            _deadline.reset(token)

    def get(self, url: str, **options: Any) -> httpx2.Response:
        """`request("GET", …)`."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> httpx2.Response:
        """`request("POST", …)`."""
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Any) -> httpx2.Response:
        """`request("PUT", …)`."""
        return self.request("PUT", url, **options)

    def patch(self, url: str, **options: Any) -> httpx2.Response:
        """`request("PATCH", …)`."""
        return self.request("PATCH", url, **options)

    def delete(self, url: str, **options: Any) -> httpx2.Response:
        """`request("DELETE", …)`."""
        return self.request("DELETE", url, **options)

    def close(self) -> None:
        self._client.close()

    def _once(
        self, method: str, url: str, deadline: float, cap: int, options: dict[str, Any]
    ) -> httpx2.Response:
        if not url.lower().startswith(("http://", "https://")):
            raise Blocked(_("Only http and https are reached."))
        left = max(0.001, deadline - time.monotonic())
        try:
            with self._client.stream(method, url, timeout=left, **options) as response:
                body = _read(response, deadline, cap)
                return _whole(response, body)
        except NetError:
            raise
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            if (handshake := _handshake(error)) is not None:
                raise failure(httpx2.URL(url).host, handshake) from error
            raise Unreachable(_("No connection: %(error)s") % {"error": error}) from error
        except httpx2.TimeoutException as error:
            raise TimedOut(_("No complete answer in time.")) from error
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise Broken(_("The call broke off: %(error)s") % {"error": error}) from error
        except (httpx2.InvalidURL, UnicodeError) as error:
            raise Blocked(_("Not a usable address: %(error)s") % {"error": error}) from error


def _handshake(error: BaseException | None) -> ssl.SSLError | None:
    """The TLS error that httpx2 wrapped."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error


def _read(response: httpx2.Response, deadline: float, cap: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes(64 * 1024):
        body += chunk
        if len(body) > cap:
            raise TooLarge(_("The answer is longer than %(cap)s bytes.") % {"cap": cap})
        if time.monotonic() > deadline:
            raise TimedOut(_("No complete answer in time."))
    return bytes(body)


def _whole(response: httpx2.Response, body: bytes) -> httpx2.Response:
    dropped = ("content-encoding", "content-length", "transfer-encoding")
    headers = [
        (name, value)
        for name, value in response.headers.multi_items()
        if name.lower() not in dropped
    ]
    return httpx2.Response(
        response.status_code, headers=headers, content=body, request=response.request
    )


def _next(
    method: str, old: str, new: str, status: int, options: dict[str, Any]
) -> tuple[str, str, dict[str, Any]]:
    """The call a redirect asks for: judged like the first, without secrets for another host."""
    if status == 303 or (status in (301, 302) and method == "POST"):
        method = "GET"
        options = {
            k: v for k, v in options.items() if k not in ("json", "data", "content", "files")
        }
    options = {k: v for k, v in options.items() if k != "params"}
    before, after = httpx2.URL(old), httpx2.URL(new)
    if (before.scheme, before.host, before.port) != (after.scheme, after.host, after.port):
        options.pop("auth", None)
        headers = dict(options.get("headers") or {})
        options["headers"] = {k: v for k, v in headers.items() if k.lower() not in _SECRET_HEADERS}
    return method, new, options
