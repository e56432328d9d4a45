"""What the API's tests share."""

from __future__ import annotations

import pytest

from tests.api.company import Firm, found


@pytest.fixture
def firm(db: None) -> Firm:
    return found()
