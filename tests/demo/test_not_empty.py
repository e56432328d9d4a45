"""The demo company and people who are there already."""

from __future__ import annotations

import pytest

from sportello.accounts.models import Agent, Company
from sportello.demo.seed import NotEmpty, seed


@pytest.mark.django_db
def test_the_demo_does_not_move_in_where_somebody_works() -> None:
    Agent.objects.create_user("somebody@work.example", "a-long-password", name="Somebody")
    with pytest.raises(NotEmpty):
        seed()
    assert not Company.objects.filter(is_demo=True).exists()
