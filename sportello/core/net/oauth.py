"""OAuth 2 refresh tokens for mailboxes, exchanged through the guarded client."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from sportello.core.net.errors import NetError

if TYPE_CHECKING:
    from sportello.core.net.http import Http


class OAuthRefused(NetError):
    """The authorization server refused the refresh token."""


@dataclass(frozen=True, slots=True)
class OAuth:
    """What is needed to get an access token."""

    token_url: str
    client_id: str
    refresh_token: str
    client_secret: str = ""
    scope: str = ""

    def key(self) -> str:
        parts = (self.token_url, self.client_id, self.client_secret, self.refresh_token, self.scope)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@dataclass
class Tokens:
    """Access tokens, kept until a minute before they expire."""

    http: Http
    _kept: dict[str, tuple[str, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def access(self, wanted: OAuth, *, fresh: bool = False) -> str:
        """A bearer token. `fresh` asks for a new one (the old one was refused)."""
        key = wanted.key()
        with self._lock:
            token, expires = self._kept.get(key, ("", 0.0))
            if not fresh and token and time.monotonic() < expires:
                return token
            token, seconds = self._exchange(wanted)
            self._kept[key] = (token, time.monotonic() + max(0, seconds - 60))
            return token

    def _exchange(self, wanted: OAuth) -> tuple[str, int]:
        form = {
            "grant_type": "refresh_token",
            "client_id": wanted.client_id,
            "client_secret": wanted.client_secret,
            "refresh_token": wanted.refresh_token,
            "scope": wanted.scope,
        }
        answer = self.http.post(
            wanted.token_url, data={k: v for k, v in form.items() if v}, max_bytes=256 * 1024
        )
        try:
            said = answer.json()
        except ValueError:
            said = {}
        token = said.get("access_token") if isinstance(said, dict) else None
        if answer.status_code != 200 or not isinstance(token, str):
            reason = (
                said.get("error_description") or said.get("error") if isinstance(said, dict) else ""
            )
            raise OAuthRefused(
                _("The sign-in service answered %(code)s: %(reason)s")
                % {"code": answer.status_code, "reason": str(reason or "")[:200]}
            )
        lifetime = said.get("expires_in", 3600)
        return token, int(lifetime) if str(lifetime).isdigit() else 3600
