"""What each role sees and answers: the pure table, and the database saying the same."""

from __future__ import annotations

import itertools

import pytest

from sportello.accounts.actions import create_agent
from sportello.accounts.models import Agent, Brand, Grant, Role, Team
from sportello.accounts.queries import agents_visible, rights_of, teams_visible, within
from sportello.accounts.rights import Rights
from sportello.channels.models import Channel

PUBLIC, PRIVATE, BRAND, OTHER = 1, 2, 10, 20
PLACES = [(None, False), (PUBLIC, False), (PRIVATE, True)]


@pytest.mark.parametrize(
    ("grant", "seen"),
    [
        (("administrator", None, None), {(t, b) for t, _ in PLACES for b in (BRAND, OTHER)}),
        (("administrator", None, BRAND), {(t, BRAND) for t, _ in PLACES}),
        (
            ("supervisor", None, None),
            {(None, BRAND), (PUBLIC, BRAND), (None, OTHER), (PUBLIC, OTHER)},
        ),
        (("agent", None, BRAND), {(None, BRAND), (PUBLIC, BRAND)}),
        (("agent", PRIVATE, None), {(PRIVATE, BRAND), (PRIVATE, OTHER)}),
        (("agent", PUBLIC, OTHER), {(PUBLIC, OTHER)}),
        (("light", None, None), {(None, BRAND), (PUBLIC, BRAND), (None, OTHER), (PUBLIC, OTHER)}),
    ],
)
def test_a_grant_opens_exactly_its_teams_and_brands(
    grant: tuple[str, int | None, int | None], seen: set[tuple[int | None, int]]
) -> None:
    rights = Rights.of(1, [grant])
    found = {
        (team, brand)
        for (team, private), brand in itertools.product(PLACES, (BRAND, OTHER))
        if rights.sees(team, private, brand)
    }
    assert found == seen
    answered = {
        (team, brand)
        for (team, private), brand in itertools.product(PLACES, (BRAND, OTHER))
        if rights.answers(team, private, brand)
    }
    assert answered == (set() if grant[0] == "light" else seen)


def test_nobody_sees_nothing_and_manages_nothing() -> None:
    rights = Rights()
    assert not rights.sees(None, False, BRAND)
    assert not rights.may_manage
    assert not rights.can_answer
    assert not rights.is_light


def test_an_administrator_of_one_brand_does_not_open_the_settings() -> None:
    assert not Rights.of(1, [("administrator", None, BRAND)]).may_manage
    assert Rights.of(1, [("administrator", None, None)]).may_manage


@pytest.mark.django_db
def test_the_database_filters_as_the_rights_say() -> None:
    brands = [Brand.objects.create(name=n, slug=n) for n in ("aurora", "altra")]
    public = Team.objects.create(name="Macchine", slug="macchine")
    private = Team.objects.create(name="Legale", slug="legale", is_private=True)
    agent = Agent.objects.create_user("a@x.example", "x", name="A")
    rows = [
        Channel.objects.create(provider="fake", name="c", brand=brand, team=team)
        for brand in brands
        for team in (None, public, private)
    ]
    for roles in itertools.combinations(
        itertools.product(Role.values, (None, public, private), (None, brands[0])), 1
    ):
        agent.grants.all().delete()
        for role, team, brand in roles:
            Grant.objects.create(agent=agent, role=role, team=team, brand=brand)
        rights = rights_of(agent)
        for answering in (False, True):
            asked = rights.answers if answering else rights.sees
            expected = {r.pk for r in rows if asked(r.team_id, r.team_id == private.pk, r.brand_id)}
            found = set(
                Channel.objects.filter(within(rights, answering=answering)).values_list(
                    "pk", flat=True
                )
            )
            assert found == expected, (roles, answering)


@pytest.mark.django_db
def test_who_was_deactivated_has_no_rights_left() -> None:
    agent = create_agent(email="a@x.example", name="A", role="administrator")
    assert rights_of(agent).may_manage
    agent.is_active = False
    assert rights_of(agent) == Rights(agent.pk)
    assert not agents_visible(agent).exists()


@pytest.mark.django_db
def test_private_teams_are_listed_to_members_only() -> None:
    public = Team.objects.create(name="Macchine", slug="macchine")
    private = Team.objects.create(name="Legale", slug="legale", is_private=True)
    everywhere = create_agent(email="a@x.example", name="A")
    member = create_agent(email="b@x.example", name="B", team=private)
    assert list(teams_visible(everywhere)) == [public]
    assert list(teams_visible(member)) == [private]
