"""The pages' browser, borrowed from where it is at home."""

from __future__ import annotations

from tests.browser.conftest import browser

__all__ = ["browser"]
