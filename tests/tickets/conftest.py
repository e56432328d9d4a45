"""The walk pokes over a connection of its own; it must be gone before the test database is."""

from collections.abc import Iterator

import pytest

from sportello.core import live


@pytest.fixture(scope="session", autouse=True)
def _close_live(django_db_setup: None) -> Iterator[None]:
    yield
    live.close()
