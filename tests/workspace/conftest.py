"""A shop with public and private teams, agents of every role, and tickets to look at."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from django.test import Client

from sportello.accounts.models import Agent, Brand, Grant, Role, Team
from sportello.contacts.models import Contact, Identity
from sportello.core.actors import Actor
from sportello.core.clock import now
from sportello.tickets import actions
from sportello.tickets.models import Ticket
from sportello.workspace import shared_counts
from tests.walk import Shop, open_shop

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass
class Desk:
    shop: Shop
    secret: Team
    other_brand: Brand
    agents: dict[str, Agent]
    tickets: dict[str, Ticket] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        client = Client()
        if who != "nobody":
            client.force_login(self.agents[who], backend=BACKEND)
        return client

    def open(
        self,
        subject: str,
        *,
        team: Team | None = None,
        brand: Brand | None = None,
        name: str = "Ada Lovelace",
    ) -> Ticket:
        contact = Contact.objects.create(name=name)
        address = f"c{contact.pk}@posta.example"
        Identity.objects.create(contact=contact, kind="email", address=address, proof="verified")
        channel = self.shop.mail if brand is None else None
        return actions.open_ticket(
            contact=contact, subject=subject, text=f"{subject}: la macchina perde acqua", channel=channel,
            brand=brand, team=team, actor=Actor("contact", contact.pk), now=now(),
        )  # fmt: skip


@pytest.fixture
def desk(db: None, settings) -> Desk:  # type: ignore[no-untyped-def]
    settings.SPORTELLO_DEMO = True
    shared_counts._known.clear()
    shop = open_shop()
    secret = Team.objects.create(name="Direzione", slug="direzione", is_private=True)
    other = Brand.objects.create(name="Altra", slug="altra")
    giulia = shop.giulia
    agents = {"agent": giulia, "colleague": shop.marco}

    def make(name: str) -> Agent:
        return Agent.objects.create_user(f"{name}@shop.example", name=name.title())

    for name, role, team, brand in (
        ("administrator", Role.ADMINISTRATOR, None, None),
        ("light", Role.LIGHT, None, None),
        ("member", Role.AGENT, secret, None),
        ("elsewhere", Role.AGENT, None, other),
    ):
        agents[name] = make(name)
        Grant.objects.create(agent=agents[name], role=role, team=team, brand=brand)
    agents["nothing"] = make("nothing")
    made = Desk(shop, secret, other, agents)
    made.tickets = {
        "public": made.open("Guarnizione rotta"),
        "secret": made.open("Faccenda riservata", team=secret),
        "foreign": made.open("Altro marchio", brand=other),
    }
    return made
