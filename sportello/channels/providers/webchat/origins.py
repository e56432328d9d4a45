"""Which sites may show the chat. Origins are compared whole: scheme, host and port."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from sportello.channels.contract import Settings


def lines(settings: Settings) -> list[str]:
    """The setting as written, a line each."""
    value = settings.get("origins") or ""
    rows: Iterable[object] = value.splitlines() if isinstance(value, str) else value
    return [str(row).strip() for row in rows if str(row).strip()]


def normal(origin: str) -> str | None:
    """``https://Shop.Example:443/`` → ``https://shop.example``; None for what is no http(s) origin."""
    try:
        parts = urlsplit(origin.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        return None
    if parts.path not in {"", "/"} or parts.query or parts.fragment or "*" in parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")


def listed(settings: Settings) -> list[str]:
    """The allowed origins, normalised."""
    return [origin for line in lines(settings) if (origin := normal(line))]


def unreadable(settings: Settings) -> list[str]:
    """Lines that name no origin."""
    return [line for line in lines(settings) if normal(line) is None]


def allows(settings: Settings, origin: str | None, own: Iterable[str]) -> bool:
    """Whether a page of `origin` may use the chat. `own` are this installation's origins."""
    asked = normal(origin) if origin and origin != "null" else None
    return asked is not None and (asked in {normal(x) for x in own} or asked in listed(settings))
