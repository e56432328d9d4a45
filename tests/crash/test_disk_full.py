"""No room on the disk: what cannot be kept is refused, and nothing of it stays behind."""

from __future__ import annotations

import asyncio
import hashlib
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from sportello.channels import spool
from sportello.channels.contract import Raw
from sportello.channels.models import SpoolItem, SpoolTodo
from tests import walk

ROOM = 1_000_000
LARGE = walk.mail_bytes(text="una riga lunga di testo\n" * 130_000)


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow beyond `ROOM`; writing more fails as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def files_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(settings, "SPORTELLO_FILES_DIR", tmp_path / "files")
    return tmp_path / "files"


@pytest.mark.django_db
def test_a_large_mail_is_refused_whole_and_taken_when_there_is_room_again(files_dir: Path) -> None:
    shop = walk.open_shop()
    with full_disk(), pytest.raises(OSError, match="too large"):
        walk.accept(shop.mail, LARGE)
    assert not SpoolItem.objects.exists()
    assert not SpoolTodo.objects.exists()
    assert not [path for path in files_dir.rglob("*") if path.is_file()]
    message = walk.arrive(shop.mail, LARGE)
    assert message.ticket.messages.count() == 1
    assert spool.body_path(hashlib.sha256(LARGE).hexdigest()).read_bytes() == LARGE


def test_the_doors_answer_that_they_are_away(files_dir: Path) -> None:
    async def knock() -> list[object]:
        writer = spool.Writer()
        await writer.start()
        items = [spool.SpoolItem(1, "ada", ("1",), Raw(body)) for body in (b"small", LARGE)]
        try:
            return list(await asyncio.gather(*map(writer.put, items), return_exceptions=True))
        finally:
            await writer.stop()

    with full_disk():
        answers = asyncio.run(knock())
    assert [type(answer) for answer in answers] == [spool.Away, spool.Away]
