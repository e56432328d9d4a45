"""Speak to a Sportello webhook channel. One file, the standard library only: copy it into your app.

channel = Channel("https://help.example.org/intake/…", secret="whsec_…")
channel.message(user={"id": "42", "name": "Ada"}, text="Where is my parcel?")
event = channel.read(headers, body)      # in the handler of your own webhook
"""

# It runs in other people's apps, where our guarded client is not.
# ruff: noqa: TID251, S310

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

TOLERANCE = 5 * 60


class BadSignature(Exception):
    """The call does not come from Sportello, or is too old."""


class Refused(Exception):
    """Sportello answered with an error. 429 and 5xx are worth another try with the same id."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status


class Channel:
    """`url` and `secret` are those of the channel's settings page."""

    def __init__(self, url: str, secret: str, *, timeout: float = 10.0) -> None:
        self.url, self.timeout, self._key = url, timeout, _key(secret)

    def message(
        self,
        user: Mapping[str, Any],
        text: str = "",
        *,
        id: str | None = None,
        thread: str = "",
        files: Sequence[Mapping[str, str]] = (),
        answers: str = "",
    ) -> str:
        """Something the user said. Returns its id; sending the same id again does no harm."""
        id = id or str(uuid.uuid4())
        now = datetime.now(timezone.utc).isoformat()  # noqa: UP017 (runs on old Pythons)
        self.post({"type": "message", "id": id, "from": dict(user), "text": text, "thread": thread,
                   "files": [dict(f) for f in files], "answers": answers, "sent_at": now})  # fmt: skip
        return id

    def status(self, message: str, status: str, reason: str = "") -> None:
        """What became of an answer: ``delivered``, ``read`` or ``failed``."""
        self.post({"type": "status", "message": message, "status": status, "reason": reason})

    def ended(self, user: Mapping[str, Any], thread: str = "") -> None:
        """The user closed the talk."""
        self.post({"type": "ended", "id": str(uuid.uuid4()), "from": dict(user), "thread": thread})

    def reaction(self, user: Mapping[str, Any], message: str, emoji: str) -> None:
        """An emoji on a message; an empty one takes it back."""
        self.post({"type": "reaction", "from": dict(user), "message": message, "emoji": emoji})

    def edited(self, user: Mapping[str, Any], message: str, text: str) -> None:
        """The user changed what he wrote."""
        now = datetime.now(timezone.utc).isoformat()  # noqa: UP017 (runs on old Pythons)
        self.post({"type": "edited", "from": dict(user), "message": message, "text": text,
                   "sent_at": now})  # fmt: skip

    def withdrawn(self, user: Mapping[str, Any], message: str) -> None:
        """The user took back what he wrote."""
        self.post({"type": "withdrawn", "from": dict(user), "message": message})

    def post(self, event: Mapping[str, Any]) -> None:
        """Sign and send one event. Raises `Refused`, or `OSError` when nobody answers."""
        body = json.dumps(event).encode()
        headers = {"content-type": "application/json"} | self.sign(
            str(event.get("id") or uuid.uuid4()), body
        )
        request = urllib.request.Request(self.url, body, headers, method="POST")
        try:
            urllib.request.urlopen(request, timeout=self.timeout).close()
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read(500).decode("utf-8", "replace")) from None

    def sign(self, id: str, body: bytes, moment: int | None = None) -> dict[str, str]:
        """The three headers of Standard Webhooks."""
        stamp = str(int(time.time()) if moment is None else moment)
        made = hmac.new(self._key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
        signature = "v1," + base64.b64encode(made).decode()
        return {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": signature}

    def read(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """An event that Sportello posted to your app. Raises `BadSignature`. Answer 2xx once it is stored."""
        low = {name.lower(): value for name, value in headers.items()}
        id, stamp = low.get("webhook-id", ""), low.get("webhook-timestamp", "")
        if not id or not stamp.isdigit() or abs(time.time() - int(stamp)) > TOLERANCE:
            raise BadSignature("too old, or not signed")
        expected = self.sign(id, body, int(stamp))["webhook-signature"].encode()
        given = low.get("webhook-signature", "").encode().split()
        if not any(hmac.compare_digest(one, expected) for one in given):
            raise BadSignature("the signature does not fit")
        event: dict[str, Any] = json.loads(body)
        return event


def file(name: str, type: str, content: bytes) -> dict[str, str]:
    """An attachment for `Channel.message`; one with a public address is ``{"name", "type", "url"}``."""
    return {"name": name, "type": type, "content": base64.b64encode(content).decode()}


def _key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        return base64.b64decode(secret.removeprefix("whsec_"))
    return secret.encode()
