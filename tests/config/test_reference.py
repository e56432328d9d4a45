"""The reference says what the code declares, and nothing that the code reads is left out."""

from __future__ import annotations

from sportello.config import reference


def test_every_variable_the_code_reads_is_described() -> None:
    assert reference.undescribed() == []
    assert list(reference.fields_without_variable()) == []


def test_pages_name_what_is_declared() -> None:
    assert "`message_received`" in reference.events()
    assert "`reply`" in reference.operations()
    assert "## E-mail (`email`)" in reference.providers()
    assert "fake" not in reference.providers().lower()
    assert "sportello token <email>" in reference.commands()
    assert "first-demo" not in reference.commands()
