"""How often one address on the net may knock. The count lies in the shared cache."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


class TooMany(Exception):
    """More than one address may try in this time."""


def count(key: str, limit: int, seconds: int = 600) -> None:
    """One more. Raises `TooMany` above `limit` in so many seconds."""
    cache.add(key, 0, seconds)
    try:
        used = cache.incr(key)
    except ValueError:  # it ran out between the two
        used = 1
    if used > limit:
        raise TooMany


def client_address(request: HttpRequest) -> str:
    """Who is calling, seen through as many proxies as the operator declared."""
    hops = [h.strip() for h in request.headers.get("X-Forwarded-For", "").split(",") if h.strip()]
    trusted: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))
