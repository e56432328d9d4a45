"""What the API's tests share."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.api.company import Firm, found
from tests.database import standing


@pytest.fixture(scope="module")
def founded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Firm]:
    with standing(django_db_blocker):
        with django_db_blocker.unblock():
            firm = found()
        yield firm


@pytest.fixture
def firm(founded: Firm, db: None) -> Firm:
    """A company that is founded once a module and that each test may turn upside down."""
    return copy.deepcopy(founded)
