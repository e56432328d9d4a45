"""Somebody's app at the other end of the webhook channel: it checks signatures with the standard's own library."""

from __future__ import annotations

from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from tests.vendors.cloud import Answer, Call, Cloud

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class App(Cloud):
    """``got`` are the events it believed."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[dict[str, Any]] = []

    def respond(self, call: Call) -> Answer:
        try:
            event = Webhook(SECRET).verify(call.body.decode(), call.headers)
        except WebhookVerificationError as error:
            return Answer(401, {"error": str(error)})
        self.got.append(event)
        return Answer(202, {})
