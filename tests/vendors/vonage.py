"""Vonage's Messages API, as far as we use it."""

from __future__ import annotations

import base64
import itertools

from tests.vendors.cloud import Answer, Call, Cloud

KEY, SECRET = "abcd1234", "Vo-n4ge-s3cret"


class MessagesApi(Cloud):
    """One account with one application."""

    def __init__(self) -> None:
        super().__init__()
        self.applications = 1
        self._numbers = itertools.count(1)

    def respond(self, call: Call) -> Answer:
        right = "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        if call.headers.get("authorization") != right:
            return problem(401, "Unauthorized", "You did not provide correct credentials.")
        match call.method, call.path:
            case "GET", "/v2/applications":
                return Answer(200, {"page_size": 1, "total_items": self.applications})
            case "POST", "/v1/messages":
                for needed in ("channel", "message_type", "to", "from"):
                    if not call.json.get(needed):
                        return problem(422, "Invalid params", "A parameter is missing", needed)
                return Answer(202, {"message_uuid": f"aaaaaaaa-bbbb-4ccc-8ddd-{next(self._numbers):012d}"})  # fmt: skip
        return problem(404, "Not Found", "Nothing here")


def problem(status: int, title: str, detail: str, *names: str) -> Answer:
    body = {"type": "https://developer.vonage.com/api-errors", "title": title, "detail": detail}
    bad = {"invalid_parameters": [{"name": n, "reason": "invalid value"} for n in names]}
    return Answer(status, body | (bad if names else {}))
