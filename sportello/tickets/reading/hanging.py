"""What hangs on a ticket at all, asked in one statement: most tickets have nothing of most kinds."""

from __future__ import annotations

from dataclasses import dataclass

from sportello.accounts.models import Agent
from sportello.core import sql
from sportello.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Hanging:
    """For one agent: what is worth asking for."""

    last_event: int
    """Id of the newest fact about the ticket: what a page that shows it has seen."""
    read_to: int
    """The message up to which he has read."""
    draft: bool
    forms: bool
    """Secure forms, of this ticket or of one merged into it."""
    participants: bool
    belongings: bool
    """Earlier tickets that it may belong to, decided or not."""
    joined: bool
    """Another ticket was merged into it, and that has not been undone."""
    suggestions: bool
    """The contact may be the same person as another one."""
    fields: bool
    """The company has custom fields."""
    brands: bool
    """The company has several brands."""


_ASKED = """
SELECT
  coalesce((SELECT max(id) FROM core_event WHERE ticket_id = w.ticket), 0),
  coalesce((SELECT message_id FROM tickets_readmark WHERE ticket_id = w.ticket AND agent_id = w.agent), 0),
  EXISTS (SELECT FROM tickets_draft WHERE ticket_id = w.ticket AND agent_id = w.agent),
  EXISTS (SELECT FROM tickets_secureform WHERE ticket_id = w.ticket) OR EXISTS (
    SELECT FROM tickets_secureform f JOIN tickets_ticket t ON t.id = f.ticket_id WHERE t.merged_into_id = w.ticket),
  EXISTS (SELECT FROM tickets_participant p JOIN tickets_thread h ON h.id = p.thread_id WHERE h.ticket_id = w.ticket),
  EXISTS (SELECT FROM tickets_belonging WHERE ticket_id = w.ticket),
  EXISTS (SELECT FROM tickets_joining WHERE into_id = w.ticket AND undone_at IS NULL),
  EXISTS (SELECT FROM contacts_suggestion WHERE first_id = w.contact AND state = 'open')
    OR EXISTS (SELECT FROM contacts_suggestion WHERE second_id = w.contact AND state = 'open'),
  EXISTS (SELECT FROM tickets_customfield),
  (SELECT count(*) FROM accounts_brand) > 1
FROM (SELECT %s::bigint AS ticket, %s::bigint AS contact, %s::bigint AS agent) w
"""


def hanging(ticket: Ticket, agent: Agent) -> Hanging:
    return Hanging(*sql.fetch(_ASKED, [ticket.pk, ticket.contact_id, agent.pk])[0])
