"""SMTP and IMAP over judged sockets. TLS names stay the host's name, whatever address was dialled."""

from __future__ import annotations

import contextlib
import imaplib
import smtplib
import socket
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils.translation import gettext as _
from imap_tools import BaseMailBox
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError

from sportello.core.net.errors import Blocked, Unreachable
from sportello.core.net.judge import MAIL_PORTS, Judge, dial
from sportello.core.net.tls import context, failure

ImapRefused = imaplib.IMAP4.error
ImapLost = imaplib.IMAP4.abort
MailboxError = ImapToolsError
FolderNotOpened = MailboxFolderSelectError
SmtpClient = smtplib.SMTP
SmtpError = smtplib.SMTPException
SmtpReply = smtplib.SMTPResponseException
SmtpLogInRefused = smtplib.SMTPAuthenticationError
SmtpLacks = smtplib.SMTPNotSupportedError
SmtpDataRefused = smtplib.SMTPDataError


def xoauth2(user: str, token: str) -> str:
    """The SASL string of XOAUTH2, before base64."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01"


@dataclass(frozen=True, slots=True)
class SmtpUrl:
    """``smtp://user:password@host:port?starttls=1`` or ``smtps://…``, taken apart."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    starttls: bool | None
    """True: required; False: never; None: where offered, on the submission port or before a password."""

    @classmethod
    def read(cls, url: str) -> SmtpUrl:
        """Raises `ValueError` in words."""
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError as error:
            raise ValueError(f"The SMTP address cannot be read: {error}") from error
        if parts.scheme not in ("smtp", "smtps", "smtp+tls", "submission") or not parts.hostname:
            raise ValueError("An SMTP address looks like smtp://user:password@host:587.")
        query = parse_qs(parts.query)
        wish = (query.get("starttls") or query.get("tls") or [""])[0].lower()
        secure = parts.scheme == "smtps" or port == 465
        starttls = None if wish == "" else wish in ("1", "true", "yes", "required")
        return cls(
            host=parts.hostname,
            port=port or (465 if secure else 25 if parts.scheme == "smtp" else 587),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=secure,
            starttls=True if parts.scheme in ("smtp+tls", "submission") else starttls,
        )


class _Smtp(smtplib.SMTP):
    def __init__(self, judge: Judge, host: str, port: int, timeout: float) -> None:
        self._judge = judge
        super().__init__(host, port, timeout=timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return dial(self._judge.addresses(host, port, MAIL_PORTS), port, timeout)


class _SmtpTls(_Smtp):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)
        return context().wrap_socket(plain, server_hostname=host)


def smtp(judge: Judge, url: str, *, token: str = "", timeout: float = 30.0) -> smtplib.SMTP:
    """A connection that has said EHLO, spoken TLS where it should, and logged in.

    Raises `Blocked`, `Unreachable`, `ValueError` (unreadable URL) or `smtplib.SMTPException`.
    """
    wanted = SmtpUrl.read(url)
    try:
        client = (_SmtpTls if wanted.tls else _Smtp)(judge, wanted.host, wanted.port, timeout)
    except ssl.SSLError as error:
        raise failure(wanted.host, error) from error
    except OSError as error:
        raise _silent(wanted.host, error) from error
    try:
        _secure(client, judge, wanted, sends_secret=bool(wanted.password or token))
        _log_in(client, wanted, token)
    except BaseException:
        client.close()
        raise
    return client


def _silent(host: str, error: OSError) -> Unreachable:
    return Unreachable(_("%(host)s does not answer: %(error)s") % {"host": host, "error": error})


def _near(judge: Judge, host: str, port: int) -> bool:
    """Whether the way there is the operator's own: only there may a password travel in the open."""
    return judge.everything or all(
        judge.is_listed(address) for address in judge.addresses(host, port, MAIL_PORTS)
    )


def _secure(client: SmtpClient, judge: Judge, wanted: SmtpUrl, *, sends_secret: bool) -> None:
    """EHLO and STARTTLS. A stranger who offers none gets no password: somebody may have struck it out."""
    client.ehlo_or_helo_if_needed()
    if wanted.tls or wanted.starttls is False:
        return
    if wanted.starttls or (client.has_extn("starttls") and (sends_secret or wanted.port == 587)):
        try:
            client.starttls(context=context())
        except ssl.SSLError as error:
            raise failure(wanted.host, error) from error
        except SmtpError:
            raise
        except OSError as error:
            raise _silent(wanted.host, error) from error
        client.ehlo()
    elif sends_secret and not _near(judge, wanted.host, wanted.port):
        raise Blocked(
            _(
                "%(host)s offers no encryption on port %(port)s; the password is not sent. "
                "Use smtps://, or add ?starttls=0 if it has to be."
            )
            % {"host": wanted.host, "port": wanted.port}
        )


def _log_in(client: SmtpClient, wanted: SmtpUrl, token: str) -> None:
    if token:
        client.auth(
            "XOAUTH2",
            lambda challenge=None: xoauth2(wanted.user, token) if challenge is None else "",
        )
    elif wanted.user and wanted.password:
        client.login(wanted.user, wanted.password)


class _Imap(imaplib.IMAP4):
    def __init__(self, judge: Judge, host: str, port: int, timeout: float) -> None:
        self._judge = judge
        super().__init__(host, port, timeout=timeout)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return dial(self._judge.addresses(self.host, self.port, MAIL_PORTS), self.port, timeout)


class _ImapTls(_Imap):
    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = super()._create_socket(timeout)
        return context().wrap_socket(plain, server_hostname=self.host)


class JudgedMailBox(BaseMailBox):
    """imap-tools' mailbox on a judged connection. Port 993 is TLS, any other STARTTLS where offered."""

    def __init__(self, judge: Judge, host: str, port: int, *, tls: bool, timeout: float) -> None:
        self._judge, self._host, self._port, self._tls, self._timeout = (
            judge,
            host,
            port,
            tls,
            timeout,
        )
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        client = (_ImapTls if self._tls else _Imap)(
            self._judge, self._host, self._port, self._timeout
        )
        if not self._tls:
            self._secure(client)
        return client

    def _secure(self, client: imaplib.IMAP4) -> None:
        if "STARTTLS" in client.capabilities:
            try:
                client.starttls(context())
            except BaseException:
                with contextlib.suppress(OSError):  # a failed handshake has closed the socket
                    client.shutdown()
                raise
            return
        if not _near(self._judge, self._host, self._port):
            client.shutdown()
            raise Blocked(
                _(
                    "%(host)s offers no encryption on port %(port)s; the password is not sent. Use port 993."
                )
                % {"host": self._host, "port": self._port}
            )


def imap(
    judge: Judge, host: str, port: int, *, user: str, password: str = "", token: str = "", folder: str | None = "INBOX",
    tls: bool | None = None, timeout: float = 30.0,
) -> Any:  # fmt: skip
    """A logged-in `imap_tools` mailbox with `folder` selected.

    Raises `Blocked`, `Unreachable`, `imap_tools.MailboxLoginError` or `imaplib.IMAP4.error`.
    """
    try:
        box = JudgedMailBox(
            judge, host, port, tls=port == 993 if tls is None else tls, timeout=timeout
        )
    except ssl.SSLError as error:
        raise failure(host, error) from error
    except OSError as error:
        raise _silent(host, error) from error
    try:
        if token:
            box.xoauth2(user, token, initial_folder=folder)
        else:
            box.login(user, password, initial_folder=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            box.client.shutdown()
        raise
    return box
