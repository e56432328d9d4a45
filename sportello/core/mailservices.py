"""Mail services with an API (Postmark, Mailgun, SendGrid…), through django-anymail and the judge.

``postmark://TOKEN`` · ``sendgrid://KEY`` · ``brevo://KEY`` · ``mailgun://KEY@domain`` ·
``mailjet://KEY:SECRET`` · ``sparkpost://KEY`` · ``mandrill://KEY`` · ``resend://KEY`` ·
``mailersend://TOKEN`` · ``mailtrap://TOKEN``. Amazon SES: use its SMTP address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sportello.core.net import Net
from sportello.core.net.forrequests import CallFailed, CallNotMade, Session, guard
from sportello.core.submission import RETRY_SECONDS, Submission

_SERVICES = {
    "postmark": ("postmark", ("server_token",)),
    "sendgrid": ("sendgrid", ("api_key",)),
    "brevo": ("brevo", ("api_key",)),
    "mailgun": ("mailgun", ("api_key", "sender_domain")),
    "mailjet": ("mailjet", ("api_key", "secret_key")),
    "sparkpost": ("sparkpost", ("api_key",)),
    "mandrill": ("mandrill", ("api_key",)),
    "resend": ("resend", ("api_key",)),
    "mailersend": ("mailersend", ("api_token",)),
    "mailtrap": ("mailtrap", ("api_token",)),
}
_OWN_HEADERS = frozenset(
    [
        "from",
        "to",
        "cc",
        "bcc",
        "reply-to",
        "subject",
        "date",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "content-language",
    ]
)


def submit(
    message: EmailMessage, *, sender: str, recipients: Sequence[str], url: str, net: Net
) -> Submission:
    """Hand a mail to a service. Never raises for what the service says."""
    from anymail.exceptions import AnymailError, AnymailRequestsAPIError

    try:
        backend = _backend(url, net)
    except (ValueError, LookupError, ImportError) as error:
        return Submission(
            accepted=False, reason=f"The mail service's address cannot be used: {error}"
        )
    translated = _django_message(message, sender, recipients)
    try:
        backend.send_messages([translated])
    except CallNotMade as error:
        return Submission(
            accepted=False, reason=str(error), permanent=False, retry_after=RETRY_SECONDS
        )
    except AnymailRequestsAPIError as error:
        if getattr(error, "status_code", None) is None:
            return Submission(accepted=False, uncertain=True, reason=str(error)[:500])
        return _api_error(error)
    except CallFailed as error:
        return Submission(accepted=False, uncertain=True, reason=str(error)[:500])
    except AnymailError as error:
        return Submission(accepted=False, reason=str(error)[:500])
    finally:
        backend.close()
    status = getattr(translated, "anymail_status", None)
    return Submission(accepted=True, message_id=str(getattr(status, "message_id", "") or ""))


def _api_error(error: Any) -> Submission:
    code = (
        getattr(error, "status_code", None)
        or getattr(getattr(error, "response", None), "status_code", 0)
        or 0
    )
    temporary = code == 429 or code >= 500
    return Submission(
        accepted=False,
        reason=str(error)[:500],
        permanent=not temporary,
        retry_after=RETRY_SECONDS if temporary else None,
    )


def _backend(url: str, net: Net) -> Any:
    parts = urlsplit(url)
    if parts.scheme not in _SERVICES:
        raise LookupError(
            f"“{parts.scheme}” is none of {', '.join(sorted(_SERVICES))}, smtp, smtps"
        )
    name, keys = _SERVICES[parts.scheme]
    values = [unquote(v) for v in parts.netloc.replace("@", ":").split(":") if v]
    if len(values) != len(keys):
        raise ValueError(f"{name} wants {' and '.join(keys)}")
    options: Mapping[str, Any] = dict(zip(keys, values, strict=True)) | dict(parse_qsl(parts.query))
    module = import_module(f"anymail.backends.{name}")

    class Judged(module.EmailBackend):  # type: ignore[misc, name-defined]
        def create_session(self) -> Session:
            return guard(super().create_session(), net)

    return Judged(fail_silently=False, **options)


def _django_message(message: EmailMessage, sender: str, recipients: Sequence[str]) -> Any:
    from django.core.mail import EmailMultiAlternatives

    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    to = _listed(message, "to")
    cc = _listed(message, "cc")
    named = {
        address.addr_spec
        for header in ("to", "cc")
        for address in getattr(message[header], "addresses", ())
    }
    translated = EmailMultiAlternatives(
        subject=str(message["subject"] or ""),
        body=plain.get_content() if plain is not None else "",
        from_email=str(message["from"] or sender),
        to=to,
        cc=cc,
        bcc=[address for address in recipients if address not in named],
        reply_to=_listed(message, "reply-to"),
        headers={
            name: str(value) for name, value in message.items() if name.lower() not in _OWN_HEADERS
        },
    )
    if page is not None:
        translated.attach_alternative(page.get_content(), "text/html")
    for part in message.walk():
        if not part.is_multipart() and part not in (plain, page):
            translated.attach(part)
    return translated


def _listed(message: EmailMessage, name: str) -> list[str]:
    return [str(address) for address in getattr(message[name], "addresses", ())]
