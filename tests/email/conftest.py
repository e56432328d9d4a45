"""Peers that the mail tests talk to."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.email.dovecot import Dovecot


@pytest.fixture
def dovecot_is_here() -> None:
    if shutil.which("dovecot") is None:
        pytest.skip("dovecot is not installed (apt-get install dovecot-imapd)")


@pytest.fixture
def dovecot(dovecot_is_here: None) -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder:
        server = Dovecot(Path(folder))
        server.start()
        yield server
        server.stop()
