"""The way in for the first person: a link that the operator prints at the machine."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from sportello.accounts.actions import InvitationRefused, invitation_link
from sportello.accounts.models import Agent, Role
from sportello.accounts.queries import rights_of
from sportello.core.actors import Actor

pytestmark = pytest.mark.django_db
SYSTEM = Actor("system")


def test_the_link_makes_an_administrator_once_and_sends_no_mail(client: Client) -> None:
    link = invitation_link(email="Capo@Azienda.example", role=Role.ADMINISTRATOR, actor=SYSTEM)
    path = "/accounts/" + link.split("/accounts/")[1]
    joined = client.post(path, {"name": "Anna Capo", "password": "corretto cavallo batteria"})
    assert joined.status_code == 302
    agent = Agent.objects.get(email="capo@azienda.example")
    assert [scope.role for scope in rights_of(agent).scopes] == ["administrator"]
    assert not mail.outbox
    assert client.get(path).status_code == 410
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200, "no second question"
    with pytest.raises(InvitationRefused):
        invitation_link(email="capo@azienda.example", role=Role.AGENT, actor=SYSTEM)


def test_what_is_no_address_gets_no_link() -> None:
    with pytest.raises(ValidationError):
        invitation_link(email="capo", role=Role.ADMINISTRATOR, actor=SYSTEM)


def test_errors_look_like_the_house(client: Client) -> None:
    lost = client.get("/app/nowhere-at-all", headers={"accept-language": "it"})
    assert lost.status_code == 404
    assert "at-door alone" in lost.text
    assert "Ai ticket" in lost.text
