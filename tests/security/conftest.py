"""The workspace's shop and the real port, borrowed from where they are at home."""

from __future__ import annotations

from tests.widget.conftest import door
from tests.workspace.conftest import desk

__all__ = ["desk", "door"]
