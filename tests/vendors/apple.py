"""Apple's gateway for messaging service providers, as far as it is documented."""

from __future__ import annotations

import base64
import gzip
import hashlib
import itertools
import json
import time
from typing import Any

import jwt

from tests.vendors.cloud import Answer, Call, Cloud

BUSINESS, MSP = "0e2b2f6a-shop", "msp-1234"
SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


def token(msp: str = MSP, secret: str = SECRET, **claims: Any) -> str:
    """What Apple puts into the Authorization header."""
    told = {"aud": msp, "iat": int(time.time())} | claims
    return jwt.encode(told, base64.b64decode(secret), "HS256")


class Gateway(Cloud):
    """One provider. ``gone`` are people who deleted the conversation; ``stored`` maps addresses to encrypted bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.gone: set[str] = set()
        self.stored: dict[str, bytes] = {}
        self.messages: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)

    def respond(self, call: Call) -> Answer:
        if call.path.startswith("/content/"):
            return self._content(call)
        try:
            given = call.headers.get("authorization", "").removeprefix("Bearer ")
            claims = jwt.decode(given, base64.b64decode(SECRET), ["HS256"], options={"require": ["iss", "iat"]})  # fmt: skip
        except jwt.PyJWTError:
            return Answer(401, b"")
        if claims["iss"] != MSP or call.headers.get("source-id") != BUSINESS:
            return Answer(403, b"")
        match call.method, call.path:
            case "POST", "/v1/message":
                return self._message(call)
            case "GET", "/v1/preUpload" if call.headers.get("size", "").isdigit():
                place = f"{self.url}/content/{next(self._numbers)}"
                return Answer(200, {"upload-url": place, "mmcs-url": place, "mmcs-owner": "owner-1"})  # fmt: skip
            case "GET", "/v1/preDownload" if call.headers.get("owner") and call.headers.get("signature"):  # fmt: skip
                return Answer(200, {"download-url": call.headers["url"] + "?" + "x" * 500})
        return Answer(400, b"")

    def _content(self, call: Call) -> Answer:
        if call.method == "POST":
            self.stored[call.path] = call.body
            checksum = base64.b64encode(b"\x81" + hashlib.sha1(call.body).digest()).decode()
            return Answer(200, {"singleFile": {"fileChecksum": checksum, "size": len(call.body)}})
        found = self.stored.get(call.path)
        return Answer(200, found) if found is not None else Answer(404, b"")

    def _message(self, call: Call) -> Answer:
        message = json.loads(gzip.decompress(call.body))
        if message["destinationId"] in self.gone:
            return Answer(404, b"")
        if message["id"] != call.headers["id"] or message["v"] != 1:
            return Answer(400, b"")
        quick = message.get("interactiveData", {}).get("data", {}).get("quick-reply")
        if quick and not 2 <= len(quick["items"]) <= 5:
            return Answer(400, b"")
        self.messages.append(message)
        return Answer(200, b"")
