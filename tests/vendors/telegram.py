"""The Bot API, as far as we use it."""

from __future__ import annotations

import itertools
from typing import Any

from tests.vendors.cloud import Answer, Call, Cloud

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


class BotApi(Cloud):
    """``updates`` wait for ``getUpdates``; ``files`` maps file ids to bytes; ``blocked`` chats answer 403."""

    def __init__(self) -> None:
        super().__init__()
        self.updates: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.blocked: set[str] = set()
        self.webhook: dict[str, Any] = {"url": "https://help.shop.example/intake/c1"}
        self._numbers = itertools.count(900)

    def respond(self, call: Call) -> Answer:
        _, first, *rest = call.path.split("/")
        if first == "file":
            return Answer(200, self.files[rest[-1]]) if rest[-1] in self.files else Answer(404)
        if first != f"bot{TOKEN}":
            return refusal(401, "Unauthorized")
        fields = (
            {} if not call.body else call.json if call.body[:1] == b"{" else {"multipart": True}
        )
        method = "sendMessage" if rest[0] in ("sendPhoto", "sendDocument") else rest[0]
        answer = getattr(self, method, None)
        return answer(fields) if answer else refusal(404, "Not Found")

    def getMe(self, fields: dict[str, Any]) -> Answer:
        return fine({"id": 110201543, "is_bot": True, "first_name": "Shop", "username": "shop_bot"})

    def getWebhookInfo(self, fields: dict[str, Any]) -> Answer:
        return fine({"has_custom_certificate": False, "pending_update_count": 0} | self.webhook)

    def setWebhook(self, fields: dict[str, Any]) -> Answer:
        self.webhook = {"url": fields["url"]}
        return fine(True)

    def deleteWebhook(self, fields: dict[str, Any]) -> Answer:
        self.webhook = {"url": ""}
        return fine(True)

    def answerCallbackQuery(self, fields: dict[str, Any]) -> Answer:
        return fine(True)

    def getUpdates(self, fields: dict[str, Any]) -> Answer:
        if self.webhook["url"]:
            return refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook",
            )
        self.updates = [u for u in self.updates if u["update_id"] >= fields.get("offset", 0)]
        return Answer(
            200, {"ok": True, "result": self.updates}, delay=0.0 if self.updates else 0.05
        )

    def getFile(self, fields: dict[str, Any]) -> Answer:
        if fields["file_id"] not in self.files:
            return refusal(400, "Bad Request: invalid file_id")
        return fine({"file_id": fields["file_id"], "file_path": f"photos/{fields['file_id']}"})

    def sendMessage(self, fields: dict[str, Any]) -> Answer:
        chat = fields.get("chat_id", "55")
        if chat in self.blocked:
            return refusal(403, "Forbidden: bot was blocked by the user")
        if len(fields.get("text", "x")) > 4096:
            return refusal(400, "Bad Request: message is too long")
        sent = {"message_id": next(self._numbers), "chat": {"id": int(chat), "type": "private"}}
        return fine(sent | {"date": 1, "text": fields.get("text", "")})


def fine(result: Any) -> Answer:
    return Answer(200, {"ok": True, "result": result})


def refusal(code: int, description: str, **parameters: Any) -> Answer:
    body = {"ok": False, "error_code": code, "description": description}
    return Answer(code, body | ({"parameters": parameters} if parameters else {}))
