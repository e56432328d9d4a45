"""Viber's REST Bot API, as far as we use it."""

from __future__ import annotations

import itertools

from tests.vendors.cloud import Answer, Call, Cloud

TOKEN = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"


class BotApi(Cloud):
    """One bot. ``left`` are people who are not subscribed."""

    def __init__(self) -> None:
        super().__init__()
        self.webhook = "https://help.shop.example/intake/c1"
        self.left: set[str] = set()
        self._numbers = itertools.count(5_741_311_803_571_721_087)

    def respond(self, call: Call) -> Answer:
        if call.headers.get("x-viber-auth-token") != TOKEN:
            return said(2, "invalidAuthToken")
        match call.path:
            case "/pa/get_account_info":
                return said(0, "ok", id="pa:1", name="Shop", webhook=self.webhook)
            case "/pa/set_webhook":
                self.webhook = call.json["url"]
                return said(0, "ok", event_types=call.json["event_types"])
            case "/pa/send_message":
                if call.json["receiver"] in self.left:
                    return said(6, "receiverNotSubscribed")
                return said(0, "ok", message_token=next(self._numbers), billing_status=1)
        return Answer(404, {})


def said(status: int, message: str, **more: object) -> Answer:
    return Answer(200, {"status": status, "status_message": message} | more)
