"""The last step of every outgoing mail: to a relay by SMTP, or to a mail service by its API."""

from __future__ import annotations

import os
from collections.abc import Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from sportello.core.net import Net, NetError
from sportello.core.net.mail import SmtpClient, SmtpDataRefused, SmtpError, SmtpReply
from sportello.core.submission import RETRY_SECONDS, Submission


class NoRelay(Exception):
    """Neither the channel nor the installation has a relay. The caller keeps the mail in the outbox."""


def submit(
    message: EmailMessage | bytes,
    *,
    sender: str,
    recipients: Sequence[str],
    url: str = "",
    token: str = "",
    net: Net | None = None,
) -> Submission:
    """Hand one mail to a relay.

    `url` is the channel's own relay and is judged; without it the operator's ``EMAIL_URL`` is used and
    trusted. `token` makes SMTP log in with XOAUTH2. Raises `NoRelay` when there is neither.
    """
    trusted = not url.strip()
    relay = url.strip() or os.environ.get("EMAIL_URL", "").strip()
    if not relay:
        raise NoRelay(
            "No relay is set: give the channel an SMTP relay, or the installation EMAIL_URL."
        )
    if not recipients:
        return Submission(accepted=False, reason="There is no recipient.")
    net = net or Net.from_environ()
    if not relay.lower().startswith(("smtp", "submission")):
        from sportello.core import mailservices  # brings a library that relays do not need

        parsed = message_from_bytes(message, policy=SMTP) if isinstance(message, bytes) else message
        return mailservices.submit(parsed, sender=sender, recipients=recipients, url=relay, net=net)
    data = message if isinstance(message, bytes) else message.as_bytes(policy=message.policy)
    return _by_smtp(data, sender, recipients, relay, token=token, net=net, trusted=trusted)


def _by_smtp(
    data: bytes,
    sender: str,
    recipients: Sequence[str],
    url: str,
    *,
    token: str,
    net: Net,
    trusted: bool,
) -> Submission:
    try:
        client = net.smtp(url, token=token, trusted=trusted)
    except ValueError as error:
        return Submission(accepted=False, reason=str(error))
    except NetError as error:
        return Submission(
            accepted=False, reason=str(error), permanent=False, retry_after=RETRY_SECONDS
        )
    except SmtpError as error:
        return _refusal(error, log_in=True)
    try:
        return _converse(client, data, sender, recipients)
    finally:
        _quit(client)


def _converse(
    client: SmtpClient, data: bytes, sender: str, recipients: Sequence[str]
) -> Submission:
    """MAIL, RCPT, DATA. Whatever breaks before DATA did certainly not send anything."""
    options = _options(client, (sender, *recipients), data)
    if options is None:
        return Submission(
            accepted=False,
            reason="The relay cannot send to addresses with non-ASCII letters (SMTPUTF8).",
        )
    refused: dict[str, tuple[int, bytes]] = {}
    try:
        code, words = client.mail(sender, options)
        if code != 250:
            return _answer(code, words)
        for recipient in recipients:
            code, words = client.rcpt(recipient)
            if code not in (250, 251):
                refused[recipient] = (code, words)
        if len(refused) == len(recipients):
            return _answer(*next(iter(refused.values())))
    except (SmtpError, OSError) as error:
        return _refusal(error)
    try:
        code, words = client.data(data)
    except SmtpDataRefused as error:
        return _answer(error.smtp_code, error.smtp_error)
    except (SmtpError, OSError) as error:
        return Submission(
            accepted=False,
            uncertain=True,
            reason=f"No answer after the mail was handed over: {error}",
        )
    if code != 250:
        return _answer(code, words)
    return Submission(accepted=True, refused={who: _words(*said) for who, said in refused.items()})


def _options(client: SmtpClient, addresses: Sequence[str], data: bytes) -> list[str] | None:
    """Extensions to ask for; None when an address needs SMTPUTF8 and the relay lacks it."""
    options = [] if data.isascii() or not client.has_extn("8bitmime") else ["BODY=8BITMIME"]
    if all(address.isascii() for address in addresses):
        return options
    if not client.has_extn("smtputf8"):
        return None
    client.command_encoding = "utf-8"
    return [*options, "SMTPUTF8"]


def _answer(code: int, words: bytes | str) -> Submission:
    temporary = 400 <= code < 500
    return Submission(
        accepted=False,
        reason=_words(code, words),
        permanent=not temporary,
        retry_after=RETRY_SECONDS if temporary else None,
    )


def _refusal(error: Exception, *, log_in: bool = False) -> Submission:
    """An exception before DATA. A refused log-in is worth trying again: somebody may mend the password."""
    if isinstance(error, SmtpReply):
        answer = _answer(error.smtp_code, error.smtp_error)
        if log_in:
            return Submission(
                accepted=False,
                reason=f"The relay refused the log-in: {answer.reason}",
                permanent=False,
                retry_after=RETRY_SECONDS,
            )
        return answer
    waited = isinstance(error, TimeoutError)
    reason = "The relay did not answer in time." if waited else f"The relay broke off: {error}"
    return Submission(accepted=False, reason=reason, permanent=False, retry_after=RETRY_SECONDS)


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"[:500]


def _quit(client: SmtpClient) -> None:
    try:
        client.quit()
    except (SmtpError, OSError):
        client.close()
