"""Where people rate things: Google Play, the App Store and Trustpilot, each as far as we use it."""

from __future__ import annotations

import base64
import itertools
import json
import re
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.vendors.cloud import Answer, Call, Cloud

PACKAGE = "com.example.bottega"
ACCOUNT = "sportello@bottega.iam.gserviceaccount.com"
APPLE = {"app_id": "1482920575", "key_id": "2X9R4HXF34", "issuer_id": "57246542-96fe-1a63-e053"}
UNIT, WRITER = "507f191e810c19729de860ea", "5f2c1e0a9d0c4b0001a1b2c3"
PAIR = "tp-key:tp-secret-0123456789"
TOKEN = "ya29.a-token"

_rsa = rsa.generate_private_key(65537, 2048)
_ec = ec.generate_private_key(ec.SECP256R1())


def pem(key: Any) -> str:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return str(key.private_bytes(*form, serialization.NoEncryption()).decode())


RSA_KEY, EC_KEY = pem(_rsa), pem(_ec)


def service_account(token_uri: str) -> str:
    """The file that Google hands out."""
    named = {"type": "service_account", "client_email": ACCOUNT, "private_key_id": "k1"}
    return json.dumps(named | {"private_key": RSA_KEY, "token_uri": token_uri})


class Reviewed(Cloud):
    """``reviews`` are as the vendor lists them, newest first; ``answers`` by review."""

    def __init__(self, *reviews: dict[str, Any]) -> None:
        super().__init__()
        self.reviews = list(reviews)
        self.answers: dict[str, str] = {}
        self.tokens = [TOKEN]
        """Those that are taken; the newest is given out."""

    def bearer(self, call: Call) -> str:
        return call.headers.get("authorization", "").removeprefix("Bearer ")


class PlayApi(Reviewed):
    """Pages of two: the whole window of a week would be."""

    page = 2

    def respond(self, call: Call) -> Answer:
        if call.path == "/token":
            return self._token(call)
        if self.bearer(call) not in self.tokens:
            return google(401, "Request had invalid authentication credentials.", "UNAUTHENTICATED")
        root = f"/androidpublisher/v3/applications/{PACKAGE}/reviews"
        if call.method == "GET" and call.path == root:
            start = int(call.query.get("token", 0))
            shown = self.reviews[start : start + self.page]
            more = start + self.page < len(self.reviews)
            page = {"tokenPagination": {"nextPageToken": str(start + self.page)}} if more else {}
            return Answer(200, ({"reviews": shown} if shown else {}) | page)
        found = re.fullmatch(rf"{root}/([^/:]+):reply", call.path)
        if found and call.method == "POST":
            words = re.sub(r"<[^>]+>", "", call.json["replyText"])
            if len(words) > 350:
                return google(400, "The reply is too long.", "INVALID_ARGUMENT")
            self.answers[found[1]] = words
            return Answer(200, {"result": {"replyText": words, "lastEdited": {"seconds": "1795300000", "nanos": 1}}})  # fmt: skip
        return google(404, f"Package not found: {call.path}", "NOT_FOUND")

    def _token(self, call: Call) -> Answer:
        """RFC 7523: the assertion is checked with the public key."""
        try:
            claims = jwt.decode(call.form["assertion"], _rsa.public_key(), ["RS256"], audience=f"{self.url}/token")  # fmt: skip
        except jwt.PyJWTError as error:
            return Answer(400, {"error": "invalid_grant", "error_description": str(error)})
        right = claims["iss"] == ACCOUNT and claims["scope"].endswith("/auth/androidpublisher")
        if not right or not call.form["grant_type"].endswith("jwt-bearer") or claims["exp"] - claims["iat"] > 3600:  # fmt: skip
            return Answer(400, {"error": "invalid_grant"})
        return Answer(200, {"access_token": self.tokens[-1], "expires_in": 3599, "token_type": "Bearer"})  # fmt: skip


def google(code: int, message: str, status: str) -> Answer:
    return Answer(code, {"error": {"code": code, "message": message, "status": status}})


