"""Viruses: what the scanner finds stays locked up, whichever way it came; without a scanner nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sportello.config.env import BadEnvironmentError, read
from sportello.core import files, scanning
from sportello.core.clock import now
from sportello.core.models import Blob, StoredFile, Verdict
from sportello.core.sniffing import sniffed, true_type
from sportello.tickets import actions, uploads
from sportello.tickets.models import Delivery, DeliveryState
from tests import walk
from tests.vendors.clamd import EICAR, Clamd
from tests.workspace.conftest import BACKEND

pytestmark = pytest.mark.django_db


@pytest.fixture
def clamd(settings: Any) -> Iterator[Clamd]:
    with Clamd() as clamd:
        settings.SPORTELLO_CLAMAV = clamd.where
        yield clamd


def stored(content: bytes, name: str = "a.bin") -> StoredFile:
    return files.save(content, name=name, content_type="application/octet-stream")


def test_without_a_scanner_files_go_as_they_are(settings: Any) -> None:
    assert not settings.SPORTELLO_CLAMAV
    assert files.read(stored(EICAR)) == EICAR


def test_what_is_found_never_leaves(clamd: Clamd) -> None:
    bad, good = stored(EICAR), stored(b"harmless")
    with pytest.raises(scanning.Infected, match="Eicar"):
        files.open_file(bad)
    assert files.read(good) == b"harmless"
    assert files.read(good) == b"harmless"
    assert len(clamd.scanned) == 2, "equal bytes are scanned once"


def test_the_finding_outlives_the_scanner(clamd: Clamd, settings: Any) -> None:
    bad = stored(EICAR)
    assert scanning.scan_waiting() == 1
    settings.SPORTELLO_CLAMAV = ""
    with pytest.raises(scanning.Infected):
        files.read(bad)


def test_while_the_scanner_is_away_nothing_leaves_unscanned(settings: Any) -> None:
    settings.SPORTELLO_CLAMAV = "127.0.0.1:9"
    file = stored(b"harmless")
    with pytest.raises(scanning.NotScanned):
        files.read(file)
    assert scanning.scan_waiting() == 0
    assert Blob.objects.get().verdict == ""


def test_what_is_too_large_for_it_is_said_to_be_unchecked(clamd: Clamd) -> None:
    clamd.limit = 10
    file = stored(b"x" * 400_000)
    assert len(files.read(file)) == 400_000
    assert Blob.objects.get().verdict == Verdict.UNCHECKED


def test_an_answer_that_cannot_be_read_is_no_yes(clamd: Clamd) -> None:
    clamd.answer = b"something new\0"
    with pytest.raises(scanning.NotScanned):
        files.read(stored(b"x"))


def test_a_socket_in_the_file_system_is_dialled(tmp_path: Path, settings: Any) -> None:
    settings.SPORTELLO_CLAMAV = str(tmp_path / "nobody.sock")
    with pytest.raises(scanning.NotScanned):
        files.read(stored(b"x"))


def test_the_environment_names_host_and_port_or_a_socket() -> None:
    assert read({"SPORTELLO_CLAMAV": "clam:3310"}).clamav == "clam:3310"
    assert read({"SPORTELLO_CLAMAV": "/run/clamd.ctl"}).clamav == "/run/clamd.ctl"
    with pytest.raises(BadEnvironmentError):
        read({"SPORTELLO_CLAMAV": "clam"})


def test_an_attachment_of_a_mail_is_shown_as_locked_up(clamd: Clamd, client: object) -> None:
    from django.test import Client

    assert isinstance(client, Client)
    shop = walk.open_shop()
    mail = walk.mail_bytes().replace(
        b"Content-Type: text/plain",
        b'Content-Type: application/pdf; name="conto.pdf"\r\nContent-Disposition: attachment; filename="conto.pdf"',
    )
    message = walk.arrive(shop.mail, mail.replace(b"Hello", EICAR))
    attachment = message.attachments.get()
    scanning.scan_waiting()
    client.force_login(shop.giulia, backend=BACKEND)
    number = message.ticket.number
    page = client.get(f"/app/tickets/{number}").content.decode()
    assert "Eicar-Signature" in page
    assert f"/app/tickets/{number}/attachment/{attachment.pk}" not in page
    assert client.get(f"/files/{attachment.file.key}").status_code == 404


def test_an_infected_upload_is_not_taken(clamd: Clamd) -> None:
    shop = walk.open_shop()
    with pytest.raises(uploads.InfectedUpload):
        uploads.take_in(
            agent=shop.giulia, name="a", content_type="text/plain", content=EICAR, now=now()
        )
    assert not StoredFile.objects.exists()
    assert not Blob.objects.exists()


def test_an_answer_waits_until_its_file_was_scanned(settings: Any, clamd: Clamd) -> None:
    shop = walk.open_shop()
    ticket = walk.arrive(shop.mail, walk.mail_bytes()).ticket
    where, settings.SPORTELLO_CLAMAV = settings.SPORTELLO_CLAMAV, "127.0.0.1:9"
    file = uploads.take_in(
        agent=shop.giulia, name="a.txt", content_type="text/plain", content=b"hi", now=now()
    )
    actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="See there.", files=[file.key])
    walk.send_due()
    delivery = Delivery.objects.get()
    assert delivery.state == DeliveryState.QUEUED
    assert "scanned" in delivery.reason
    settings.SPORTELLO_CLAMAV = where
    Delivery.objects.update(due_at=now())
    walk.send_due()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT


def test_bytes_tell_more_than_names() -> None:
    assert sniffed(b"\x89PNG\r\n\x1a\n...") == "image/png"
    assert true_type(b"<html><script>", "image/png") == "application/octet-stream"
    assert true_type(b"MZ\x90", "image/jpeg") == "application/octet-stream"
    assert true_type(b"\xff\xd8\xff\xe0", "image/png") == "image/jpeg"
    assert true_type(b"PK\x03\x04", "application/vnd.oasis.opendocument.text") == "application/vnd.oasis.opendocument.text"  # fmt: skip
    assert true_type(b"%PDF-1.7", "") == "application/pdf"
