"""Django's own mails (password resets, invitations) leave by the same relay as everything else."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from sportello.core import mailout, outbox

log = structlog.get_logger(__name__)


class RelayBackend(BaseEmailBackend):
    """Sends by ``EMAIL_URL``; without a relay the mail stays in the browsable outbox."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return sum(self._send(message) for message in email_messages)

    def _send(self, message: EmailMessage) -> bool:
        recipients = message.recipients()
        sender = parseaddr(message.from_email or settings.DEFAULT_FROM_EMAIL)[1]
        if not settings.EMAIL_URL:
            outbox.keep(message.message(), sender=sender, recipients=recipients)
            return True
        outcome = mailout.submit(message.message().as_bytes(), sender=sender, recipients=recipients)
        if not outcome.accepted:
            log.error("mail_refused", subject=message.subject, reason=outcome.reason)
            if not self.fail_silently:
                raise OSError(outcome.reason)
        return outcome.accepted
