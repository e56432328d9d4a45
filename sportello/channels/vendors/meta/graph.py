"""The Graph API: calls with the token in a header, and what its errors mean to us."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from sportello.channels.contract import Failed, Outcome, Settings, Unknown, said
from sportello.channels.vendors.meta.foreign import Json, each, number, obj, text, when
from sportello.core.net import Blocked, NetError, Unreachable

if TYPE_CHECKING:
    from sportello.core.net import Net

VERSION = "v25.0"
BASE = "https://graph.facebook.com"
MEDIA_BYTES = 32 * 1024 * 1024
META_HOSTS = (".facebook.com", ".fbsbx.com", ".fbcdn.net", ".instagram.com", ".cdninstagram.com")

RATE = {4: 300, 17: 300, 32: 300, 613: 60, 80007: 300, 130429: 30, 131056: 10, 131048: 3600}
"""Codes that mean “too much”: seconds to wait where Meta does not say."""

TEMPORARY = frozenset((1, 2, 131000, 131016, 133004, 133016))
WINDOW = frozenset((131047, 2018278, 2534022))
"""Codes and subcodes that mean “too long since the customer wrote”."""

WORDS = {
    131026: "This person cannot receive it: no WhatsApp, an old app, or Meta's terms not accepted.",
    131047: "More than 24 hours since the customer wrote: only a template can be sent.",
    131049: "Meta holds marketing messages to this person back. Another channel may work.",
    131050: "This person has stopped marketing messages from you.",
    131051: "WhatsApp does not take this kind of message.",
    131053: "WhatsApp cannot use this file: check its type and size.",
    190: "The access token has expired or was withdrawn: enter a new one in the channel's settings.",
    10: "The token lacks a permission, or the reply window is closed.",
    200: "The token lacks a permission.",
    368: "Meta has blocked this account for a while because of its policies.",
    131031: "Meta has locked this account.",
    551: "This person cannot be reached at the moment.",
    132000: "The template wants another number of values.",
    132001: "There is no such template in this language.",
    132015: "Meta has paused this template because of its quality.",
}  # fmt: skip
"""What the agent should know first; Meta's own words follow."""


class GraphError(NetError):
    """Graph answered with an error, or with nothing that can be read."""

    def __init__(self, status: int, error: Json, retry_after: int = 0, words: str = "") -> None:
        self.status = status
        self.code = number(error.get("code"))
        self.subcode = number(error.get("error_subcode"))
        self.readable = bool(error)
        self.transient = error.get("is_transient") is True
        self.retry_after = retry_after
        super().__init__(words)


def reason(error: Json) -> str:
    """One sentence of ours where we have one, then Meta's title and details, then the code."""
    code = number(error.get("code"))
    details = text(error, "error_data", "details") or text(error, "details")
    message = text(error, "message") or text(error, "title") or text(error, "error")
    user = text(error, "error_user_msg")
    theirs = list(dict.fromkeys(part for part in (message, details, user) if part))
    told = " ".join(part for part in (WORDS.get(code, ""), " – ".join(theirs)) if part)
    return f"{told or 'Refused without a reason.'}{f' ({code})' if code else ''}"


