"""Why a message with a right reply address waits for an agent's yes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.tickets.models import Message
from sportello.tickets.notifying.refusals import HELD


def because(message: Message) -> str:
    """One sentence: a stranger's mail, or an agent's that was not sent as his answer."""
    address = message.identity.address if message.identity else ""
    mail = message.meta.get("agent_mail")
    if not isinstance(mail, dict) or mail.get("why") not in HELD:
        words = _("The reply address is ours, but %(address)s is not on this ticket.")
        return words % {"address": address}
    agent = Agent.objects.filter(pk=int(mail["agent"])).first()
    return str(HELD[mail["why"]]).format(agent=agent or "?", address=address)
