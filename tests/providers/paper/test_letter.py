"""Letters: a scan in the folder becomes a ticket with a picture of its pages, once, and nothing else is read."""

from __future__ import annotations

import os
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from sportello.channels import spool
from sportello.channels.contract import Inbound, Raw, Refused, Unreadable
from sportello.channels.models import Channel
from sportello.channels.providers.letter import provider
from sportello.tickets import applier
from sportello.tickets.models import Attachment, Message
from tests import walk
from tests.providers.conformance import GARBAGE, impatient
from tests.providers.paper.sheets import sheet
from tests.workspace.conftest import BACKEND


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "letters"
    folder.mkdir()
    return folder


def settings_of(scans: Path) -> dict[str, Any]:
    return {"folder": scans.name, "scans": str(scans.parent)}


def lay(scans: Path, name: str, content: bytes, *, age: float = 60) -> Path:
    path = scans / name
    path.write_bytes(content)
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def polled(scans: Path) -> list[Raw]:
    return [raw for raw, _cursor in provider.poll(settings_of(scans), {}, impatient())]


def test_a_scan_is_taken_once_and_moved_only_after_it_was_stored(scans: Path) -> None:
    path = lay(scans, "Rossi reclamo.pdf", sheet())
    fetching = provider.poll(settings_of(scans), {}, impatient())
    raw, _cursor = next(fetching)
    assert path.exists()
    assert next(fetching, None) is None
    assert not path.exists()
    assert (scans / "taken" / "Rossi reclamo.pdf").read_bytes() == raw.body
    assert polled(scans) == []


def test_an_earlier_one_of_the_same_name_is_kept(scans: Path) -> None:
    for shade in (200, 100):
        lay(scans, "scan.pdf", sheet(shade=shade))
        polled(scans)
    assert {p.name for p in (scans / "taken").iterdir()} == {"scan.pdf", "scan-2.pdf"}


def test_what_still_grows_is_no_scan_or_leads_elsewhere_is_left_alone(
    scans: Path, tmp_path: Path
) -> None:
    lay(scans, "growing.pdf", sheet(), age=1)
    lay(scans, "notes.pdf", b"just words")
    lay(scans, ".hidden.pdf", sheet())
    lay(scans, "empty.pdf", b"")
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(sheet())
    (scans / "link.pdf").symlink_to(secret)
    (scans / "pipe.pdf").mkdir()
    assert polled(scans) == []
    assert secret.exists()


@pytest.mark.parametrize("name", ["..", "../etc", "/etc", "a/b", "", ".", "a\x00b", "-x"])
def test_the_folder_is_one_plain_name_below_the_scans(name: str, tmp_path: Path) -> None:
    settings = {"folder": name, "scans": str(tmp_path)}
    with pytest.raises(ValueError, match="folder"):
        next(provider.poll(settings, {}, impatient()))
    assert provider.check(settings, impatient())[0].ok is False


def test_the_check_says_where_it_is(tmp_path: Path) -> None:
    line = provider.check({"folder": "posta", "scans": str(tmp_path)}, impatient())[0]
    assert line.ok
    assert str(tmp_path / "posta") in line.detail


@pytest.mark.parametrize("kind", ["PDF", "TIFF", "JPEG"])
def test_the_type_is_told_by_the_bytes(kind: str) -> None:
    raw = Raw(sheet(kind), {"x-file-name": "..%2F..%2Fevil.exe"}, source="poll")
    [letter] = provider.parse(raw, {})
    assert isinstance(letter, Inbound)
    assert letter.external_id == provider.envelope(raw).external_ids[0]
    assert letter.files[0].name.startswith("evil.")
    assert kind[:3].lower() in letter.files[0].content_type or kind == "JPEG"


@pytest.mark.parametrize("body", GARBAGE)
def test_garbage_is_unreadable_and_nobody_knocks(body: bytes) -> None:
    assert provider.envelope(Raw(body)).order_key
    with pytest.raises(Unreadable):
        provider.parse(Raw(body), {})
    with pytest.raises(Refused):
        provider.verify(Raw(body), {})


def arrived(shop: walk.Shop, body: bytes, name: str = "Lettera.pdf") -> Message:
    channel, _made = Channel.objects.get_or_create(
        provider="letter", name="Posta", brand=shop.brand
    )
    raw = Raw(body, {"x-file-name": name}, source="poll")
    look = provider.envelope(raw)
    spool.store([spool.SpoolItem(channel.pk, look.order_key, look.external_ids, raw)])
    applier.drain_all()
    return Message.objects.latest("pk")


def test_a_letter_is_a_ticket_of_its_own_with_its_pages_drawn(db: None, settings: Any) -> None:
    settings.SPORTELLO_DEMO = True
    shop = walk.open_shop()
    first = arrived(shop, sheet(pages=3))
    second = arrived(shop, sheet("TIFF", pages=2), "Altra.tif")
    assert first.ticket_id != second.ticket_id
    assert first.ticket.contact_id != second.ticket.contact_id
    assert arrived(shop, sheet(pages=3)).pk == second.pk, "the same bytes are the same letter"
    client = Client()
    client.force_login(shop.giulia, backend=BACKEND)
    for message, pages in ((first, 3), (second, 2)):
        attachment = Attachment.objects.get(message=message)
        where = reverse("workspace:picture", args=[message.ticket.number, attachment.pk])
        drawing = client.get(where)
        assert drawing.status_code == 200
        assert "sandbox" in drawing["Content-Security-Policy"]
        small = Image.open(BytesIO(drawing.content))
        large = Image.open(BytesIO(client.get(f"{where}?large").content))
        assert large.height / large.width > small.height / small.width * (pages - 0.5)
        page = client.get(f"/app/tickets/{message.ticket.number}").content.decode()
        assert f"{where}?large" in page


def test_a_document_that_cannot_be_drawn_is_only_a_file(db: None, settings: Any) -> None:
    settings.SPORTELLO_DEMO = True
    shop = walk.open_shop()
    message = arrived(shop, b"%PDF-1.7\nbroken")
    attachment = Attachment.objects.get(message=message)
    client = Client()
    client.force_login(shop.giulia, backend=BACKEND)
    where = reverse("workspace:picture", args=[message.ticket.number, attachment.pk])
    assert client.get(where).status_code == 404
