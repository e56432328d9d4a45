"""Real log-ins that show whether the settings work, each with what is wrong and the way out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sportello.channels.contract import Check, Settings, said
from sportello.channels.providers.email import account
from sportello.core.net import Blocked, NetError, OAuthRefused, Untrusted
from sportello.core.net.mail import (
    FolderNotOpened,
    ImapRefused,
    MailboxError,
    SmtpLacks,
    SmtpLogInRefused,
    SmtpReply,
)

if TYPE_CHECKING:
    from sportello.core.net import Net
    from sportello.core.net.mail import JudgedMailBox


class TokenRefused(Exception):
    """The mail server does not take the access token that the sign-in service gave."""


def check(settings: Settings, net: Net) -> list[Check]:
    """One line for receiving, one for sending."""
    lines = []
    if settings.get("imap_host"):
        lines.append(_timed(said("Receiving by IMAP"), lambda: _imap(settings, net)))
    else:
        lines.append(
            Check(
                said("Receiving"),
                None,
                said(
                    "No IMAP server: mail for {address} must reach the built-in receiver.",
                    address=settings.get("address"),
                ),
            )
        )
    if settings.get("smtp_url"):
        lines.append(_timed(said("Sending by SMTP"), lambda: _smtp(settings, net)))
    elif os.environ.get("EMAIL_URL"):
        lines.append(
            Check(
                said("Sending"),
                None,
                said("Answers leave by the installation's relay (EMAIL_URL)."),
            )
        )
    else:
        lines.append(
            Check(
                said("Sending"),
                None,
                said(
                    "No relay is set: answers stay in the outbox, where they can be read. Enter an SMTP relay."
                ),
            )
        )
    return lines


def _timed(title: str, attempt: Callable[[], str]) -> Check:
    start = time.monotonic()
    try:
        detail, ok = attempt(), True
    except Exception as error:  # the page must show whatever happened
        detail, ok = _explain(error), False
    return Check(title, ok, detail, milliseconds=round((time.monotonic() - start) * 1000))


def _imap(settings: Settings, net: Net) -> str:
    box = _opened(settings, net)
    try:
        idle = "IDLE" in box.client.capabilities
        folder = account.folder(settings)
        if idle:
            return said("Logged in; the folder {folder} is open.", folder=folder)
        return said(
            "Logged in; the folder {folder} is open, the server has no IDLE: it is asked every 30 seconds.",
            folder=folder,
        )
    finally:
        box.logout()


def _opened(settings: Settings, net: Net) -> JudgedMailBox:
    try:
        return account.open_mailbox(settings, net)
    except FolderNotOpened:
        raise
    except (MailboxError, ImapRefused) as error:
        if account.oauth(settings) is None:
            raise
        raise TokenRefused(str(error)[:200]) from error


def _smtp(settings: Settings, net: Net) -> str:
    url, token = account.relay(settings, net)
    if not url.lower().startswith(("smtp", "submission")):
        return said("A mail service's API: it is tried with the first mail.")
    client = net.smtp(url, token=token)
    try:
        code, words = client.mail(str(settings["address"]))
        if code != 250:
            raise SmtpReply(code, words)
        client.rset()
        return said("Logged in; the relay accepts the sender address.")
    finally:
        client.close()


def _explain(error: Exception) -> str:
    if isinstance(error, (Blocked, Untrusted)):
        return str(error)
    if isinstance(error, TokenRefused):
        return said(
            "The server refused the access token: {error} Sign in again at the mail provider, with the right to read mail.",
            error=error,
        )
    if isinstance(error, OAuthRefused):
        return said(
            "{error} Sign in again at the mail provider and enter the new refresh token.",
            error=error,
        )
    if isinstance(error, NetError):
        return said(
            "{error} Check the host name and the port, and whether a firewall is in between.",
            error=error,
        )
    if isinstance(error, SmtpLogInRefused):
        return said(
            "The relay refused user or password ({words}). Many providers want an app password here.",
            words=_words(error),
        )
    if isinstance(error, SmtpReply):
        return said(
            "The relay refused the sender address ({words}). Use an address that this account may send as.",
            words=_words(error),
        )
    if isinstance(error, SmtpLacks):
        return said(
            "The relay does not offer what is needed: {error} Try ?starttls=1 or smtps://.",
            error=error,
        )
    if isinstance(error, FolderNotOpened):
        return said(
            "Logged in, but the folder cannot be opened: {error} Check its name.",
            error=str(error)[:200],
        )
    if isinstance(error, (MailboxError, ImapRefused)):
        return said(
            "The server refused the log-in: {error} Check user and password; many providers want an app password.",
            error=str(error)[:200],
        )
    return f"{type(error).__name__}: {error}"[:300]


def _words(error: SmtpReply) -> str:
    words = error.smtp_error
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return f"{error.smtp_code} {' '.join(text.split())}"[:200]
