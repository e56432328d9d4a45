"""Google Play: reviews of the last week, by the Reply to Reviews API (androidpublisher v3)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

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
from sportello.channels.vendors.calls import Reply, base, call, refused, tried
from sportello.channels.vendors.reviews import Found, Review
from sportello.channels.vendors.shapes import at, key, moment
from sportello.channels.vendors.tokens import TokenRefused, Tokens, granted
from sportello.core.net import Blocked, Broken

if TYPE_CHECKING:
    from sportello.core.net import Net

API = "https://androidpublisher.googleapis.com"
TOKEN_URL = "https://oauth2.googleapis.com/token"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
PAGE, PAGES = 100, 10
LONGEST_ANSWER = 350
TOKENS = Tokens()


class GooglePlay(reviews.ReviewProvider):
    kind = "google_play"
    name = "Google Play reviews"
    identity_kind = "google_play"
    hue = "googleplay"
    id_path = ("reviewId",)
    capabilities = Capabilities(
        max_text=LONGEST_ANSWER, public=True, edits=True, inbound_webhook=False
    )
    settings = (
        Setting("package_name", "Package name", required=True, help="Of the app, like com.example.shop."),
        Setting("service_account", "Service account key", FieldKind.SECRET, required=True, help="The whole JSON file that Google gave you."),
        reviews.SINCE,
        reviews.EVERY,
        Setting("api_base", "API address", FieldKind.URL, default=API, advanced=True),
    )  # fmt: skip
    guide = (
        "In the Google Cloud console enable the Google Play Android Developer API and create a service account with a JSON key.",
        "In the Play Console, under Users and permissions, invite the service account's address with “View app information” and “Reply to reviews”.",
        "Paste the whole JSON file here, enter the app's package name and save.",
        "Press “Test the settings”. Google hands out reviews with words only, of the last seven days.",
    )

    def listed(self, settings: Settings, cursor: Mapping[str, Any], net: Net) -> Iterator[Found]:
        """What was changed last comes first."""
        asked: dict[str, Any] = {"maxResults": PAGE}
        for _ in range(PAGES):
            reply = _ask(settings, net, "GET", "", params=asked)
            if not reply.ok:
                raise Broken(_words(reply) or f"Google answers {reply.status}.")
            pairs = [(self.review(item), item) for item in reviews.each(reply.data.get("reviews"))]
            yield from pairs
            token = key(at(reply.data, "tokenPagination", "nextPageToken"))
            if not token or not pairs or reviews.is_known(pairs[-1][0], cursor):
                return
            asked = {"maxResults": PAGE, "token": token}

    def review(self, item: dict[str, Any]) -> Review:
        """Title and words come as one text with a tab between them."""
        comments = reviews.each(item.get("comments"))
        theirs = next((c["userComment"] for c in comments if at(c, "userComment")), None)
        ours = next((c["developerComment"] for c in comments if at(c, "developerComment")), None)
        words = reviews.written(at(theirs, "originalText")) or reviews.written(at(theirs, "text"))
        version, device = key(at(theirs, "appVersionName")), key(at(theirs, "device"))
        return Review(
            id=key(item.get("reviewId")),
            stars=reviews.rating(at(theirs, "starRating")),
            text=words.replace("\t", "\n"),
            author=reviews.written(item.get("authorName")),
            at=_moment(at(theirs, "lastModified")),
            answer=reviews.written(at(ours, "text")),
            answered_at=_moment(at(ours, "lastModified")),
            language=key(at(theirs, "reviewerLanguage")),
            facts={"app_version": version, "device": device},
        )

    def answer(self, review_id: str, text: str, settings: Settings, net: Net) -> Outcome:
        if len(text) > LONGEST_ANSWER:
            return Failed(
                said("Google Play takes at most {count} characters.", count=LONGEST_ANSWER)
            )
        path = f"/{quote(review_id, safe='')}:reply"
        reply = _ask(settings, net, "POST", path, json={"replyText": text})
        words = at(reply.data, "result", "replyText")
        if reply.ok and isinstance(words, str):
            return Sent(reviews.answer_id(review_id, words))
        return refused(reply, _words(reply))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        return [tried(said("Reviews"), lambda: _look(settings, net))]


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    email: str
    private_key: str
    key_id: str
    token_url: str

    @classmethod
    def read(cls, settings: Settings) -> ServiceAccount:
        """Raises `Blocked`: nothing can be called with it."""
        try:
            data = json.loads(str(settings.get("service_account") or ""))
        except ValueError:
            data = None
        email, secret = key(at(data, "client_email")), at(data, "private_key")
        if not email or not isinstance(secret, str):
            raise Blocked(said("The service account key is not the JSON file that Google gave you."))  # fmt: skip
        token_url = key(at(data, "token_uri")) or TOKEN_URL
        return cls(email, secret, key(at(data, "private_key_id")), token_url)

    def assertion(self) -> str:
        """What is exchanged for a token, signed (RFC 7523). Raises `Blocked`."""
        now = int(time.time())
        claims = {"iss": self.email, "scope": SCOPE, "aud": self.token_url, "iat": now, "exp": now + 3600}  # fmt: skip
        try:
            return jwt.encode(claims, self.private_key, "RS256", {"kid": self.key_id})
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Blocked(said("The private key in the service account key cannot be read.")) from error  # fmt: skip


def _ask(settings: Settings, net: Net, method: str, path: str, **options: Any) -> Reply:
    """Raises `NetError`. A token that Google does not take any more is replaced once."""
    account = ServiceAccount.read(settings)

    def fetch() -> tuple[str, float]:
        form = {"grant_type": GRANT, "assertion": account.assertion()}
        return granted(call(net, "POST", account.token_url, data=form))

    package = quote(str(settings.get("package_name") or "").strip(), safe="")
    url = f"{base(settings, API)}/androidpublisher/v3/applications/{package}/reviews{path}"
    secrets = (account.email, account.private_key, account.token_url)
    for _ in range(2):
        token = TOKENS.get(fetch, *secrets)
        reply = call(net, method, url, headers={"Authorization": f"Bearer {token}"}, **options)
        if reply.status != 401:
            break
        TOKENS.drop(*secrets)
    return reply


def _look(settings: Settings, net: Net) -> tuple[bool, str]:
    try:
        reply = _ask(settings, net, "GET", "", params={"maxResults": 10})
    except TokenRefused as error:
        return False, said("Google does not accept the service account: {words}", words=error)
    if not reply.ok:
        return False, _words(reply) or said("Unexpected answer (HTTP {status}). Is the API address right?", status=reply.status)  # fmt: skip
    account, package = ServiceAccount.read(settings), str(settings.get("package_name") or "")
    return True, said("{account} reads the reviews of {package}.", account=account.email, package=package)  # fmt: skip


def _words(reply: Reply) -> str:
    return key(at(reply.data, "error", "message")) or key(reply.data.get("error_description"))


def _moment(stamp: object) -> datetime | None:
    """Whole seconds; Google writes 64-bit numbers as texts."""
    seconds = key(at(stamp, "seconds"))
    return moment(int(seconds)) if seconds.isdecimal() and len(seconds) < 13 else None
