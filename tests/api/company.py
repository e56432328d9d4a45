"""A company with every border an agent can stand at: brands, teams, a private team, every role."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from sportello.accounts.actions import create_token
from sportello.accounts.models import Agent, Brand, Role, Team
from sportello.api import api as _composed  # noqa: F401  (registers the event types)
from sportello.channels.models import Channel
from sportello.contacts.models import Contact, Identity
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.tickets import actions
from sportello.tickets.models import Ticket
from tests.walk import agent, open_shop


class Api:
    """A program with a token."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.token = create_token(email=agent.email)
        self.client = Client(headers={"authorization": f"Bearer {self.token}", "host": "localhost"})

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        data = "" if body is None else json.dumps(body)
        url = f"/api/v1{path}"
        return self.client.generic(method.upper(), url, data, "application/json", headers=extra)

    def get(self, path: str, **headers: str) -> Any:
        return self.call("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("post", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.call("patch", path, body, **headers)

    def delete(self, path: str) -> Any:
        return self.call("delete", path)


@dataclass
class Firm:
    brand: Brand
    other_brand: Brand
    mail: Channel
    chat: Channel
    own: Team
    other: Team
    private: Team
    admin: Api
    supervisor: Api
    giulia: Api
    """Agent of every public team and brand."""
    member: Api
    """Agent of the team `own` alone."""
    light: Api
    other_brand_agent: Api
    tickets: dict[str, Ticket] = field(default_factory=dict)
    """``own``, ``other``, ``private``, ``brand``: by where they are."""


def found() -> Firm:
    shop = open_shop()
    other_brand = Brand.objects.create(name="Other", slug="other")
    own, other, private = (
        Team.objects.create(name=n, slug=n, is_private=n == "private")
        for n in ("own", "other", "private")
    )
    firm = Firm(
        shop.brand,
        other_brand,
        shop.mail,
        shop.chat,
        own,
        other,
        private,
        admin=Api(agent("boss", Role.ADMINISTRATOR)),
        supervisor=Api(agent("super", Role.SUPERVISOR)),
        giulia=Api(shop.giulia),
        member=Api(agent("member", Role.AGENT, team=own)),
        light=Api(agent("lightly", Role.LIGHT)),
        other_brand_agent=Api(agent("elsewhere", Role.AGENT, brand=other_brand)),
    )
    places: dict[str, tuple[Brand, Team | None]] = {
        "own": (firm.brand, own),
        "other": (firm.brand, other),
        "private": (firm.brand, private),
        "brand": (other_brand, None),
    }
    firm.tickets = {name: ticket(name, brand, team) for name, (brand, team) in places.items()}
    return firm


def person(name: str, *addresses: str) -> Contact:
    made = Contact.objects.create(name=name)
    for address in addresses:
        Identity.objects.create(
            contact=made, kind="email", address=address, display=address, proof="verified"
        )
    return made


def ticket(name: str, brand: Brand, team: Team | None, channel: Channel | None = None) -> Ticket:
    """A ticket of a customer of its own, who is called and addressed after it."""
    return actions.open_ticket(
        contact=person(f"Customer {name}", f"{name}@home.example"),
        subject=f"About {name}",
        text=f"The secret word is {name}word",
        actor=SYSTEM,
        now=now(),
        brand=brand,
        team=team,
        channel=channel,
    )
