"""Facts from outside: the body is kept here, the log gets an event with its id."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from sportello.accounts.models import Agent
from sportello.api.models import ExternalFact
from sportello.api.problems import Problem, invalid
from sportello.commerce import reported
from sportello.commerce.contract import Unreadable
from sportello.contacts.models import Contact, Organization
from sportello.contacts.touchpoints import Touch, record_touchpoints
from sportello.contacts.trail import TouchpointKind
from sportello.core.actors import Actor
from sportello.core.events import declare, record

FACT_REPORTED = declare("fact_reported", "reported from outside", "fact")


@dataclass(frozen=True, slots=True)
class Report:
    """What an application says."""

    external_id: str
    type: str
    occurred_at: datetime
    contact: Contact | None = None
    organization: Organization | None = None
    data: dict[str, Any] = field(default_factory=dict)


def report(report: Report, *, agent: Agent, now: datetime) -> tuple[ExternalFact, bool]:
    """(the fact, whether it is new). The same id again is the same fact; with another body a 409.

    What speaks of orders, parcels or devices goes on to their room in the same transaction.
    """
    told = _told(report)
    with transaction.atomic():
        fact, created = ExternalFact.objects.select_for_update(no_key=True).get_or_create(
            external_id=report.external_id,
            defaults={
                "agent": agent,
                "type": report.type,
                "contact": report.contact,
                "organization": report.organization,
                "data": report.data,
                "occurred_at": report.occurred_at,
                "created_at": now,
            },
        )
        if not created:
            same = (fact.type, fact.contact_id, fact.data) == (
                report.type,
                report.contact.pk if report.contact else None,
                report.data,
            )
            if not same or fact.agent_id != agent.pk:
                raise Problem(409, "A fact with this id was reported with another content.")
            return fact, False
        _touch(fact)
        fact.event_id = record(
            FACT_REPORTED,
            contact_id=fact.contact_id,
            actor=Actor.agent(agent.pk),
            now=now,
            payload={"fact": fact.pk},
        )
        fact.save(update_fields=["event_id"])
        if told is not None:
            reported.take(told, received_at=now)
    return fact, True


_NOUNS = {
    "page": TouchpointKind.PAGE, "article": TouchpointKind.ARTICLE, "search": TouchpointKind.SEARCH,
    "bot": TouchpointKind.BOT, "login": TouchpointKind.LOGIN, "session": TouchpointKind.LOGIN,
    "device": TouchpointKind.DEVICE, "survey": TouchpointKind.SURVEY,
}  # fmt: skip
_OF_SHOPS = frozenset({"order", "shipment", "return", "invoice", "stock", "store", "subscription", "warranty", "loyalty"})  # fmt: skip
"""Told to the room of orders, which knows what of it is a deed of the customer's."""
_NAMES = ("title", "name", "query", "model", "page", "url", "device")
"""Keys of the data that say what it was, the best first."""


def _touch(fact: ExternalFact) -> None:
    """What a known contact did by himself stands on his timeline: ``login``, ``device.registered``, …"""
    noun = fact.type.partition(".")[0]
    if fact.contact_id is None or noun in _OF_SHOPS:
        return
    kind = _NOUNS.get(noun, TouchpointKind.OTHER)
    named = (fact.data[name] for name in _NAMES if isinstance(fact.data.get(name), str))
    said = next(named, fact.type if kind == TouchpointKind.OTHER else "")
    touch = Touch(
        kind, fact.occurred_at, said.partition("?")[0] if kind == TouchpointKind.PAGE else said,
        contact_id=fact.contact_id, meta={"fact": fact.pk, "type": fact.type}, key=f"fact:{fact.pk}",
    )  # fmt: skip
    record_touchpoints([touch])


def _told(report: Report) -> dict[str, Any] | None:
    """The fact as the room of orders reads it; None when it is about something else."""
    if not reported.speaks_of(report.type, report.data):
        return None
    told = {
        "type": report.type,
        "data": report.data,
        "occurred_at": report.occurred_at.isoformat(),
        "contact": report.contact.pk if report.contact else None,
    }
    try:
        reported.check(told)
    except Unreadable as error:
        raise invalid("data", str(error)) from None
    return told
