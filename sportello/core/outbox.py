"""The browsable outbox: where mail stays when no relay is configured, as in the demo."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message

from sportello.core.models import SentMail


def keep(message: Message, *, sender: str, recipients: Sequence[str]) -> None:
    """Keep one mail, whole, where administrators can read it. The same bytes are kept once."""
    raw, subject = message.as_bytes(), str(message["Subject"] or "")
    if not SentMail.objects.filter(subject=subject, raw=raw).exists():
        SentMail.objects.create(
            sender=sender, recipients=list(recipients), subject=subject, raw=raw
        )
