"""Twilio's REST API, as far as we use it."""

from __future__ import annotations

import base64
import itertools
from typing import Any

from tests.vendors.cloud import Answer, Call, Cloud

SID = "AC" + "0" * 31 + "1"
TOKEN = "f1e2d3c4b5a697887766554433221100"


class TwilioApi(Cloud):
    """One account with one number. ``opted_out`` numbers answer 21610; ``media`` maps paths to bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.opted_out: set[str] = set()
        self.media: dict[str, bytes] = {}
        self.number: dict[str, Any] | None = {
            "phone_number": "+15005550006",
            "capabilities": {"sms": True, "mms": True, "voice": True},
            "sms_url": "https://help.shop.example/intake/c1",
        }
        self._numbers = itertools.count(1)

    def respond(self, call: Call) -> Answer:
        right = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
        if call.headers.get("authorization") != right:
            return refusal(401, 20003, "Authenticate")
        path = call.path.removeprefix(f"/2010-04-01/Accounts/{SID}")
        match call.method, path:
            case "GET", ".json":
                return Answer(200, {"sid": SID, "friendly_name": "Shop", "status": "active"})
            case "GET", "/IncomingPhoneNumbers.json":
                rows = [self.number] if self.number else []
                return Answer(200, {"incoming_phone_numbers": rows, "page": 0})
            case "POST", "/Messages.json":
                return self._send(call.form)
        if path in self.media:
            return Answer(200, self.media[path])
        return refusal(404, 20404, "The requested resource was not found")

    def _send(self, form: dict[str, str]) -> Answer:
        if not form.get("From") and not form.get("MessagingServiceSid"):
            return refusal(400, 21603, "A 'From' phone number is required.")
        if form["To"] in self.opted_out:
            return refusal(400, 21610, "Attempt to send to unsubscribed recipient")
        if len(form.get("Body", "")) > 1600:
            return refusal(400, 21617, "The concatenated message body exceeds the 1600 limit")
        sid = f"SM{next(self._numbers):032d}"
        made = {"sid": sid, "status": "queued", "error_code": None, "error_message": None}
        return Answer(201, made | {"to": form["To"], "num_segments": "1"})


def refusal(status: int, code: int, message: str) -> Answer:
    return Answer(status, {"code": code, "message": message, "status": status})