class Graph:
    """Calls for one channel. Methods raise `NetError`; `GraphError` when Graph itself says no."""

    def __init__(self, settings: Settings, net: Net, key: str = "access_token") -> None:
        """`key` names the setting that holds the token."""
        self._token = str(settings.get(key) or "").strip()
        self._secret = str(settings.get("app_secret") or "")
        self._net = net
        self._base = str(settings.get("api_base") or BASE).rstrip("/")
        if not re.search(r"/v\d+\.\d+$", self._base):
            self._base += "/" + str(settings.get("api_version") or VERSION).strip("/")

    def get(self, path: str, **params: Any) -> Json:
        return self._call("GET", path, params=params)

    def expires(self) -> datetime | None:
        """When the token ends, or our access to data by it: whichever is first. 0 means never."""
        told = obj(self.get("debug_token", input_token=self._token), "data")
        ends = [told.get(name) for name in ("expires_at", "data_access_expires_at")]
        return min((at for end in ends if number(end) > 0 and (at := when(end))), default=None)

    def post(self, path: str, body: Json) -> Json:
        return self._call("POST", path, json=body)

    def upload(
        self, path: str, fields: dict[str, str], part: str, file: tuple[str, bytes, str]
    ) -> Json:
        """`file` is (name, content, content type)."""
        return self._call("POST", path, data=fields, files={part: file}, timeout=60)

    def media(self, url: str, *, token: bool) -> tuple[bytes, str]:
        """Content and type of a file. The token goes to Meta's own hosts only, whatever the webhook says."""
        ours = token and self._is_metas(url)
        headers = {"Authorization": f"Bearer {self._token}"} if ours else {}
        response = self._net.http.get(
            url, headers=headers, timeout=60, max_bytes=MEDIA_BYTES, redirects=3
        )
        if response.status_code != 200:
            raise GraphError(
                response.status_code, {}, 0, f"The file is not there ({response.status_code})."
            )
        return response.content, response.headers.get("content-type", "").partition(";")[0].strip()

    def _is_metas(self, url: str) -> bool:
        there, ours = urlsplit(url), urlsplit(self._base)
        if (there.scheme, there.netloc) == (ours.scheme, ours.netloc):
            return True
        return there.scheme == "https" and f".{there.hostname or ''}".endswith(META_HOSTS)

    def _call(self, method: str, path: str, *, params: Json | None = None, **options: Any) -> Json:
        proof = hmac.new(self._secret.encode(), self._token.encode(), hashlib.sha256).hexdigest()
        response = self._net.http.request(
            method,
            f"{self._base}/{quote(path)}",
            params=(params or {}) | ({"appsecret_proof": proof} if self._secret else {}),
            headers={"Authorization": f"Bearer {self._token}"},
            **options,
        )
        try:
            data = json.loads(response.content)
        except (ValueError, RecursionError):
            data = None
        found = data if isinstance(data, dict) else {}
        if response.status_code < 400 and "error" not in found:
            return found
        error = obj(found, "error") or ({"message": text(found, "error")} if found else {})
        words = self._clean(reason(error)) if error else f"HTTP {response.status_code}"
        raise GraphError(response.status_code, error, _retry_after(response.headers), words)

    def _clean(self, words: str) -> str:
        """Meta quotes malformed tokens in full."""
        for secret in (self._token, self._secret):
            words = words.replace(secret, "…") if secret else words
        return words[:500]


def outcome(send: Callable[[], Outcome]) -> Outcome:
    """What `send` returns, or what its exception means."""
    try:
        return send()
    except GraphError as error:
        return _judged(error)
    except Unreachable as error:
        return Failed(str(error), permanent=False)
    except Blocked as error:
        return Failed(str(error))
    except NetError as error:
        return Unknown(str(error))


def _judged(error: GraphError) -> Failed | Unknown:
    words = str(error)
    if {error.code, error.subcode} & WINDOW:
        return Failed(words)
    if error.status == 429 or error.code in RATE:
        seconds = error.retry_after or RATE.get(error.code, 0)
        return Failed(words, False, timedelta(seconds=seconds) if seconds else None)
    if error.code in TEMPORARY or error.transient:
        return Failed(words, permanent=False)
    if error.status >= 500 and not error.readable:
        return Unknown(said("Meta's server failed without saying whether it took the message ({words}).", words=words))  # fmt: skip
    return Failed(words, permanent=error.status < 500)


def _retry_after(headers: Any) -> int:
    """Seconds. Meta rarely sends Retry-After; its own header tells minutes per business and use case."""
    if seconds := number(headers.get("retry-after")):
        return min(max(seconds, 0), 86_400)
    try:
        usage = json.loads(headers.get("x-business-use-case-usage") or "{}")
    except (ValueError, RecursionError):
        return 0
    cases = (
        [case for business in usage for case in each(usage, business)]
        if isinstance(usage, dict)
        else []
    )
    minutes = max(
        (number(case.get("estimated_time_to_regain_access")) for case in cases), default=0
    )
    return min(max(minutes * 60, 0), 86_400)
