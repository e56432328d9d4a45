"""Django's own mails (password resets, invitations) leave by the same relay as everything else."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from sportello.core import mailout

log = structlog.get_logger(__name__)


class RelayBackend(BaseEmailBackend):
    """Sends by ``EMAIL_URL``. Without a relay the demo shows the mail in the log, others only that it was due."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return sum(self._send(message) for message in email_messages)

    def _send(self, message: EmailMessage) -> bool:
        recipients = message.recipients()
        if not settings.EMAIL_URL:
            shown = message.body if settings.SPORTELLO_DEMO else "set EMAIL_URL to send it"
            log.warning("mail_without_relay", subject=message.subject, to=recipients, body=shown)
            return False
        sender = parseaddr(message.from_email or settings.DEFAULT_FROM_EMAIL)[1]
        outcome = mailout.submit(message.message().as_bytes(), sender=sender, recipients=recipients)
        if not outcome.accepted:
            log.error("mail_refused", subject=message.subject, reason=outcome.reason)
            if not self.fail_silently:
                raise OSError(outcome.reason)
        return outcome.accepted
