"""Files that a channel would not take as they are: made to fit, or refused in words."""

from __future__ import annotations

import random
import subprocess
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sportello.channels.contract import Capabilities, File
from sportello.core.clock import now
from sportello.core.models import StoredFile
from sportello.tickets import actions, uploads
from sportello.tickets.models import Delivery
from sportello.tickets.ways import reshaping
from sportello.tickets.ways.fitting import Piece, misfits
from sportello.tickets.ways.reshaping import DoesNotFit, can_fit, fit
from tests import walk

pytestmark = pytest.mark.django_db
PICTURES = Capabilities(files=True, max_file_bytes=60_000, media=("image/jpeg", "image/png"))


def picture(kind: str = "JPEG", size: tuple[int, int] = (900, 700), mode: str = "RGB") -> bytes:
    """Noise: it does not compress."""
    width, height = size
    depth = len(mode)
    noise = random.Random(1).randbytes(width * height * depth)
    out = BytesIO()
    Image.frombytes(mode, size, noise).save(out, kind)
    return out.getvalue()


def opened(file: File) -> Image.Image:
    return Image.open(BytesIO(file.content))


def test_what_fits_is_left_alone() -> None:
    small = File("a.jpg", "image/jpeg", picture(size=(20, 20)), media_ref="https://x/1")
    assert fit(small, PICTURES) is small
    assert fit(File("a.pdf", "application/pdf", b"%PDF"), Capabilities(files=True)).name == "a.pdf"


def test_a_large_picture_is_made_smaller() -> None:
    content = picture(size=(2000, 1500))
    made = fit(File("foto.jpg", "image/jpeg", content), replace(PICTURES, max_file_bytes=600_000))
    assert len(made.content) <= 600_000 < len(content)
    assert max(opened(made).size) in reshaping.SIDES
    assert made.name == "foto.jpg"


def test_another_kind_of_picture_becomes_one_that_is_taken() -> None:
    made = fit(File("foto.webp", "image/webp", picture("WEBP", (60, 40))), PICTURES)
    assert (made.name, made.content_type, opened(made).format) == ("foto.jpg", "image/jpeg", "JPEG")


def test_a_vendor_gets_a_link_to_the_smaller_one() -> None:
    webp = picture("WEBP", (60, 40))
    made = fit(File("foto.webp", "image/webp", webp, media_ref="https://x/original"), PICTURES)
    assert "/files/out/" in made.media_ref
    assert StoredFile.objects.get().owner == reshaping.OWNER
    reshaping.forget(now() + timedelta(hours=25))
    assert StoredFile.objects.exists()
    reshaping.forget(now() + timedelta(days=3))
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("a.pdf", "application/pdf", b"%PDF-"),
        ("a.jpg", "image/jpeg", b"no picture" * 10_000),
        ("a.jpg", "image/jpeg", picture(size=(2000, 1500))),
    ],
)
def test_what_cannot_fit_is_refused_in_words(name: str, kind: str, content: bytes) -> None:
    limits = replace(PICTURES, max_file_bytes=9_000)
    with pytest.raises(DoesNotFit, match=name):
        fit(File(name, kind, content), limits)


def test_sound_without_ffmpeg_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reshaping, "has_ffmpeg", lambda: False)
    limits = Capabilities(files=True, media=("audio/mp4",))
    assert not can_fit("audio/webm", 10, limits)
    with pytest.raises(DoesNotFit, match="ffmpeg"):
        fit(File("voce.webm", "audio/webm", b"x"), limits)


def test_sound_is_converted_to_what_the_channel_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With ffmpeg in disguise: what it is asked, and that only files may be opened."""
    asked: list[list[str]] = []

    def ffmpeg(command: list[str], **options: Any) -> None:
        asked.append(command)
        Path(command[-1]).write_bytes(b"converted")

    monkeypatch.setattr(reshaping, "has_ffmpeg", lambda: True)
    monkeypatch.setattr(subprocess, "run", ffmpeg)
    limits = Capabilities(files=True, media=("image/*", "audio/mpeg"))
    assert can_fit("audio/webm", 10, limits)
    made = fit(File("voce.webm", "audio/webm", b"x"), limits)
    assert (made.name, made.content_type, made.content) == ("voce.mp3", "audio/mpeg", b"converted")
    assert asked[0][asked[0].index("-protocol_whitelist") + 1] == "file"


def test_a_large_picture_is_no_misfit_and_leaves_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = walk.open_shop()
    code = shop.fake.code
    limits = replace(code.capabilities, files=True, max_file_bytes=300_000, media=("image/jpeg",))
    monkeypatch.setattr(type(code), "capabilities", limits)
    content = picture("PNG", (500, 400))
    assert len(content) > 300_000
    pieces = [Piece("foto.png", "image/png", len(content))]
    assert list(misfits(code, "Fake", length=1, files=pieces)) == []
    pdf = [Piece("a.pdf", "application/pdf", 10)]
    assert len(list(misfits(code, "Fake", length=1, files=pdf))) == 1
    ticket = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "hi"))).ticket
    file = uploads.take_in(
        agent=shop.giulia, name="foto.png", content_type="image/png", content=content, now=now()
    )
    message = actions.reply(
        ticket=ticket, actor=shop.actor(), now=now(), text="look", files=[file.key]
    )
    walk.send_due()
    assert Delivery.objects.get().state == "sent", Delivery.objects.get().reason
    (sent,) = code.sent[-1].files  # type: ignore[attr-defined]
    assert (sent.name, sent.content_type) == ("foto.jpg", "image/jpeg")
    assert message.attachments.get().size == len(content), "the original stays with the message"
