"""For libraries that insist on `requests` (anymail, allauth): a session that goes through the judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter

from sportello.core.net.errors import NetError, Unreachable

if TYPE_CHECKING:
    from sportello.core.net.net import Net

Session = requests.Session
CallFailed = requests.RequestException
CallNotMade = requests.ConnectionError


def guard(session: Session, net: Net) -> Session:
    """The same session, unable to reach anything but through `net`."""
    session.trust_env = False
    adapter = _Adapter(net)
    session.adapters.clear()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class _Adapter(BaseAdapter):
    """`requests` on top of the guarded client."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self._net = net

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, timeout: float | None = None, **_: Any
    ) -> requests.Response:
        try:
            answer = self._net.http.request(
                str(request.method), str(request.url), headers=dict(request.headers), content=request.body,
                timeout=float(timeout or 30), max_bytes=1024 * 1024,
            )  # fmt: skip
        except Unreachable as error:
            raise requests.ConnectionError(str(error)) from error
        except NetError as error:
            raise requests.Timeout(str(error)) from error
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers.update(answer.headers)
        response._content = answer.content
        response.encoding = answer.encoding
        response.url = str(request.url)
        response.request = request
        response.reason = answer.reason_phrase
        return response

    def close(self) -> None:
        """Nothing to close: the guarded client is shared."""
