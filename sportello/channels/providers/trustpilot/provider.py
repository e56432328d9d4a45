"""Trustpilot: service reviews of a business unit, by the private API."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sportello.channels.contract import (
    Capabilities,
    Check,
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
from sportello.channels.vendors.shapes import at, iso_moment, key
from sportello.channels.vendors.tokens import TokenRefused, Tokens, granted
from sportello.core.net import Broken

if TYPE_CHECKING:
    from sportello.core.net import Net

API = "https://api.trustpilot.com"
TOKEN_PATH = "/v1/oauth/oauth-business-users-for-applications/accesstoken"
PAGE, PAGES = 100, 10
TOKENS = Tokens()


class Trustpilot(reviews.ReviewProvider):
    kind = "trustpilot"
    name = "Trustpilot reviews"
    identity_kind = "trustpilot"
    hue = "trustpilot"
    id_path = ("id",)
    capabilities = Capabilities(public=True, edits=True, inbound_webhook=False)
    settings = (
        Setting("business_unit_id", "Business unit ID", required=True, help="24 letters and digits; not the domain."),
        Setting("api_key", "API key", required=True, help="Trustpilot Business, Integrations, Developers, APIs."),
        Setting("api_secret", "API secret", FieldKind.SECRET, required=True),
        Setting("business_user_id", "User ID of who answers", required=True, help="On the profile page of the user in whose name answers are published."),
        reviews.SINCE,
        reviews.EVERY,
        Setting("api_base", "API address", FieldKind.URL, default=API, advanced=True),
    )  # fmt: skip
    guide = (
        "You need Trustpilot Business with the Connect module, which opens the API.",
        "Under Integrations, Developers, APIs create an application, and copy its API key and secret.",
        "Copy the user ID from the profile page of the user in whose name answers are published.",
        "Enter them here with the business unit ID, save, and press “Test the settings”.",
    )

    def listed(self, settings: Settings, cursor: Mapping[str, Any], net: Net) -> Iterator[Found]:
        for page in range(1, PAGES + 1):
            reply = _list(settings, net, perPage=PAGE, page=page)
            if not reply.ok:
                raise Broken(_words(reply) or f"Trustpilot answers {reply.status}.")
            pairs = [(self.review(item), item) for item in reviews.each(reply.data.get("reviews"))]
            yield from pairs
            if len(pairs) < PAGE or reviews.is_known(pairs[-1][0], cursor):
                return

    def review(self, item: dict[str, Any]) -> Review:
        words = [reviews.written(item.get(name)) for name in ("title", "text")]
        order, place = key(item.get("referenceId")), key(at(item, "location", "name"))
        return Review(
            id=key(item.get("id")),
            stars=reviews.rating(item.get("stars")),
            text="\n".join(word for word in words if word),
            author=reviews.written(at(item, "consumer", "displayName")),
            account=key(at(item, "consumer", "id")),
            at=iso_moment(key(item.get("updatedAt"))) or iso_moment(key(item.get("createdAt"))),
            answer=reviews.written(at(item, "companyReply", "text")),
            answered_at=iso_moment(key(at(item, "companyReply", "createdAt"))),
            language=key(item.get("language")),
            email=key(item.get("referralEmail")),
            facts={"reference": order, "location": place},
        )

    def answer(self, review_id: str, text: str, settings: Settings, net: Net) -> Outcome:
        """Trustpilot confirms with the status alone."""
        author = str(settings.get("business_user_id") or "").strip()
        body = {"message": text, "authorBusinessUserId": author}
        reply = _ask(
            settings, net, "POST", f"/reviews/{quote(review_id, safe='')}/reply", json=body
        )
        return (
            Sent(reviews.answer_id(review_id, text)) if reply.ok else refused(reply, _words(reply))
        )

    def check(self, settings: Settings, net: Net) -> list[Check]:
        return [tried(said("Reviews"), lambda: _look(settings, net))]


def _ask(settings: Settings, net: Net, method: str, path: str, **options: Any) -> Reply:
    """Raises `NetError`. A token that Trustpilot does not take any more is replaced once."""
    pair = f"{settings.get('api_key') or ''}:{settings.get('api_secret') or ''}"
    root = base(settings, API)

    def fetch() -> tuple[str, float]:
        basic = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        form = {"grant_type": "client_credentials"}
        return granted(call(net, "POST", f"{root}{TOKEN_PATH}", data=form, headers=basic))

    for _ in range(2):
        token = TOKENS.get(fetch, pair, root)
        headers = {"Authorization": f"Bearer {token}"}
        reply = call(net, method, f"{root}/v1/private{path}", headers=headers, **options)
        if reply.status != 401:
            break
        TOKENS.drop(pair, root)
    return reply


def _list(settings: Settings, net: Net, **more: Any) -> Reply:
    unit = quote(str(settings.get("business_unit_id") or "").strip(), safe="")
    asked = {"orderBy": "createdat.desc"} | more
    return _ask(settings, net, "GET", f"/business-units/{unit}/reviews", params=asked)


def _look(settings: Settings, net: Net) -> tuple[bool, str]:
    try:
        reply = _list(settings, net, perPage=1, page=1)
    except TokenRefused as error:
        return False, said("Trustpilot does not accept API key and secret: {words}", words=error)
    if not reply.ok:
        return False, _words(reply) or said("Unexpected answer (HTTP {status}). Is the API address right?", status=reply.status)  # fmt: skip
    newest = iso_moment(key(at(reply.data, "reviews", 0, "createdAt")))
    day = newest.date().isoformat() if newest else "–"
    return True, said("The newest review is of {day}.", day=day)


def _words(reply: Reply) -> str:
    for path in (("message",), ("errorMessage",), ("details",), ("error",), ("error", "message")):
        if found := key(at(reply.data, *path)):
            return found
    return ""
