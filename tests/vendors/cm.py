"""CM.com's Business Messaging API, as far as we use it."""

from __future__ import annotations

from tests.vendors.cloud import Answer, Call, Cloud

TOKEN = "00000000-1111-4222-8333-444444444444"


class Gateway(Cloud):
    """One product token."""

    def respond(self, call: Call) -> Answer:
        if (call.method, call.path) != ("POST", "/v1.0/message"):
            return Answer(404, {})
        if call.headers.get("x-cm-producttoken") != TOKEN:
            return Answer(401, {"details": "Unknown product token", "errorCode": 103, "messages": []})  # fmt: skip
        messages = call.json["messages"]["msg"]
        if not messages:
            return Answer(400, {"details": "No messages", "errorCode": 201, "messages": []})
        done = [
            {
                "to": m["to"][0]["number"], "status": "Accepted", "reference": m["reference"], "parts": 1,
                "messageDetails": None, "messageErrorCode": 0,
            }
            for m in messages
        ]  # fmt: skip
        return Answer(200, {"details": f"Created {len(done)} message(s)", "errorCode": 0, "messages": done})  # fmt: skip


def rejected(code: int, words: str) -> Answer:
    message = {"to": "", "status": "Rejected", "reference": "", "parts": 0}
    message |= {"messageDetails": words, "messageErrorCode": code}
    return Answer(400, {"details": "Created 0 message(s)", "errorCode": 201, "messages": [message]})
