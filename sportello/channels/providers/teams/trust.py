"""Who is calling: a JWT of the Bot Framework, and the public keys it is signed with."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jwt

from sportello.channels.contract import KeysWanted, Raw, Refused, Settings
from sportello.channels.vendors.calls import Reply, call
from sportello.channels.vendors.shapes import at, key, peek
from sportello.core.net import Broken, NetError

if TYPE_CHECKING:
    from sportello.core.net import Net

ISSUER = "https://api.botframework.com"
KEYS = "https://login.botframework.com"
LEEWAY = 300
"""Seconds that Microsoft's clock and ours may differ."""
FRESH = 24 * 3600.0
USABLE = 5 * FRESH
"""Seconds. Microsoft changes keys rarely and asks everybody to look daily; while it cannot be reached, the old ones serve."""
_HOSTS = {"smba.trafficmanager.net"}
_DOMAINS = (".botframework.com", ".teams.microsoft.com", ".teams.microsoft.us", ".botframework.azure.us")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ring:
    """Key id → public key and the channels it may speak for."""

    keys: dict[str, tuple[Any, tuple[str, ...]]]
    learnt: float
    look_again: float


_rings: dict[str, Ring] = {}
_lock = threading.Lock()


def home(settings: Settings) -> str:
    """Where the keys are published."""
    return str(settings.get("api_base") or KEYS).rstrip("/")


def learn(settings: Settings, net: Net) -> int:
    """Fetch the keys; returns how many. Raises `NetError` when there are none to go on with."""
    place, now = home(settings), time.monotonic()
    try:
        found = _published(place, net)
    except NetError:
        old = _rings.get(place)
        if old is None or now - old.learnt > USABLE:
            raise
        with _lock:
            _rings[place] = Ring(old.keys, old.learnt, now + 3600)
        return len(old.keys)
    with _lock:
        _rings[place] = Ring(found, now, now + FRESH)
    return len(found)


def forget() -> None:
    """As after a start of the process."""
    _rings.clear()


def _published(place: str, net: Net) -> dict[str, tuple[Any, tuple[str, ...]]]:
    document = call(net, "GET", f"{place}/v1/.well-known/openidconfiguration")
    address = key(document.data.get("jwks_uri"))
    if urlsplit(address).netloc != urlsplit(place).netloc:
        raise Broken(_strange(document))
    told = call(net, "GET", address)
    rows = told.data.get("keys")
    found: dict[str, tuple[Any, tuple[str, ...]]] = {}
    for row in rows if isinstance(rows, list) else []:
        endorsed = at(row, "endorsements")
        channels = tuple(key(c) for c in endorsed) if isinstance(endorsed, list) else ()
        if (name := key(at(row, "kid"))) and key(at(row, "kty")) == "RSA":
            try:
                found[name] = jwt.PyJWK(row, algorithm="RS256").key, channels
            except (jwt.PyJWTError, ValueError):
                continue  # a key of a kind that is not used for tokens
    if not found:
        raise Broken(_strange(told))
    return found


def _strange(reply: Reply) -> str:
    return f"The Bot Framework's keys cannot be read (HTTP {reply.status})."


def genuine(raw: Raw, settings: Settings) -> None:
    """Raises `Refused`, or `KeysWanted` when the key is not known yet."""
    app = str(settings.get("app_id") or "")
    scheme, _, token = raw.headers.get("authorization", "").partition(" ")
    if not app or not settings.get("app_password") or scheme.lower() != "bearer":
        raise Refused("No token, or the channel is not set up.")
    ring = _rings.get(home(settings))
    try:
        name = key(jwt.get_unverified_header(token).get("kid"))
    except (jwt.PyJWTError, ValueError):
        raise Refused("No token of the Bot Framework.") from None
    if ring is None or name not in ring.keys or time.monotonic() > ring.look_again:
        raise KeysWanted("The token's key is not known here.")
    public, channels = ring.keys[name]
    try:
        claims = jwt.decode(
            token,
            public,
            algorithms=["RS256"],
            audience=app,
            issuer=ISSUER,
            leeway=LEEWAY,
            options={"require": ["exp", "iss", "aud"]},
        )
    except (jwt.PyJWTError, ValueError):
        raise Refused("The token does not fit.") from None
    activity = peek(raw.body)
    if channels and key(activity.get("channelId")) not in channels:
        raise Refused("The token's key does not speak for this channel.")
    address = key(activity.get("serviceUrl"))
    claimed = key(claims.get("serviceurl")) or key(claims.get("serviceUrl"))
    if address.rstrip("/") != claimed.rstrip("/") or not pinned(address, settings):
        raise Refused("The answer would go to another address than the token names.")


def pinned(url: str, settings: Settings) -> bool:
    """Whether our token may be sent there: Microsoft's hosts only, or `api_base`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    own = str(settings.get("api_base") or "")
    if own:
        return (parts.scheme, parts.netloc) == urlsplit(own)[:2]
    host = parts.netloc.lower()
    plain = re.fullmatch(r"[a-z0-9.-]+", host) is not None  # no port, no user, no trick
    return parts.scheme == "https" and plain and (host in _HOSTS or host.endswith(_DOMAINS))
