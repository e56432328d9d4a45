"""The real port, borrowed from where it is at home."""

from __future__ import annotations

from tests.widget.conftest import door

__all__ = ["door"]
