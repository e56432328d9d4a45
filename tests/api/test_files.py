"""Files: under any name, handed out to who may see them, never as something that runs."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from sportello.core import blobs
from sportello.core.models import StoredFile
from sportello.tickets import uploads
from sportello.workspace.files import disposition
from tests.api.company import Api, Firm

NAMES = [
    "plain.txt", "zero\u200bwidth.php", "\u200b.htaccess", ".htaccess", "r\u202etxt.exe", "nul\x00.png", "../../etc/passwd",
    "..\\..\\win.ini", "trailing.", "a" * 4096, 'quo"te.txt', "semi;colon.txt", "new\r\nline: x.txt", "più.pdf", "", "...", "%00.txt",
]  # fmt: skip


def upload(api: Api, content: bytes, name: str = "a.txt", kind: str = "text/html") -> str:
    made = api.client.post("/api/v1/files", {"file": SimpleUploadedFile(name, content, kind)})
    assert made.status_code == 201, made.content
    return str(made.json()["key"])


def hang(firm: Firm, content: bytes, name: str = "a.txt", place: str = "own") -> str:
    key = upload(firm.admin, content, name)
    number = firm.tickets[place].number
    made = firm.admin.post(f"/tickets/{number}/note", {"text": "x", "attachments": [key]})
    assert made.status_code == 201, made.content
    return f"/files/{key}"


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def jpeg(width: int = 800, height: int = 600) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "canary-exif"
    Image.new("RGB", (width, height), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_no_name_does_harm(firm: Firm, name: str) -> None:
    file = uploads.take_in(
        agent=firm.admin.agent,
        name=name,
        content_type="text/html",
        content=b"<script>1</script>",
        now=_now(),
    )
    path = blobs.path_of(file.blob_id)
    assert path.is_relative_to(blobs.root())
    assert path.name == file.blob_id
    answer = firm.admin.client.get(f"/files/{file.key}")
    header = answer["Content-Disposition"]
    assert header.startswith("attachment; filename=")
    assert "filename*=UTF-8''" in header
    assert not set(header) & set("\r\n\x00\u200b\u202e/\\")
    assert answer["Content-Type"] == "application/octet-stream"
    assert len(file.name) <= 255


def _now() -> Any:
    from sportello.core.clock import now

    return now()


def test_every_header_that_keeps_it_quiet(firm: Firm) -> None:
    answer = firm.admin.client.get(hang(firm, b"<svg onload=alert(1)>", "a.svg"))
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].startswith("attachment")


def test_only_true_pictures_are_shown_in_place(firm: Firm) -> None:
    shown = firm.admin.client.get(hang(firm, jpeg(), "a.html"))
    assert shown["Content-Type"] == "image/jpeg"
    assert shown["Content-Disposition"].startswith("inline")
    for lie in (
        b"\x89PNG\r\n\x1a\n<script>",
        b"GIF89a/*<script>*/",
        b"RIFF0000WEBP<script>",
        b"BM<script>",
    ):
        answer = firm.admin.client.get(hang(firm, lie, "a.png"))
        assert answer["Content-Disposition"].startswith("attachment"), lie


def test_a_thumbnail_is_drawn_anew(firm: Firm) -> None:
    path = hang(firm, jpeg(), "a.jpg")
    small = firm.admin.client.get(f"{path}?size=thumb")
    assert small["Content-Type"] == "image/webp"
    assert b"canary-exif" not in small.content
    assert max(Image.open(io.BytesIO(small.content)).size) <= 444
    assert (
        firm.admin.client.get(hang(firm, b"no picture", "b.png") + "?size=thumb").status_code == 404
    )


def test_who_gets_a_file(firm: Firm) -> None:
    path = hang(firm, b"secret", place="private")
    assert body(firm.admin.client.get(path)) == b"secret"
    for role in ("supervisor", "giulia", "member", "light", "other_brand_agent"):
        assert getattr(firm, role).client.get(path).status_code == 404
    assert Client(headers={"host": "localhost"}).get(path).status_code == 404
    assert firm.admin.client.get("/files/" + "x" * 43).status_code == 404
    assert firm.admin.client.post(path).status_code == 405
    own = f"/files/{upload(firm.giulia, b'mine')}"
    assert body(firm.giulia.client.get(own)) == b"mine"
    assert firm.admin.client.get(own).status_code == 404


def test_a_signed_in_agent_gets_it_in_the_browser(firm: Firm) -> None:
    browser = Client(headers={"host": "localhost"})
    browser.force_login(
        firm.giulia.agent, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert browser.get(hang(firm, b"x")).status_code == 200
    assert browser.get(hang(firm, b"x", place="private")).status_code == 404


def test_the_files_own_origin(firm: Firm, settings: Any) -> None:
    """Signed for a minute, for one agent and one file, and the right is asked again there."""
    settings.SPORTELLO_FILES_URL = "https://files.example"
    settings.ALLOWED_HOSTS = ["localhost", "files.example"]
    browser = Client(headers={"host": "localhost"})
    browser.force_login(
        firm.giulia.agent, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    path, other = hang(firm, b"x"), hang(firm, b"y")
    away = browser.get(path)
    assert away.status_code == 302
    assert away["Location"].startswith(f"https://files.example{path}?s=")
    there = Client(headers={"host": "files.example"})
    signed = away["Location"].removeprefix("https://files.example")
    assert body(there.get(signed)) == b"x"
    assert there.get(path).status_code == 404
    assert there.get(signed.replace(path, other)).status_code == 404
    assert there.get(signed[:-2] + "AA").status_code == 404
    firm.giulia.agent.grants.all().delete()
    assert there.get(signed).status_code == 404


def test_a_file_may_not_be_too_large_nor_too_many(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 10)
    monkeypatch.setattr(uploads, "QUOTA", 25)
    url = "/api/v1/files"
    assert (
        firm.giulia.client.post(url, {"file": SimpleUploadedFile("a", b"x" * 11)}).status_code
        == 413
    )
    answers = [
        firm.giulia.client.post(url, {"file": SimpleUploadedFile("a", b"x" * 10)}) for _ in range(3)
    ]
    assert [a.status_code for a in answers] == [201, 201, 429]
    assert answers[2]["Retry-After"]
    assert StoredFile.objects.filter(owner=f"agent:{firm.giulia.agent.pk}").count() == 2
    two = {"file": SimpleUploadedFile("a", b"x"), "owner": "agent:1"}
    assert firm.giulia.client.post(url, two).status_code == 422


def test_both_forms_of_the_name() -> None:
    header = disposition("attachment", 'Più "belle".pdf')
    assert (
        header
        == "attachment; filename=\"Pi_ _belle_.pdf\"; filename*=UTF-8''Pi%C3%B9%20%22belle%22.pdf"
    )
