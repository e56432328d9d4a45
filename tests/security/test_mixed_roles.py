"""One agent, two roles: what he may do in one team he may not do in the other."""

from __future__ import annotations

from sportello.accounts.models import Grant, Role
from tests.api.company import Api
from tests.workspace.conftest import Desk


def test_a_contact_is_changed_only_by_who_may_answer_him_somewhere(desk: Desk) -> None:
    """Light everywhere, agent in one private team: customers of the others he only reads."""
    mixed = desk.agents["light"]
    Grant.objects.create(agent=mixed, role=Role.AGENT, team=desk.secret)
    api = Api(mixed)
    for place, status in (("public", 403), ("secret", 200)):
        contact = desk.tickets[place].contact_id
        assert api.get(f"/contacts/{contact}").status_code == 200
        assert api.patch(f"/contacts/{contact}", {"notes": "x"}).status_code == status, place
