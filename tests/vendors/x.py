"""The X API v2, as far as we use it. Signatures are checked as the documentation describes them, not by a library."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import re
from typing import Any
from urllib.parse import quote, unquote

from tests.vendors.cloud import Answer, Call, Cloud

US = "1111111111111111111"
KEYS = {
    "api_key": "xvz1evFS4wEEPTGEFPHBog",
    "api_key_secret": "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
    "access_token": f"{US}-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
    "access_token_secret": "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
}
BEARER = "AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0%2BuSeid"
PICTURE = b"\xff\xd8\xff\xe0 a picture"


class XApi(Cloud):
    """One app with one account. ``closed`` are people who take no direct messages of strangers."""

    def __init__(self) -> None:
        super().__init__()
        self.hooks: list[dict[str, Any]] = [hook("https://help.shop.example/intake/c1")]
        self.subscriptions: list[dict[str, Any]] = []
        self.closed: set[str] = set()
        self.hidden: dict[str, bool] = {}
        self._ids = itertools.count(2_090_000_000_000_000_100)

    def posted(self, path: str) -> list[Any]:
        return [c.json for c in self.calls if c.method == "POST" and c.path == path]

    def respond(self, call: Call) -> Answer:
        if call.path == "/oauth2/token":
            pair = f"{KEYS['api_key']}:{KEYS['api_key_secret']}"
            basic = base64.b64encode(pair.encode()).decode()
            right = call.headers.get("authorization") == f"Basic {basic}"
            token = {"token_type": "bearer", "access_token": BEARER}
            return (
                Answer(200, token) if right else problem(403, "Unable to verify your credentials")
            )
        app_only = call.path.startswith("/2/webhooks")
        if not (_is_app(call) if app_only else signed_right(call, self.url)):
            return problem(401, "Unauthorized", title="Unauthorized")
        return self._answer(call)

    def _answer(self, call: Call) -> Answer:
        match call.method, call.path:
            case "GET", "/2/users/me":
                return Answer(200, {"data": {"id": US, "name": "Bottega", "username": "bottega"}})
            case "GET", "/2/webhooks":
                return Answer(200, {"data": self.hooks, "meta": {"result_count": len(self.hooks)}})
            case "POST", "/2/webhooks":
                self.hooks.append(hook(call.json["url"]))
                return Answer(200, {"data": self.hooks[-1]})
            case "GET", "/2/activity/subscriptions":
                return Answer(200, {"data": self.subscriptions})
            case "POST", "/2/activity/subscriptions":
                self.subscriptions.append(call.json | {"subscription_id": str(next(self._ids))})
                return Answer(201, {"data": {"subscription": self.subscriptions[-1]}})
            case "POST", "/2/media/upload":
                whole = b'name="media_category"' in call.body and b'name="media"' in call.body
                media = {
                    "id": str(next(self._ids)),
                    "media_key": "3_1",
                    "expires_after_secs": 86400,
                }
                return Answer(200, {"data": media}) if whole else problem(400, "media is missing")
            case "POST", "/2/tweets":
                return self._post(call.json)
            case "GET", "/ton/picture":
                return Answer(200, PICTURE, {"Content-Type": "image/jpeg"})
        if found := re.fullmatch(r"/2/webhooks/(\d+)", call.path):
            self.hooks = [h | {"valid": h["valid"] or h["id"] == found[1]} for h in self.hooks]
            return Answer(200, {"data": {"valid": True}})
        if found := re.fullmatch(r"/2/dm_conversations/with/(\d+)/messages", call.path):
            return self._direct(found[1], call.json)
        if found := re.fullmatch(r"/2/tweets/(\d+)/hidden", call.path):
            self.hidden[found[1]] = call.json["hidden"]
            return Answer(200, {"data": call.json})
        return problem(404, f"No resource {call.path}")

    def _post(self, body: dict[str, Any]) -> Answer:
        if not set(body) <= {"text", "reply", "media"} or not (
            body.get("text") or body.get("media")
        ):
            return problem(400, "One or more parameters to your request was invalid.")
        if len(body.get("media", {}).get("media_ids", [])) > 4:
            return problem(400, "media_ids: at most 4")
        return Answer(201, {"data": {"id": str(next(self._ids)), "text": body.get("text", "")}})

    def _direct(self, person: str, body: dict[str, Any]) -> Answer:
        if person in self.closed:
            return problem(403, "You do not have permission to DM one or more participants.")
        if (
            not (body.get("text") or body.get("attachments"))
            or len(body.get("attachments", [])) > 1
        ):
            return problem(400, "One or more parameters to your request was invalid.")
        talk = {"dm_conversation_id": f"{person}-{US}", "dm_event_id": str(next(self._ids))}
        return Answer(201, {"data": talk})


def hook(url: str, *, valid: bool = True) -> dict[str, Any]:
    return {"id": "1146654567674912769", "url": url, "valid": valid, "created_at": "2026-08-01T10:00:00Z"}  # fmt: skip


def problem(status: int, detail: str, *, title: str = "Invalid Request") -> Answer:
    kind = "https://api.x.com/2/problems/invalid-request"
    return Answer(status, {"title": title, "detail": detail, "type": kind, "status": status})


def signed_right(call: Call, url: str) -> bool:
    """OAuth 1.0a, HMAC-SHA1, as in X's “Creating a signature”."""
    found = re.findall(r'(\w+)="([^"]*)"', call.headers.get("authorization", ""))
    oauth = {name: unquote(value) for name, value in found}
    given = oauth.pop("oauth_signature", "")
    named = (oauth.get("oauth_consumer_key"), oauth.get("oauth_token"))
    pairs = sorted((_escaped(k), _escaped(v)) for k, v in (oauth | call.query).items())
    text = "&".join(f"{k}={v}" for k, v in pairs)
    base_string = "&".join((call.method, _escaped(url + call.path), _escaped(text)))
    key = f"{_escaped(KEYS['api_key_secret'])}&{_escaped(KEYS['access_token_secret'])}"
    made = hmac.new(key.encode(), base_string.encode(), hashlib.sha1).digest()
    ours = (KEYS["api_key"], KEYS["access_token"])
    return named == ours and given == base64.b64encode(made).decode()


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")


def _is_app(call: Call) -> bool:
    return call.headers.get("authorization") == f"Bearer {BEARER}"
