"""A small company for the settings' tests."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from sportello.accounts.actions import create_agent
from sportello.accounts.models import Agent, Brand, Team

PASSWORD = "lungo-abbastanza-9"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass
class Company:
    brand: Brand
    team: Team
    agents: dict[str, Agent]

    def client(self, role: str) -> Client:
        """A browser signed in as that role; ``nobody`` is signed out."""
        client = Client()
        if role != "nobody":
            client.force_login(self.agents[role], backend=BACKEND)
        return client


@pytest.fixture
def company(db: None, settings) -> Company:  # type: ignore[no-untyped-def]
    settings.SPORTELLO_DEMO = True
    brand = Brand.objects.create(name="Bottega Aurora", slug="aurora")
    team = Team.objects.create(name="Macchine", slug="macchine")
    agents = {
        role: create_agent(
            email=f"{role}@x.example", name=role.title(), role=role, password=PASSWORD
        )
        for role in ("administrator", "supervisor", "agent", "light")
    }
    bound = create_agent(email="brand@x.example", name="Brand", role="administrator", brand=brand)
    return Company(brand, team, agents | {"brand administrator": bound})
