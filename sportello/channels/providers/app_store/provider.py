"""App Store: customer reviews by the App Store Connect API."""

from __future__ import annotations

import re
import textwrap
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import jwt

from sportello.channels.contract import (
    Capabilities,
    Check,
    Failed,
    FieldKind,
    Outcome,
    Sent,
    Setting,
    Settings,
    said,
)
from sportello.channels.vendors import reviews
from sportello.channels.vendors.calls import (
    Reply,
    asked_to_wait,
    base,
    call,
    refused,
    tried,
)
from sportello.channels.vendors.reviews import Found, Review
from sportello.channels.vendors.shapes import at, iso_moment, key
from sportello.core.net import Blocked, Broken

if TYPE_CHECKING:
    from sportello.core.net import Net

API = "https://api.appstoreconnect.apple.com"
AUDIENCE = "appstoreconnect-v1"
LIFE = 15 * 60
"""Seconds a token lives; Apple takes at most twenty minutes."""
PAGE, PAGES = 200, 10
LONGEST_ANSWER = 5970
BUSY = timedelta(minutes=5)
"""Apple counts the calls of the last sixty minutes and does not say when to come back."""


class AppStore(reviews.ReviewProvider):
    kind = "app_store"
    name = "App Store reviews"
    identity_kind = "app_store"
    hue = "appstore"
    id_path = ("data", "id")
    capabilities = Capabilities(
        max_text=LONGEST_ANSWER, public=True, edits=True, inbound_webhook=False
    )
    settings = (
        Setting("app_id", "Apple ID of the app", required=True, help="A number: App Store Connect, App Information."),
        Setting("key_id", "Key ID", required=True, help="App Store Connect, Users and Access, Integrations."),
        Setting("issuer_id", "Issuer ID", help="Above the list of team keys. Empty with an individual key."),
        Setting("private_key", "Private key", FieldKind.SECRET, required=True, help="The whole .p8 file. Apple lets you download it once."),
        reviews.SINCE,
        reviews.EVERY,
        Setting("api_base", "API address", FieldKind.URL, default=API, advanced=True),
    )  # fmt: skip
    guide = (
        "In App Store Connect open Users and Access, Integrations, App Store Connect API.",
        "Generate a key with the role Customer Support and download its .p8 file.",
        "Enter key ID, issuer ID and the whole .p8 file here, and the app's Apple ID.",
        "Press “Test the settings”. Answers appear in the store after Apple has looked at them, up to a day later.",
    )

    def listed(self, settings: Settings, cursor: Mapping[str, Any], net: Net) -> Iterator[Found]:
        asked: dict[str, Any] = {"limit": PAGE}
        for _ in range(PAGES):
            reply = _list(settings, net, **asked)
            if not reply.ok:
                raise Broken(_words(reply) or f"Apple answers {reply.status}.")
            answers = {key(a.get("id")): a for a in reviews.each(reply.data.get("included"))}
            items = [_with_answer(d, answers) for d in reviews.each(reply.data.get("data"))]
            pairs = [(self.review(item), item) for item in items]
            yield from pairs
            following = re.search(r"[?&]cursor=([^&]+)", str(at(reply.data, "links", "next") or ""))
            if not following or not pairs or reviews.is_known(pairs[-1][0], cursor):
                return
            asked = {"limit": PAGE, "cursor": unquote(following[1])}

    def review(self, item: dict[str, Any]) -> Review:
        attributes, answer = at(item, "data", "attributes"), at(item, "response", "attributes")
        words = [reviews.written(at(attributes, name)) for name in ("title", "body")]
        return Review(
            id=key(at(item, "data", "id")),
            stars=reviews.rating(at(attributes, "rating")),
            text="\n".join(word for word in words if word),
            author=reviews.written(at(attributes, "reviewerNickname")),
            at=iso_moment(key(at(attributes, "createdDate"))),
            answer=reviews.written(at(answer, "responseBody")),
            answered_at=iso_moment(key(at(answer, "lastModifiedDate"))),
            facts={"territory": key(at(attributes, "territory"))},
        )

    def answer(self, review_id: str, text: str, settings: Settings, net: Net) -> Outcome:
        if len(text) > LONGEST_ANSWER:
            return Failed(
                said("The App Store takes at most {count} characters.", count=LONGEST_ANSWER)
            )
        data = {
            "type": "customerReviewResponses",
            "attributes": {"responseBody": text},
            "relationships": {"review": {"data": {"type": "customerReviews", "id": review_id}}},
        }
        reply = _ask(settings, net, "POST", "/v1/customerReviewResponses", json={"data": data})
        if reply.ok and key(at(reply.data, "data", "id")):
            words = reviews.written(at(reply.data, "data", "attributes", "responseBody"))
            return Sent(reviews.answer_id(review_id, words or text))
        wait = (asked_to_wait(reply.headers) or BUSY) if reply.status == 429 else None
        return refused(reply, _words(reply), retry_after=wait)

    def check(self, settings: Settings, net: Net) -> list[Check]:
        return [tried(said("Reviews"), lambda: _look(settings, net))]


def token(settings: Settings) -> str:
    """A signed statement of who calls; there is nothing to exchange it for. Raises `Blocked`."""
    now = int(time.time())
    claims: dict[str, Any] = {"iat": now, "exp": now + LIFE, "aud": AUDIENCE}
    issuer = str(settings.get("issuer_id") or "").strip()
    claims |= {"iss": issuer} if issuer else {"sub": "user"}
    headers = {"kid": str(settings.get("key_id") or "").strip()}
    try:
        return jwt.encode(claims, _pem(str(settings.get("private_key") or "")), "ES256", headers)
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise Blocked(said("The private key cannot be read. Paste the whole .p8 file.")) from error


def _pem(pasted: str) -> str:
    """A field of one line takes the line ends away: they are put back."""
    found = re.search(r"-----BEGIN PRIVATE KEY-----(.*)-----END PRIVATE KEY-----", pasted, re.DOTALL)  # fmt: skip
    body = re.sub(r"\s+|\\n", "", found[1] if found else pasted)
    lines = "\n".join(textwrap.wrap(body, 64))
    return f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n"


def _ask(settings: Settings, net: Net, method: str, path: str, **options: Any) -> Reply:
    """Raises `NetError`."""
    headers = {"Authorization": f"Bearer {token(settings)}"}
    return call(net, method, f"{base(settings, API)}{path}", headers=headers, **options)


def _list(settings: Settings, net: Net, **more: Any) -> Reply:
    app = quote(str(settings.get("app_id") or "").strip(), safe="")
    asked = {"sort": "-createdDate", "include": "response"} | more
    return _ask(settings, net, "GET", f"/v1/apps/{app}/customerReviews", params=asked)


def _with_answer(data: dict[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    ours = key(at(data, "relationships", "response", "data", "id"))
    return {"data": data, "response": answers.get(ours)}


def _look(settings: Settings, net: Net) -> tuple[bool, str]:
    reply = _list(settings, net, limit=1)
    if reply.status == 401:
        return False, said("Apple does not accept the key. Compare key ID and issuer ID, and whether the key was revoked.")  # fmt: skip
    if not reply.ok:
        return False, _words(reply) or said("Unexpected answer (HTTP {status}). Is the API address right?", status=reply.status)  # fmt: skip
    total = at(reply.data, "meta", "paging", "total")
    return True, said(
        "The app has {count} reviews.", count=total if isinstance(total, int) else "–"
    )


def _words(reply: Reply) -> str:
    error = at(reply.data, "errors", 0)
    return key(at(error, "detail")) or key(at(error, "title"))