class ConnectApi(Reviewed):
    """The App Store Connect API: JSON:API, and a new token with every call."""

    def __init__(self, *reviews: dict[str, Any]) -> None:
        super().__init__(*reviews)
        self.page = 200
        self.responses: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)

    def respond(self, call: Call) -> Answer:
        if not self._is_signed(call):
            return apple(401, "NOT_AUTHORIZED", "Provide a properly configured and signed bearer token, and make sure that it has not expired.")  # fmt: skip
        if call.path == f"/v1/apps/{APPLE['app_id']}/customerReviews":
            return self._page(call)
        if call.method == "POST" and call.path == "/v1/customerReviewResponses":
            data = call.json["data"]
            review = data["relationships"]["review"]["data"]["id"]
            words = data["attributes"]["responseBody"]
            attributes = {"responseBody": words, "lastModifiedDate": "2026-11-21T10:00:00-08:00", "state": "PENDING_PUBLISH"}  # fmt: skip
            made = {"type": "customerReviewResponses", "id": f"resp-{next(self._numbers)}", "attributes": attributes}  # fmt: skip
            self.answers[review], self.responses[review] = words, made
            return Answer(201, {"data": made})
        return apple(404, "NOT_FOUND", "There is no resource of that type.")

    def _is_signed(self, call: Call) -> bool:
        token = self.bearer(call)
        try:
            claims = jwt.decode(token, _ec.public_key(), ["ES256"], audience="appstoreconnect-v1", issuer=APPLE["issuer_id"])  # fmt: skip
        except jwt.PyJWTError:
            return False
        long = claims["exp"] - claims["iat"] > 20 * 60
        return not long and jwt.get_unverified_header(token)["kid"] == APPLE["key_id"]

    def _page(self, call: Call) -> Answer:
        assert call.query["sort"] == "-createdDate"
        start, size = int(call.query.get("cursor", 0)), min(int(call.query["limit"]), self.page)
        shown = self.reviews[start : start + size]
        linked = []
        for review in shown:
            ours = self.responses.get(review["id"])
            data = {"type": "customerReviewResponses", "id": ours["id"]} if ours else None
            linked.append(review | {"relationships": {"response": {"data": data}}})
        body: dict[str, Any] = {"data": linked, "links": {"self": self.url}}
        body["included"] = [self.responses[r["id"]] for r in shown if r["id"] in self.responses]
        body["meta"] = {"paging": {"total": len(self.reviews), "limit": size}}
        if start + size < len(self.reviews):
            body["links"]["next"] = f"{self.url}{call.path}?cursor={start + size}&limit={size}"
        return Answer(200, body, {"X-Rate-Limit": "user-hour-lim:3500;user-hour-rem:500;"})


def apple(status: int, code: str, detail: str) -> Answer:
    error = {
        "id": "e1",
        "status": str(status),
        "code": code,
        "title": code.title(),
        "detail": detail,
    }
    return Answer(status, {"errors": [error]})


class TrustpilotApi(Reviewed):
    """One business unit."""

    def respond(self, call: Call) -> Answer:
        if call.path == "/v1/oauth/oauth-business-users-for-applications/accesstoken":
            basic = f"Basic {base64.b64encode(PAIR.encode()).decode()}"
            if call.headers.get("authorization") != basic:
                return Answer(401, {"reason": "The API key or secret is wrong."})
            assert call.form == {"grant_type": "client_credentials"}
            return Answer(200, {"access_token": self.tokens[-1], "expires_in": "359999"})
        if self.bearer(call) not in self.tokens:
            return Answer(401, {"message": "The access token is invalid or has expired."})
        if call.path == f"/v1/private/business-units/{UNIT}/reviews":
            size, page = int(call.query["perPage"]), int(call.query["page"])
            shown = self.reviews[(page - 1) * size : page * size]
            return Answer(200, {"links": [], "reviews": shown})
        found = re.fullmatch(r"/v1/private/reviews/(\w+)/reply", call.path)
        if found and call.method == "POST":
            if call.json["authorBusinessUserId"] != WRITER:
                return Answer(403, {"message": "The business user may not reply."})
            self.answers[found[1]] = call.json["message"]
            return Answer(201)
        return Answer(404, {"message": "Not found"})


def play_review(id: str = "r1", text: str = "Bella app", stars: int = 5, *, at: str = "2026-11-20T10:00:00", **more: Any) -> dict[str, Any]:  # fmt: skip
    seconds = str(int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()))
    comment = {
        "text": text, "lastModified": {"seconds": seconds, "nanos": 117000000}, "starRating": stars,
        "reviewerLanguage": "it", "device": "trltecan", "androidOsVersion": 21, "appVersionCode": 12345,
        "appVersionName": "1.2.3", "thumbsUpCount": 1, "thumbsDownCount": 0,
        "deviceMetadata": {"productName": "E5333 (Xperia™)", "manufacturer": "Sony"},
    }  # fmt: skip
    comments: list[Any] = [{"userComment": comment | more.pop("user", {})}]
    if answer := more.pop("answer", ""):
        comments.append(
            {"developerComment": {"text": answer, "lastModified": {"seconds": seconds}}}
        )
    return {"reviewId": id, "authorName": "Ada Rossi", "comments": comments} | more


def store_review(id: str = "r1", text: str = "Bella app", stars: int = 5, *, at: str = "2026-11-20T10:00:00-08:00", title: str = "", **more: Any) -> dict[str, Any]:  # fmt: skip
    attributes = {"rating": stars, "title": title, "body": text, "reviewerNickname": "ada_r", "createdDate": at, "territory": "ITA"}  # fmt: skip
    return {"type": "customerReviews", "id": id, "attributes": attributes | more}


def trust_review(id: str = "r1", text: str = "Bella bottega", stars: int = 5, *, at: str = "2026-11-20T10:00:00Z", title: str = "", **more: Any) -> dict[str, Any]:  # fmt: skip
    plain = {
        "id": id, "stars": stars, "title": title, "text": text, "language": "it", "createdAt": at, "updatedAt": None,
        "consumer": {"id": "c77", "displayName": "Ada Rossi", "displayLocation": "Prato, IT", "numberOfReviews": 1},
        "businessUnit": {"id": UNIT, "displayName": "Bottega"}, "companyReply": None, "isVerified": True,
        "referralEmail": "ada@home.example", "referenceId": "IT-1042", "numberOfLikes": 0, "status": "active",
    }  # fmt: skip
    return plain | more
