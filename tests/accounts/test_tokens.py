"""API tokens and invitations: what is not exactly a live token matches nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from sportello.accounts import actions, tokens
from sportello.accounts.models import Agent, ApiToken, Invitation, Team
from sportello.accounts.queries import find_invitation
from sportello.core import clock
from sportello.core.actors import SYSTEM
from sportello.core.models import AuditEntry, Event

pytestmark = pytest.mark.django_db
WRONG: list[object] = [
    "",
    " ",
    "\x00",
    "%00",
    "sp_",
    "sp_ ",
    "sp_" + "A" * 42,
    "sp_" + "A" * 44,
    "A" * 43,
    None,
    7,
    "sp_" + " " * 43,
    "sp_" + "é" * 43,
]


@pytest.fixture
def agent() -> Agent:
    return actions.create_agent(email="giulia@x.example", name="Giulia Ferri")


def test_a_token_opens_its_agent_and_is_kept_only_as_a_hash(agent: Agent) -> None:
    raw = actions.create_token(email="Giulia@X.example")
    assert raw.startswith("sp_")
    assert actions.authenticate_token(raw) == agent
    kept = ApiToken.objects.get()
    assert raw not in str(vars(kept))
    assert kept.token_hash == tokens.digest(raw)
    assert raw not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("raw", WRONG)
def test_blank_cut_and_padded_tokens_match_nobody(agent: Agent, raw: object) -> None:
    actions.create_token(email=agent.email)
    ApiToken.objects.create(agent=agent, name="empty", prefix="", token_hash=tokens.digest(""))
    assert actions.authenticate_token(raw) is None


def test_revoked_expired_and_orphaned_tokens_are_dead(agent: Agent) -> None:
    now = clock.now()
    raw = actions.create_token(email=agent.email, expires_at=now + timedelta(days=1))
    assert actions.authenticate_token(raw, now=now) == agent
    assert actions.authenticate_token(raw, now=now + timedelta(days=2)) is None
    other = actions.create_token(email=agent.email)
    actions.revoke_token(token=ApiToken.objects.get(token_hash=tokens.digest(other)), actor=SYSTEM)
    assert actions.authenticate_token(other) is None
    third = actions.create_token(email=agent.email)
    actions.create_agent(email="boss@x.example", name="Boss", role="administrator")
    actions.deactivate(agent=agent, actor=SYSTEM)
    assert actions.authenticate_token(third) is None
    with pytest.raises(Agent.DoesNotExist):
        actions.create_token(email=agent.email)


def invited(django_capture_on_commit_callbacks) -> str:  # type: ignore[no-untyped-def]
    with django_capture_on_commit_callbacks(execute=True):
        actions.invite(email="Nuova@X.example", name="Nuova", role="light", actor=SYSTEM)
    body = str(mail.outbox[-1].body)
    return next(word for word in body.split() if "/invitation/" in word).rsplit("/", 1)[1]


def test_an_invitation_works_once_by_post_and_never_by_get(
    client: Client, django_capture_on_commit_callbacks
) -> None:  # type: ignore[no-untyped-def]
    raw = invited(django_capture_on_commit_callbacks)
    url = reverse("accept_invitation", args=[raw])
    for _ in range(2):
        assert client.get(url).status_code == 200
    assert not Agent.objects.exists()
    answer = client.post(
        url,
        {
            "name": "Nuova Persona",
            "password": "lungo-abbastanza-9",
            "role": "administrator",
            "is_superuser": "1",
        },
    )
    assert answer.status_code == 302
    agent = Agent.objects.get()
    assert agent.email == "nuova@x.example"
    assert not agent.is_superuser
    assert [g.role for g in agent.grants.all()] == ["light"]
    assert Client().get(url).status_code == 410
    assert Client().post(url, {"name": "X", "password": "lungo-abbastanza-9"}).status_code == 410
    assert Event.objects.filter(type="rights_changed").count() == 1


def test_an_invitation_ends_after_seven_days_and_with_its_successor(
    django_capture_on_commit_callbacks,
) -> None:  # type: ignore[no-untyped-def]
    first = invited(django_capture_on_commit_callbacks)
    second = invited(django_capture_on_commit_callbacks)
    now = clock.now()
    assert find_invitation(first, now=now) is None
    assert find_invitation(second, now=now) is not None
    assert find_invitation(second, now=now + timedelta(days=8)) is None


@pytest.mark.parametrize("raw", [w for w in WRONG if isinstance(w, str) and w != "A" * 43])
def test_blank_invitation_tokens_match_nobody(raw: str) -> None:
    Invitation.objects.create(
        email="x@x.example",
        token_hash=tokens.digest(raw),
        expires_at=clock.now() + timedelta(days=1),
    )
    assert find_invitation(raw, now=clock.now()) is None


def test_no_invitation_for_who_is_an_agent(agent: Agent) -> None:
    with pytest.raises(actions.InvitationRefused):
        actions.invite(email="GIULIA@x.example", actor=SYSTEM)


def test_the_last_administrator_stays() -> None:
    boss = actions.create_agent(email="boss@x.example", name="Boss", role="administrator")
    with pytest.raises(actions.LastAdministrator):
        actions.deactivate(agent=boss, actor=SYSTEM)
    with pytest.raises(actions.LastAdministrator):
        actions.set_grants(agent=boss, grants=[("agent", None, None)], actor=SYSTEM)
    boss.refresh_from_db()
    assert boss.is_active
    assert boss.grants.get().role == "administrator"


def test_a_private_team_is_not_deleted_under_its_tickets() -> None:
    team = Team.objects.create(name="Legale", slug="legale", is_private=True)
    with pytest.raises(actions.TeamIsPrivate):
        actions.delete_team(team=team, actor=SYSTEM)
