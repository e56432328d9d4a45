"""`Net`: what the rest of the house is given to call outside with."""

from __future__ import annotations

import os
import smtplib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from sportello.core.net.http import Http
from sportello.core.net.judge import Judge, Network, Resolver, networks, system_resolver
from sportello.core.net.oauth import OAuth, Tokens

if TYPE_CHECKING:
    from sportello.core.net.mail import JudgedMailBox


class Net:
    """HTTP, SMTP and IMAP to judged addresses. Cheap to make, thread-safe, keeps HTTP connections."""

    def __init__(
        self, allow: Sequence[Network] = (), *, resolver: Resolver = system_resolver
    ) -> None:
        self.judge = Judge(tuple(allow), resolver)
        self._trusting = Judge(tuple(allow), resolver, everything=True)

    @classmethod
    def from_environ(cls) -> Net:
        """With the networks of ``SPORTELLO_ALLOW_NETWORKS``. Raises `ValueError` when it cannot be read."""
        return cls(networks(os.environ.get("SPORTELLO_ALLOW_NETWORKS", "")))

    @cached_property
    def http(self) -> Http:
        """For addresses that people typed or that vendors sent."""
        return Http(self.judge)

    @cached_property
    def trusted_http(self) -> Http:
        """For addresses that the operator set by environment."""
        return Http(self._trusting)

    @cached_property
    def _tokens(self) -> Tokens:
        return Tokens(self.http)

    def access_token(self, oauth: OAuth, *, fresh: bool = False) -> str:
        """A bearer token for a mailbox, from its refresh token. Raises `NetError`."""
        return self._tokens.access(oauth, fresh=fresh)

    def smtp(
        self, url: str, *, token: str = "", trusted: bool = False, timeout: float = 30.0
    ) -> smtplib.SMTP:
        """A connected and logged-in SMTP client for ``smtp://…`` or ``smtps://…``; `token` means XOAUTH2.

        `trusted` only for what the operator set by environment.
        """
        from sportello.core.net import mail

        return mail.smtp(
            self._trusting if trusted else self.judge, url, token=token, timeout=timeout
        )

    def virus_in(self, where: str, content: Iterable[bytes]) -> str:
        """What ClamAV finds in these bytes; empty: nothing. `where` is the operator's. Raises `NetError`."""
        from sportello.core.net import clamav

        return clamav.find(self._trusting, where, content)

    def imap(
        self,
        host: str,
        port: int = 993,
        *,
        user: str,
        password: str = "",
        token: str = "",
        folder: str | None = "INBOX",
        tls: bool | None = None,
        trusted: bool = False,
        timeout: float = 30.0,
    ) -> JudgedMailBox:
        """A logged-in `imap_tools` mailbox; `token` means XOAUTH2. TLS on 993, else STARTTLS."""
        from sportello.core.net import mail

        box: JudgedMailBox = mail.imap(
            self._trusting if trusted else self.judge,
            host,
            port,
            user=user,
            password=password,
            token=token,
            folder=folder,
            tls=tls,
            timeout=timeout,
        )
        return box
