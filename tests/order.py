"""Which tests share a worker, and which begin: whole files, those of the served demo together, the long ones first."""

from __future__ import annotations

from typing import override

import pytest
from xdist.scheduler import LoadScopeScheduling

SERVED = (
    "tests/browser/test_accessibility.py",  # first: it looks at the demo as it moved in
    "tests/browser/test_ways.py",
    "tests/browser/test_workspace.py",
    "tests/browser/test_composer.py",
    "tests/journeys/test_chat_journey.py",
    "tests/journeys/test_mail_journey.py",
    "tests/security/test_leaks.py",
)
"""Files with tests of ``sportello_server``: in one worker, for which the product is started once."""

LONG = (
    "tests/crash/test_kill.py",
    "tests/realtime/test_several_nodes.py",
    "tests/config/test_tree.py",
    "tests/email/test_pollers.py",
    "tests/browser/test_widget_pictures.py",
    "tests/browser/test_settings.py",
    "tests/browser/test_widget.py",
    "tests/config/test_embedded_postgres.py",
    "tests/security/test_routes.py",
)
"""Files that take many seconds, the longest first: begun last, they would be all that still runs."""

MOVING_IN = 300
"""Seconds, at most, of a test that may be the first: the demo company moves in, on a machine that others use, too."""


def unit_of(nodeid: str) -> str:
    """What goes to a worker as a whole."""
    path = nodeid.split("::", 1)[0]
    return SERVED[0] if path in SERVED else path


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """A free worker gets the next file: what a file's tests share is set up once."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def arrange(items: list[pytest.Item]) -> None:
    """In the order in which they are begun. Raises `UsageError` for a file that would start the product once more."""
    for item in items:
        if "sportello_server" in getattr(item, "fixturenames", ()):
            path = item.nodeid.split("::", 1)[0]
            if path not in SERVED:
                raise pytest.UsageError(f"{path} uses sportello_server: name it in tests/order.py")
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(MOVING_IN))
    ranks = {path: rank for rank, path in enumerate((*SERVED, *LONG))}
    items.sort(key=lambda item: ranks.get(item.nodeid.split("::", 1)[0], len(ranks)))
