"""What a channel's settings say about its mailbox and its relay."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from sportello.channels.contract import Settings
from sportello.core.net import OAuth

if TYPE_CHECKING:
    from sportello.core.net import Net
    from sportello.core.net.mail import JudgedMailBox


def oauth(settings: Settings) -> OAuth | None:
    """The mailbox's OAuth credentials, None when it has a password."""
    if not (settings.get("oauth_token_url") and settings.get("oauth_refresh_token")):
        return None
    return OAuth(
        token_url=str(settings["oauth_token_url"]),
        client_id=str(settings.get("oauth_client_id") or ""),
        client_secret=str(settings.get("oauth_client_secret") or ""),
        refresh_token=str(settings["oauth_refresh_token"]),
    )


def imap_user(settings: Settings) -> str:
    return str(settings.get("imap_user") or settings["address"])


def folder(settings: Settings) -> str:
    return str(settings.get("imap_folder") or "INBOX")


def open_mailbox(settings: Settings, net: Net) -> JudgedMailBox:
    """A logged-in mailbox with its folder open for reading only: flags stay as people left them."""
    credentials = oauth(settings)
    box = net.imap(
        str(settings["imap_host"]),
        int(settings.get("imap_port") or 993),
        user=imap_user(settings),
        password=str(settings.get("imap_password") or ""),
        token=net.access_token(credentials) if credentials else "",
        folder=None,
        tls=True if settings.get("imap_tls") else None,
    )
    try:
        box.folder.set(folder(settings), readonly=True)
    except BaseException:
        box.client.shutdown()
        raise
    return box


def relay(settings: Settings, net: Net) -> tuple[str, str]:
    """URL and bearer token of the channel's own relay; two empty strings when it has none."""
    url = str(settings.get("smtp_url") or "").strip()
    credentials = oauth(settings)
    if not url or credentials is None or urlsplit(url).password:
        return url, ""
    return _with_user(url, imap_user(settings)), net.access_token(credentials)


def _with_user(url: str, user: str) -> str:
    parts = urlsplit(url)
    if parts.username:
        return url
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}@{parts.netloc}"))
