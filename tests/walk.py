"""The walk, driven by tests: a small company, raw input through the spool, and what came of it."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from sportello.accounts.models import Agent, Brand, Company, Grant, Role, Team
from sportello.channels import queries, secrets, spool
from sportello.channels.contract import Raw
from sportello.channels.models import Channel
from sportello.core.actors import Actor
from sportello.core.clock import now
from sportello.tickets import applier
from sportello.tickets.models import Delivery, Message, Ticket
from sportello.tickets.outbound import delivering

MAILBOX = "help@shop.example"
_counter = itertools.count(1)


@dataclass
class Shop:
    """A company with two agents and three channels."""

    brand: Brand
    mail: Channel
    fake: Channel
    chat: Channel
    giulia: Agent
    marco: Agent

    def actor(self, agent: Agent | None = None) -> Actor:
        return Actor.agent((agent or self.giulia).pk)


def open_shop() -> Shop:
    """Call inside a test's database."""
    Company.objects.get_or_create(id=1, defaults={"name": "Shop"})
    brand = Brand.objects.create(
        name="Shop", slug="shop", signature="{{agent.name}}, {{brand.name}}"
    )
    mail = Channel.objects.create(
        provider="email", name="Help", brand=brand, plain_settings={"address": MAILBOX}
    )
    fake = Channel.objects.create(
        provider="fake",
        name="Fake",
        brand=brand,
        sealed_settings=secrets.seal({"secret": "s3cret"}),
    )
    chat = Channel.objects.create(provider="webchat", name="Site chat", brand=brand)
    queries.forget()
    giulia, marco = (agent(name, Role.AGENT) for name in ("giulia", "marco"))
    return Shop(brand, mail, fake, chat, giulia, marco)


def agent(name: str, role: str, *, team: Team | None = None, brand: Brand | None = None) -> Agent:
    """An agent with one grant."""
    made = Agent.objects.create_user(f"{name}@shop.example", "a-long-password", name=name.title())
    Grant.objects.create(agent=made, role=role, team=team, brand=brand)
    return made


def mail_bytes(
    sender: str = "ada@home.example",
    text: str = "Hello, my cup is broken.",
    *,
    subject: str = "Broken cup",
    to: str = MAILBOX,
    message_id: str | None = None,
    **headers: str,
) -> bytes:
    """A plain mail. Headers by name, with ``_`` for ``-``."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    number = next(_counter)
    message["Message-ID"] = f"<{message_id or f'm{number}@home.example'}>"
    message["Date"] = f"Fri, 20 Nov 2026 10:{number % 60:02d}:00 +0000"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def accept(
    channel: Channel, *bodies: bytes, source: str = "smtp", headers: dict[str, str] | None = None
) -> list[int]:
    """Spool raw input as a door would, without applying it."""
    items = []
    for body in bodies:
        raw = Raw(body, headers or {}, source=source)
        envelope = channel.code.envelope(raw)
        items.append(spool.SpoolItem(channel.pk, envelope.order_key, envelope.external_ids, raw))
    return spool.store(items)


def arrive(channel: Channel, *bodies: bytes, **options: Any) -> Message:
    """Spool and apply; returns the newest message."""
    accept(channel, *bodies, **options)
    applier.drain_all()
    return Message.objects.select_related("ticket", "thread").latest("pk")


def fake_body(*messages: tuple[str, str, str]) -> bytes:
    """(id, from, text) of each."""
    return json.dumps(
        {"messages": [{"id": i, "from": f, "text": t} for i, f, t in messages]}
    ).encode()


def send_due() -> list[Delivery]:
    """Run the deliveries that wait, as the job queue would once they are due."""
    later = now() + timedelta(hours=1)
    waiting = list(Delivery.objects.filter(state__in=["queued", "held"]).order_by("pk"))
    for delivery in waiting:
        delivering.deliver(delivery.pk, now=later)
        delivery.refresh_from_db()
    return waiting


def only_ticket() -> Ticket:
    return Ticket.objects.get()
