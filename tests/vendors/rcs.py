"""Google's RCS for Business, as far as we use it: sign-in by an assertion, agent messages, capabilities."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from urllib.parse import unquote

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.vendors.cloud import Answer, Call, Cloud

AGENT = "shop_help_agent@rbm.goog"
MAIL = "sportello@shop.iam.gserviceaccount.example"
SCOPE = "https://www.googleapis.com/auth/rcsbusinessmessaging"


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def service_account() -> str:
    """The JSON file that Google lets one download."""
    pem = private_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    told = {"type": "service_account", "client_email": MAIL, "private_key_id": "k1", "private_key": pem.decode()}  # fmt: skip
    return json.dumps(told | {"token_uri": "https://evil.example/token"})


class Rbm(Cloud):
    """One agent. ``unreachable`` numbers have no RCS; a message id that was seen answers 409."""

    aside = ("/token",)

    def __init__(self) -> None:
        super().__init__()
        self.unreachable = {"+12025550100"}
        self.stale: set[str] = set()
        self.tokens = 0
        self.seen: dict[str, dict[str, Any]] = {}

    def respond(self, call: Call) -> Answer:
        if call.path == "/token":
            return self._sign_in(call.form)
        given = call.headers.get("authorization", "").removeprefix("Bearer ")
        if not given.startswith("ya29.") or given in self.stale:
            return problem(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")  # fmt: skip
        if call.query.get("agentId") != AGENT:
            return problem(403, "PERMISSION_DENIED", "The caller does not have permission")
        _, version, phones, number, what = call.path.split("/")
        if (version, phones) != ("v1", "phones") or unquote(number) in self.unreachable:
            return problem(404, "NOT_FOUND", "Requested entity was not found.")
        if what == "capabilities":
            return Answer(200, {"features": ["RICHCARD_STANDALONE", "ACTION_OPEN_URL"]})
        return self._send(unquote(number), call)

    def _send(self, number: str, call: Call) -> Answer:
        id, content = call.query["messageId"], call.json["contentMessage"]
        if id in self.seen:
            return problem(409, "ALREADY_EXISTS", "Requested entity already exists")
        suggestions = content.get("suggestions", [])
        titles = [s["reply"]["text"] for s in suggestions]
        if len(suggestions) > 11 or any(len(t) > 25 for t in titles) or len(content.get("text", "")) > 3072:  # fmt: skip
            return problem(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
        self.seen[id] = content
        name = f"phones/{number}/agentMessages/{id}"
        return Answer(200, {"name": name, "sendTime": "2026-11-21T10:00:00Z", "contentMessage": content})  # fmt: skip

    def _sign_in(self, form: dict[str, str]) -> Answer:
        try:
            claims = jwt.decode(
                form["assertion"], private_key().public_key(), ["RS256"], audience=f"{self.url}/token",
                options={"require": ["iss", "exp", "iat"]},
            )  # fmt: skip
        except (jwt.PyJWTError, KeyError):
            return Answer(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})  # fmt: skip
        if (claims["iss"], claims["scope"]) != (MAIL, SCOPE):
            return Answer(400, {"error": "invalid_scope"})
        self.tokens += 1
        return Answer(200, {"access_token": f"ya29.{self.tokens}", "expires_in": 3599, "token_type": "Bearer"})  # fmt: skip


def problem(code: int, status: str, message: str) -> Answer:
    return Answer(code, {"error": {"code": code, "message": message, "status": status}})
