"""Move the demo company in: set-up first, then ten days of tickets through the real walk."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from sportello.accounts.models import Agent, Company
from sportello.channels import queries
from sportello.channels.models import Channel
from sportello.core.clock import now
from sportello.demo import company, elsewhere, names
from sportello.demo.script import Times
from sportello.demo.stage import Stage
from sportello.demo.stories import all_stories
from sportello.tickets.models import ReadMark, Ticket


class NotEmpty(Exception):
    """Somebody works in this database already: the demo does not move in."""


def seed() -> bool:
    """Seed an empty database. Returns False when the demo is there already; raises `NotEmpty`."""
    if Company.objects.filter(is_demo=True).exists():
        return False
    if Ticket.objects.exists() or Agent.objects.exists():
        raise NotEmpty("This database holds other agents or tickets; the demo needs an empty one.")
    times = Times(now())
    with connection.cursor() as cursor:
        # Hundreds of small commits that nobody was promised: the disk may follow later.
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SELECT setval('ticket_number', %s, false)", [names.FIRST_NUMBER])
    stage = company.move_in(times)
    stage.play(all_stories(times))
    _turn_off_networks(stage)
    _age()
    _read_older(stage, before=times.ago(240))
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")
    return True


def _turn_off_networks(stage: Stage) -> None:
    """Facebook and its like would be called with keys that nobody has. The story stays; answers go by mail."""
    off = [stage.boxes[box].pk for box in elsewhere.SETTINGS]
    Channel.objects.filter(pk__in=off).update(is_active=False)
    queries.forget()


_AGE = (
    """
    UPDATE tickets_ticket t SET created_at = m.first, updated_at = greatest(m.last, e.last)
    FROM (SELECT ticket_id, min(created_at) AS first, max(created_at) AS last FROM tickets_message GROUP BY ticket_id) m,
         (SELECT ticket_id, max(occurred_at) AS last FROM core_event GROUP BY ticket_id) e
    WHERE t.id = m.ticket_id AND t.id = e.ticket_id
    """,
    """
    UPDATE tickets_thread t SET created_at = m.first
    FROM (SELECT thread_id, min(created_at) AS first FROM tickets_message GROUP BY thread_id) m WHERE t.id = m.thread_id
    """,
    """
    UPDATE contacts_contact c SET created_at = least(c.created_at, t.first)
    FROM (SELECT contact_id, min(created_at) AS first FROM tickets_ticket GROUP BY contact_id) t WHERE c.id = t.contact_id
    """,
    """
    UPDATE core_event e SET occurred_at = m.created_at FROM tickets_message m
    WHERE e.type = 'message_recognised' AND m.id = (e.payload ->> 'message')::bigint
    """,
    "UPDATE core_event SET recorded_at = occurred_at WHERE recorded_at > occurred_at",
    """
    UPDATE tickets_mention n SET created_at = m.created_at FROM tickets_message m WHERE m.id = n.message_id
    """,
)
"""What intake stamps with the present moment happened days ago here."""


def _age() -> None:
    with connection.cursor() as cursor:
        for statement in _AGE:
            cursor.execute(statement)


def _read_older(stage: Stage, *, before: datetime) -> None:
    """Everybody has seen the days before: only what is new stands out."""
    older = Ticket.objects.filter(last_message_at__lt=before).exclude(last_inbound_id=None)
    ReadMark.objects.bulk_create(
        [
            ReadMark(ticket_id=ticket, agent=agent, message_id=message or 0)
            for ticket, message in older.values_list("pk", "last_inbound_id")
            for agent in stage.agents.values()
        ],
        ignore_conflicts=True,
    )
