"""A stand-in of Meta's Graph API: accepts what is documented, answers as documented, refuses the rest."""

from __future__ import annotations

import itertools
import re
from typing import Any

from tests.vendors.cloud import Answer, Call, Cloud

TOKEN = "EAAG-test-token-0123456789"
PICTURE = b"\xff\xd8\xff\xe0 a picture"


def error(code: int, message: str, *, status: int = 400, details: str = "", **more: Any) -> Answer:
    """An error as Graph spells it."""
    found: dict[str, Any] = {
        "message": f"(#{code}) {message}",
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": "Az8or2yhqkZfEZ",
    }
    if details:
        found["error_data"] = {"messaging_product": "whatsapp", "details": details}
    return Answer(status, {"error": found | more})  # fmt: skip


EXPIRED = error(
    190, "Error validating access token: Session has expired", status=401, error_subcode=463
)
THROTTLED = error(
    130429, "Rate limit hit", details="Cloud API message throughput has been reached."
)


class Graph(Cloud):
    """Numbers and pages of one business."""

    def __init__(self) -> None:
        super().__init__()
        self._ids = itertools.count(1)
        self.key_ends = 0
        """What `debug_token` says of the token; 0 is never."""
        self.templates: list[dict[str, Any]] = []
        self.subscribed: list[dict[str, Any]] = [
            {
                "whatsapp_business_api_data": {"id": "670", "name": "Sportello"},
                "id": "670",
                "name": "Sportello",
                "subscribed_fields": ["messages", "messaging_postbacks", "message_echoes", "feed", "comments"],
            }
        ]  # fmt: skip

    @property
    def posted(self) -> list[Any]:
        """Bodies of the messages that were sent."""
        return [
            c.json for c in self.calls if c.path.endswith(("/messages", "/comments", "/replies"))
        ]

    def respond(self, call: Call) -> Answer:
        if call.path == "/lookaside/picture":
            ok = call.headers.get("authorization") == f"Bearer {TOKEN}"
            return Answer(200 if ok else 401, PICTURE, {"Content-Type": "image/jpeg"})
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return error(190, "Invalid OAuth access token.", status=401)
        if len(call.query.get("appsecret_proof", "")) != 64:
            return error(100, "API calls from the server require an appsecret_proof argument")
        found = re.fullmatch(r"/v\d+\.\d/([\w.:-]+)(?:/(\w+))?", call.path)
        if not found:
            return error(2500, "Unknown path components")
        return self._edge(call, found[1], found[2] or "")

    def _edge(self, call: Call, node: str, edge: str) -> Answer:
        match call.method, edge:
            case "POST", "messages":
                return self._message(call.json)
            case "POST", "media":
                ok = b'name="messaging_product"' in call.body and b'name="file"' in call.body
                return Answer(200, {"id": "media-1"}) if ok else error(100, "Invalid parameter")
            case "POST", "message_attachments":
                ok = b'name="filedata"' in call.body and b'"attachment"' in call.body
                return (
                    Answer(200, {"attachment_id": "1857777774821032"})
                    if ok
                    else error(100, "Invalid parameter")
                )
            case "POST", "comments" | "replies" | "mentions":
                if not call.json.get("message"):
                    return error(100, "The parameter message is required.")
                return Answer(200, {"id": f"{node}_{next(self._ids)}"})
            case "GET", "message_templates":
                return Answer(200, {"data": self.templates, "paging": {"cursors": {"after": "x"}}})
            case "GET", "subscribed_apps":
                return Answer(200, {"data": self.subscribed})
            case "POST", "" if {"hide", "is_hidden"} & set(call.json):
                return Answer(200, {"success": True})
            case "GET", "":
                return self._node(call, node)
        return error(100, f"Unsupported {call.method.lower()} request")

    def _node(self, call: Call, node: str) -> Answer:
        if node == "debug_token":
            told = {"is_valid": True, "expires_at": self.key_ends, "data_access_expires_at": 0}
            if call.query.get("input_token") != TOKEN:
                return error(100, "The input_token is not valid")
            return Answer(200, {"data": told})
        if node == "media-1":
            url = f"{self.url}/lookaside/picture"
            media = {"url": url, "mime_type": "image/jpeg", "file_size": len(PICTURE), "id": node}
            return Answer(200, media | {"sha256": "x", "messaging_product": "whatsapp"})
        return Answer(
            200,
            {
                "id": node,
                "name": "Bottega",
                "display_phone_number": "+39 055 000",
                "verified_name": "Bottega",
                "quality_rating": "GREEN",
                "status": "CONNECTED",
                "instagram_business_account": {"id": "178414", "username": "bottega"},
            },
        )

    def _message(self, body: dict[str, Any]) -> Answer:
        if body.get("messaging_product") == "whatsapp":
            return self._whatsapp(body)
        recipient, message = body.get("recipient") or {}, body.get("message") or {}
        if not (recipient.get("id") or recipient.get("comment_id")):
            return error(100, "The parameter recipient is required")
        if body.get("messaging_type") == "MESSAGE_TAG" and body.get("tag") != "HUMAN_AGENT":
            return error(100, "The tag is not supported")
        if len(message.get("text", "")) > 2000:
            return error(100, "Length of param message[text] must be less than or equal to 2000")
        if len(message.get("quick_replies", [])) > 13 or not (
            message.get("text") or message.get("attachment")
        ):
            return error(100, "Invalid message")
        ids = {
            "recipient_id": recipient.get("id", "1254459154682919"),
            "message_id": f"m_{next(self._ids)}",
        }
        return Answer(200, ids)  # fmt: skip

    def _whatsapp(self, body: dict[str, Any]) -> Answer:
        kind = body.get("type", "text")
        to = body.get("to") or body.get("recipient")
        if not to or not isinstance(body.get(kind), dict):
            return error(100, "Invalid parameter")
        if trouble := _whatsapp_trouble(kind, body[kind]):
            return error(131009, "Parameter value is not valid", details=trouble)
        named = {"user_id": to} if "." in to else {"wa_id": to}
        message = {"id": f"wamid.{next(self._ids)}"}
        return Answer(
            200,
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": to} | named],
                "messages": [message],
            },
        )


def _whatsapp_trouble(kind: str, part: dict[str, Any]) -> str:
    """What the documentation forbids about one message."""
    if kind == "text" and not 0 < len(part.get("body", "")) <= 4096:
        return "text.body"
    if kind in ("image", "video", "audio", "document") and ("id" in part) == ("link" in part):
        return "id or link"
    if kind == "audio" and "caption" in part:
        return "caption"
    if kind == "template" and not (part.get("name") and part.get("language", {}).get("code")):
        return "template"
    if kind == "interactive":
        action = part.get("action", {})
        if not 0 < len(part["body"]["text"]) <= (1024 if part["type"] == "button" else 4096):
            return "body.text"
        buttons = [b["reply"] for b in action.get("buttons", [])]
        rows = [row for section in action.get("sections", []) for row in section["rows"]]
        titles = [len(b["title"]) <= 20 for b in buttons] + [len(r["title"]) <= 24 for r in rows]
        if len(buttons) > 3 or len(rows) > 10 or not titles or not all(titles):
            return "action"
        if rows and not 0 < len(action.get("button", "")) <= 20:
            return "action.button"
    return ""
