"""Contacts with one address each."""

from __future__ import annotations

from datetime import timedelta

import psycopg

from sportello.core.clock import now
from sportello.demo import phrases
from sportello.demo.generate.copying import copy_in, line
from sportello.demo.generate.shapes import YEARS, Progress, Starts


def person(number: int) -> str:
    names, surnames = phrases.NAMES, phrases.SURNAMES
    return f"{names[number * 7 % len(names)]} {surnames[number * 11 % len(surnames)]}"


def write_contacts(
    connection: psycopg.Connection,
    starts: Starts,
    count: int,
    report: Progress,
) -> None:
    report("contacts", 0.0)
    at = now() - timedelta(days=365 * YEARS)
    copy_in(
        connection,
        "contacts_contact (id, name, language, notes, custom, blocked, created_at)",
        (
            line(starts.contact + n, person(n), "it" if n % 4 else "en", "", "{}", "f", at)
            for n in range(count)
        ),
    )
    copy_in(
        connection,
        "contacts_identity (id, contact_id, kind, address, display, proof, how, created_at)",
        (
            line(
                starts.identity + n,
                starts.contact + n,
                "email",
                _address(starts.contact + n, n),
                person(n),
                "verified",
                "dmarc",
                at,
            )
            for n in range(count)
        ),
    )
    report("contacts", 1.0)


def _address(contact: int, number: int) -> str:
    local = person(number).lower().replace(" ", ".").replace("'", "")
    return f"{local}.{contact}@{('posta', 'mail', 'casella')[number % 3]}.example"
