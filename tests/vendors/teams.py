"""Microsoft's side of the Bot Framework, as far as we use it: sign-in, keys, the connector of Teams."""

from __future__ import annotations

import itertools
import time
from functools import cache
from typing import Any
from urllib.parse import unquote

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.vendors.cloud import Answer, Call, Cloud

APP, PASSWORD = "11111111-2222-4333-8444-555555555555", "client-s3cret-value"
TENANT = "99999999-aaaa-4bbb-8ccc-dddddddddddd"


@cache
def key_pair(number: int = 1) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def published(number: int = 1, endorsements: tuple[str, ...] = ("msteams",)) -> dict[str, Any]:
    """A row of the key document."""
    row: dict[str, Any] = RSAAlgorithm.to_jwk(key_pair(number).public_key(), as_dict=True)
    return row | {"kid": f"key-{number}", "use": "sig", "endorsements": list(endorsements)}


def token(service: str, *, number: int = 1, app: str = APP, **claims: Any) -> str:
    """What Microsoft puts into the Authorization header."""
    now = int(time.time())
    told = {"iss": "https://api.botframework.com", "aud": app, "serviceurl": service, "nbf": now, "exp": now + 3600}  # fmt: skip
    return jwt.encode(told | claims, key_pair(number), "RS256", headers={"kid": f"key-{number}"})


class BotFramework(Cloud):
    """One bot. ``left`` are conversations it was thrown out of; ``stale`` tokens are not taken any more."""

    aside = (f"/{TENANT}/oauth2",)

    def __init__(self) -> None:
        super().__init__()
        self.keys = [published()]
        self.left: set[str] = set()
        self.stale: set[str] = set()
        self.tokens = 0
        self.lessons = 0
        self.pictures: dict[str, bytes] = {}
        self._numbers = itertools.count(1514312453000)

    @property
    def service(self) -> str:
        return f"{self.url}/emea/"

    def respond(self, call: Call) -> Answer:
        match call.method, call.path:
            case "GET", "/v1/.well-known/openidconfiguration":
                self.lessons += 1
                return Answer(200, {"issuer": "https://api.botframework.com", "jwks_uri": f"{self.url}/v1/.well-known/keys"})  # fmt: skip
            case "GET", "/v1/.well-known/keys":
                return Answer(200, {"keys": self.keys})
            case "POST", path if path == f"/{TENANT}/oauth2/v2.0/token":
                return self._sign_in(call.form)
        given = call.headers.get("authorization", "").removeprefix("Bearer ")
        if not given.startswith("token-") or given in self.stale:
            return Answer(401, {"message": "Authorization has been denied for this request."})
        if call.path.startswith("/emea/v3/attachments/"):
            picture = self.pictures.get(call.path.split("/")[4])
            return Answer(200, picture, {"Content-Type": "image/png"}) if picture else Answer(404)
        where = call.path.removeprefix("/emea")
        if where == "/v3/conversations":
            return Answer(201, {"id": f"a:{call.json['members'][0]['id']}"})
        if where.startswith("/v3/conversations/") and call.json["type"] == "message":
            talk = unquote(where.split("/")[3])
            if talk in self.left:
                return problem(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")  # fmt: skip
            return Answer(201, {"id": str(next(self._numbers))})
        return problem(404, "ResourceNotFound", "Nothing here")

    def _sign_in(self, form: dict[str, str]) -> Answer:
        wanted = (APP, PASSWORD, "client_credentials", "https://api.botframework.com/.default")
        given = tuple(form.get(n) for n in ("client_id", "client_secret", "grant_type", "scope"))
        if given != wanted:
            return Answer(401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."})  # fmt: skip
        self.tokens += 1
        told = {"access_token": f"token-{self.tokens}", "expires_in": 86399, "token_type": "Bearer"}
        return Answer(200, told)


def problem(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"error": {"code": code, "message": message}})
