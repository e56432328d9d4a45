"""The browsable outbox: where mail stays when no relay is configured, as in the demo."""

from __future__ import annotations

from email.message import EmailMessage

from django.conf import settings

from sportello.channels.contract import Outbound, Sent
from sportello.channels.models import Channel
from sportello.core.models import SentMail


def has_relay(channel: Channel) -> bool:
    """Whether mail of this channel really leaves."""
    return bool(settings.EMAIL_URL or channel.settings.get("smtp_url"))


def keep(message: EmailMessage, *, sender: str, recipients: list[str]) -> SentMail:
    """Keep one mail, whole, where administrators can read it."""
    return SentMail.objects.create(
        sender=sender, recipients=recipients, subject=str(message["Subject"] or ""), raw=bytes(message)
    )


def keep_in_outbox(channel: Channel, outbound: Outbound) -> Sent | None:
    """Keep a mail that has no relay to leave by; None when this is not such a mail.

    The same Message-ID is kept once, however often it is tried.
    """
    if channel.provider != "email" or has_relay(channel):
        return None
    from sportello.channels.providers.email.compose import compose, recipients

    message = compose(outbound, channel.settings)
    if not SentMail.objects.filter(subject=str(message["Subject"] or ""), raw=bytes(message)).exists():
        keep(message, sender=str(channel.settings["address"]), recipients=recipients(outbound))
    return Sent(external_id=outbound.message_id)
