"""Tickets, threads and messages, window by window."""

from __future__ import annotations

import random
from datetime import datetime

import psycopg

from sportello.demo.generate.copying import copy_in, line
from sportello.demo.generate.inventing import invented
from sportello.demo.generate.log import write_log
from sportello.demo.generate.shapes import TAIL, WINDOW, House, Made, Progress, Starts


def write_tickets(
    connection: psycopg.Connection,
    starts: Starts,
    house: House,
    count: int,
    contacts: int,
    chance: random.Random,
    report: Progress,
) -> Starts:
    """Write tickets, threads and messages window by window; returns the ids after the last."""
    message, thread = starts.message, starts.thread
    for first in range(0, count, WINDOW):
        report("tickets", first / count)
        made = [
            invented(starts, house, n, count, contacts, chance)
            for n in range(first, min(first + WINDOW, count))
        ]
        for ticket in made:
            ticket.thread, thread = thread, thread + 1
        said = sorted(
            (
                (at, n, k)
                for n, ticket in enumerate(made)
                for k, (at, _, _) in enumerate(ticket.talk)
            )
        )
        for ticket in made:
            ticket.ids = [0] * len(ticket.talk)
        for offset, (_, n, k) in enumerate(said):
            made[n].ids[k] = message + offset
        message += len(said)
        _write(connection, starts, house, made, said)
        if first + WINDOW > count - TAIL:
            write_log(connection, made)
    report("tickets", 1.0)
    return Starts(0, 0, 0, 0, thread, message)


def _write(
    connection: psycopg.Connection,
    starts: Starts,
    house: House,
    made: list[Made],
    said: list[tuple[datetime, int, int]],
) -> None:
    copy_in(
        connection,
        "tickets_ticket (id, number, subject, status, brand_id, contact_id, assignee_id, team_id, tags, language, created_at, updated_at,"
        " solved_at, last_message_at, last_inbound_id, last_author, preview, waiting_since, channel_ids)",
        (_ticket_row(starts, house, t) for t in made),
    )
    copy_in(
        connection,
        "tickets_thread (id, ticket_id, channel_id, identity_id, external_ref, is_open, last_message_at, created_at)",
        (
            line(
                t.thread,
                t.id,
                t.channel,
                t.contact - starts.contact + starts.identity,
                "",
                "f" if t.solved else "t",
                t.talk[-1][0],
                t.created,
            )
            for t in made
        ),
    )
    copy_in(
        connection,
        "tickets_message (id, ticket_id, thread_id, channel_id, direction, agent_id, identity_id, author_name, subject, text, external_id,"
        " created_at)",
        (_message_row(starts, made[n], k) for _, n, k in said),
    )


def _ticket_row(starts: Starts, house: House, t: Made) -> str:
    at, direction, text = t.talk[-1]
    inbound = [id for id, (_, way, _) in zip(t.ids, t.talk, strict=True) if way == "in"]
    waiting = at if direction == "in" and t.status in ("new", "open") else None
    return line(
        t.id, starts.number + t.id - starts.ticket, t.subject, t.status, house.brand, t.contact, t.agent[0] if t.agent else None,
        t.team, t.tags, t.language, t.created, at, t.solved, at, inbound[-1], "contact" if direction == "in" else "agent",
        " ".join(text.split())[:160], waiting, [t.channel],
    )  # fmt: skip


def _message_row(starts: Starts, t: Made, k: int) -> str:
    at, direction, text = t.talk[k]
    ours = direction != "in"
    agent = t.agent if ours else None
    return line(
        t.ids[k], t.id, None if direction == "note" else t.thread, None if direction == "note" else t.channel, direction,
        agent[0] if agent else None, None if ours else t.contact - starts.contact + starts.identity,
        agent[1] if agent else t.name, t.subject if k == 0 else "", text,
        None if ours else f"<{t.ids[k]}@generated.example>", at,
    )  # fmt: skip
