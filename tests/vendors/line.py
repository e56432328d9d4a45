"""LINE's Messaging API, as far as we use it."""

from __future__ import annotations

import itertools
from typing import Any

from tests.vendors.cloud import Answer, Call, Cloud

TOKEN = "long-lived-channel-token"


class MessagingApi(Cloud):
    """One official account. A retry key that was seen answers 409."""

    def __init__(self) -> None:
        super().__init__()
        self.endpoint: dict[str, Any] = {"endpoint": "https://help.shop.example/intake/c1", "active": True}  # fmt: skip
        self.contents: dict[str, bytes] = {}
        self.friends: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._numbers = itertools.count(461_230_966_842_064_897)

    def respond(self, call: Call) -> Answer:
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer(401, {"message": "Authentication failed. Confirm that the access token is valid."})  # fmt: skip
        match call.method, call.path:
            case "GET", "/v2/bot/info":
                return Answer(200, {"userId": "Ub", "basicId": "@shop", "displayName": "Shop"})
            case "GET", "/v2/bot/channel/webhook/endpoint":
                return Answer(200, self.endpoint)
            case "PUT", "/v2/bot/channel/webhook/endpoint":
                self.endpoint = call.json | {"active": True}
                return Answer(200, {})
            case "POST", "/v2/bot/message/push":
                return self._push(call)
        if call.path.startswith("/v2/bot/profile/") and (name := self.friends.get(call.path.rpartition("/")[2])):  # fmt: skip
            return Answer(200, {"displayName": name, "userId": "U", "language": "it"})
        for id, content in self.contents.items():
            if call.path == f"/v2/bot/message/{id}/content":
                return Answer(200, content, {"Content-Type": "image/png"})
        return Answer(404, {"message": "Not found"})

    def _push(self, call: Call) -> Answer:
        retry = call.headers["x-line-retry-key"]
        if retry in self._keys:
            headers = {"X-Line-Accepted-Request-Id": self._keys[retry]}
            return Answer(409, {"message": "The retry key is already accepted"}, headers)
        self._keys[retry] = f"request-{len(self._keys)}"
        sent = [{"id": str(next(self._numbers)), "quoteToken": "q"} for _ in call.json["messages"]]
        return Answer(200, {"sentMessages": sent})
