"""The X API v2, in the name of one account: OAuth 1.0a keys, which do not expire and need no renewing."""

from __future__ import annotations

import base64
import re
import time
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from oauthlib.oauth1 import Client

from sportello.channels.contract import Failed, File, Outcome, Sent, Settings, Unknown, said
from sportello.channels.vendors import media
from sportello.channels.vendors.calls import Reply, asked_to_wait, base, call, refused
from sportello.channels.vendors.shapes import at, key

if TYPE_CHECKING:
    from sportello.core.net import Net

Method = Literal["GET", "POST", "PUT"]
API = "https://api.x.com"
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")
PICTURE_BYTES = 5 * 1024 * 1024
FILM_BYTES = 100 * 1024 * 1024
POST, LONG_POST, LINK = 280, 25_000, 23
PRIVATE_HOSTS = frozenset(("ton.x.com", "ton.twitter.com"))
"""Where pictures of direct messages lie: they want the account's signature."""
LIMITS = ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")


def ask(settings: Settings, net: Net, method: Method, path: str, **options: Any) -> Reply:
    """Raises `NetError`."""
    url = f"{base(settings, API)}{path}"
    return call(net, method, url, headers=signed(settings, method, url), **options)


def ask_as_app(settings: Settings, net: Net, method: str, path: str, **options: Any) -> Reply:
    """With a bearer token of the app alone, which the webhook endpoints want. Raises `NetError`."""
    pair = f"{settings.get('api_key') or ''}:{settings.get('api_key_secret') or ''}"
    basic = base64.b64encode(pair.encode()).decode()
    made = call(
        net,
        "POST",
        f"{base(settings, API)}/oauth2/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {basic}"},
    )
    token = key(made.data.get("access_token"))
    if not made.ok or not token:
        return made
    headers = {"Authorization": f"Bearer {token}"}
    return call(net, method, f"{base(settings, API)}{path}", headers=headers, **options)


def signed(settings: Settings, method: Method, url: str) -> dict[str, str]:
    """The signature covers address and query; bodies of JSON and multipart are not part of it."""
    client = Client(
        str(settings.get("api_key") or ""),
        client_secret=str(settings.get("api_key_secret") or ""),
        resource_owner_key=str(settings.get("access_token") or ""),
        resource_owner_secret=str(settings.get("access_token_secret") or ""),
    )
    _, headers, _ = client.sign(url, http_method=method)
    return {name: str(value) for name, value in headers.items()}


def post(settings: Settings, net: Net, path: str, body: dict[str, Any], *names: str) -> Outcome:
    """Something is said. `names` are where the answer may keep its id. Raises `NetError`."""
    reply = ask(settings, net, "POST", path, json=body)
    if not reply.ok:
        return failed(reply)
    found = next((key(at(reply.data, "data", n)) for n in names if key(at(reply.data, "data", n))), "")  # fmt: skip
    return Sent(found) if found else Unknown(said("X took the message without naming it."))


def upload(settings: Settings, net: Net, file: File, use: str) -> str | Outcome:
    """The id of a picture that can be attached for a day, or why there is none. `use`: ``tweet`` or ``dm``."""
    if file.content_type not in PICTURES:
        return Failed(said("X takes pictures only; “{name}” is none.", name=file.name))
    category = f"{use}_{'gif' if file.content_type == 'image/gif' else 'image'}"
    part = {"media": (file.name, file.content, file.content_type)}
    reply = ask(settings, net, "POST", "/2/media/upload", data={"media_category": category}, files=part, timeout=60.0)  # fmt: skip
    media = key(at(reply.data, "data", "id"))
    if reply.ok and media:
        return media
    if reply.ok:
        return Failed(said("X has not accepted “{name}”.", name=file.name), permanent=False)
    return failed(reply)


def download(file: File, settings: Settings, net: Net) -> bytes:
    """Raises `NetError`."""
    url, ours = file.media_ref, base(settings, API)
    where = urlsplit(url)
    private = (where.scheme == "https" and where.hostname in PRIVATE_HOSTS) or url.startswith(f"{ours}/")  # fmt: skip
    headers = signed(settings, "GET", url) if private else {}
    return media.download(net, url, of="X", most=FILM_BYTES, redirects=2, headers=headers)


def failed(reply: Reply) -> Failed | Unknown:
    if reply.status == 401:
        return Failed(said("X does not accept the keys of this channel. Generate them again in the developer console."))  # fmt: skip
    return refused(reply, words(reply), retry_after=wait(reply.headers) if reply.status == 429 else None)  # fmt: skip


def words(reply: Reply) -> str:
    """What X says is wrong: a problem of RFC 7807, or the list of errors of its older layers."""
    for path in (("detail",), ("errors", 0, "detail"), ("errors", 0, "message"), ("title",)):
        if found := at(reply.data, *path):
            return str(found)[:500]
    return ""


def wait(headers: Mapping[str, str]) -> timedelta | None:
    """``Retry-After``, else the moment at which the limit that is used up begins anew (Unix time)."""
    if told := asked_to_wait(headers):
        return told
    used_up = [p for p in LIMITS if headers.get(f"{p}-remaining", "").strip() == "0"] or LIMITS[:1]
    resets = [headers.get(f"{p}-reset", "").strip() for p in used_up]
    left = [int(r) - time.time() for r in resets if r.isdecimal() and len(r) < 12]
    return timedelta(seconds=max(1, round(max(left)))) if left else None


def weight(text: str) -> int:
    """How many of its 280 characters X counts: links cost 23, emoji and scripts far from ours two each."""
    plain = unicodedata.normalize("NFC", text)
    links = re.findall(r"https?://\S+", plain)
    total, after_joiner = LINK * len(links), False
    for character in re.sub(r"https?://\S+", "", plain):
        code = ord(character)
        joins = code == 0x200D
        if not joins and not after_joiner and code != 0xFE0F and not 0x1F3FB <= code <= 0x1F3FF:
            total += 1 if _is_light(code) else 2
        after_joiner = joins
    return total


def _is_light(code: int) -> bool:
    return code <= 0x10FF or 0x2000 <= code <= 0x200D or 0x2010 <= code <= 0x201F or 0x2032 <= code <= 0x2037  # fmt: skip
