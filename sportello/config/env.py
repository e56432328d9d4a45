"""What the operator sets by environment, read once. No Django here: the supervisor starts without it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from sportello.core.database.embedded import conninfo_for

ROOT = Path(__file__).resolve().parents[2]
"""The checkout: relative paths of the operator start here."""


class BadEnvironmentError(ValueError):
    """A variable has a value that cannot be used; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """The process settings. Fields carry the variable's name in lower case, without ``SPORTELLO_``."""

    host: str
    port: int
    smtp_host: str
    smtp_port: int
    data_dir: Path
    demo: bool
    debug: bool
    url: str
    files_url: str
    database_url: str
    redis_url: str
    email_url: str
    clamav: str
    scans: Path
    timezone: str
    trusted_proxies: int
    intake_rate: int
    allow_networks: tuple[IPv4Network | IPv6Network, ...]
    secret_key: str

    @property
    def dsn(self) -> str:
        """The operator's database, or the embedded one of the data directory (running or not)."""
        return self.database_url or conninfo_for(self.data_dir)

    @property
    def secure(self) -> bool:
        """Whether visitors come over TLS: then cookies are ``__Host-`` and HSTS is sent."""
        return self.url.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        """The exact host names this installation answers to."""
        own = urlsplit(self.url).hostname or "localhost"
        files = [host] if (host := urlsplit(self.files_url).hostname) else []
        return list(dict.fromkeys([own, *files, "localhost", "127.0.0.1", "[::1]"]))


def read(environ: Mapping[str, str]) -> Env:
    """Read ``environ``. Raises ``BadEnvironmentError`` for a value that makes no sense."""
    port = _port(environ, "SPORTELLO_PORT", 8000)
    url = environ.get("SPORTELLO_URL", "").rstrip("/") or f"http://localhost:{port}"
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise BadEnvironmentError(
            f"SPORTELLO_URL must look like https://help.example.org, not {url!r}"
        )
    data_dir = (ROOT / environ.get("SPORTELLO_DATA_DIR", "var")).resolve()
    return Env(
        host=environ.get("SPORTELLO_HOST", "127.0.0.1"),
        port=port,
        smtp_host=environ.get("SPORTELLO_SMTP_HOST") or environ.get("SPORTELLO_HOST", "127.0.0.1"),
        smtp_port=_port(environ, "SPORTELLO_SMTP_PORT", 2525),
        data_dir=data_dir,
        demo=_flag(environ, "SPORTELLO_DEMO", default=True),
        debug=_flag(environ, "SPORTELLO_DEBUG", default=False),
        url=url,
        files_url=environ.get("SPORTELLO_FILES_URL", "").rstrip("/"),
        database_url=environ.get("DATABASE_URL", ""),
        redis_url=environ.get("REDIS_URL", ""),
        email_url=environ.get("EMAIL_URL", ""),
        clamav=_scanner(environ.get("SPORTELLO_CLAMAV", "")),
        scans=(ROOT / (environ.get("SPORTELLO_SCANS") or data_dir / "scans")).resolve(),
        timezone=environ.get("SPORTELLO_TIMEZONE", "Europe/Rome"),
        trusted_proxies=_count(environ, "SPORTELLO_TRUSTED_PROXIES"),
        intake_rate=_count(environ, "SPORTELLO_INTAKE_RATE"),
        allow_networks=_networks(environ.get("SPORTELLO_ALLOW_NETWORKS", "")),
        secret_key=environ.get("SPORTELLO_SECRET_KEY") or kept_secret_key(data_dir),
    )


@cache
def current() -> Env:
    """The environment of this process, read the first time it is asked for."""
    return read(os.environ)


def kept_secret_key(data_dir: Path) -> str:
    """The secret key of a data directory, made when missing and readable by its owner alone."""
    path = data_dir / "secret_key"
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists():
            return path.read_text("ascii").strip()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        if isinstance(error, FileExistsError) and path.exists():  # another process was quicker
            return path.read_text("ascii").strip()
        raise BadEnvironmentError(
            f"The data directory {data_dir} cannot be used: {error.strerror}. Choose another: --data-dir"
        ) from error
    key = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise BadEnvironmentError(f"{name} must be a port between 1 and 65535, not {text!r}")
    return int(text)


def _count(environ: Mapping[str, str], name: str) -> int:
    text = environ.get(name) or "0"
    if not text.isdecimal():
        raise BadEnvironmentError(f"{name} must be a whole number from 0 on, not {text!r}")
    return int(text)


def _flag(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environ.get(name, "").lower()
    return default if not text else text not in {"0", "no", "false", "off"}


def _scanner(text: str) -> str:
    """``host:port``, or the path of clamd's socket."""
    host, _, port = text.rpartition(":")
    if text and not text.startswith("/") and not (host and port.isdecimal()):
        raise BadEnvironmentError(
            f"SPORTELLO_CLAMAV must be host:port or the path of a socket, not {text!r}"
        )
    return text


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part) for part in text.replace(",", " ").split())
    except ValueError as error:
        raise BadEnvironmentError(f"SPORTELLO_ALLOW_NETWORKS: {error}") from error
