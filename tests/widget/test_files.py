"""Files of visitors: only a proven one uploads, within limits; nobody else opens them."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sportello.channels import webchats
from sportello.core import files as stored
from sportello.core.clock import now
from sportello.core.models import StoredFile
from sportello.widget import files
from sportello.widget.models import Visitor
from tests import walk

pytestmark = pytest.mark.django_db
OWN = "http://localhost:8000"
TOKEN = "t" * 43


@pytest.fixture
def shop() -> walk.Shop:
    webchats._known.clear()
    cache.clear()
    return walk.open_shop()


@pytest.fixture
def ada(shop: walk.Shop) -> Visitor:
    return visitor(shop, TOKEN)


def visitor(shop: walk.Shop, token: str) -> Visitor:
    digest = hashlib.sha256(token.encode()).hexdigest()
    return Visitor.objects.create(
        uuid=uuid.uuid4(),
        channel=shop.chat,
        token_hash=digest,
        created_at=now(),
        last_seen_at=now(),
    )


def upload(
    shop: walk.Shop,
    who: Visitor,
    *,
    name: str = "tazza.png",
    content: bytes = b"bytes",
    **more: Any,
) -> Any:
    headers = {
        "origin": OWN,
        "x-sportello-visitor": str(who.uuid),
        "x-sportello-token": TOKEN,
    } | more
    file = SimpleUploadedFile(name, content, "image/png")
    return Client().post(f"/widget/{shop.chat.public_id}/files", {"file": file}, headers=headers)


def test_a_proven_visitor_uploads(shop: walk.Shop, ada: Visitor) -> None:
    answer = upload(shop, ada)
    assert answer.status_code == 201
    assert answer.json() | {"key": ""} == {
        "key": "",
        "name": "tazza.png",
        "type": "image/png",
        "size": 5,
    }
    assert StoredFile.objects.get().owner == f"visitor:{ada.uuid}"
    assert answer["Access-Control-Allow-Origin"] == OWN


def test_without_the_right_secret_nothing_is_stored(shop: walk.Shop, ada: Visitor) -> None:
    other = visitor(shop, "o" * 43)
    assert upload(shop, ada, **{"x-sportello-token": "o" * 43}).status_code == 401
    assert upload(shop, other).status_code == 401
    assert upload(shop, ada, **{"x-sportello-visitor": "{'$ne': 1}"}).status_code == 401
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost:8000.evil.example", "null"]
)
def test_other_sites_do_not_upload(shop: walk.Shop, ada: Visitor, origin: str) -> None:
    assert upload(shop, ada, origin=origin).status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        "x.html",
        "x.svg",
        "x.HTML",
        "x.php.",
        "tazza.png.exe",
        "x.ht\u200bml",
        "..\\..\\x.js",
        "\u202egnp.exe",
    ],
)
def test_programs_and_pages_are_refused(shop: walk.Shop, ada: Visitor, name: str) -> None:
    assert upload(shop, ada, name=name).status_code == 415


def test_large_files_many_files_and_full_quotas_are_refused(
    shop: walk.Shop, ada: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert upload(shop, ada, content=b"x" * (files.LARGEST + 1)).status_code == 413
    monkeypatch.setattr(files, "QUOTA", 12)
    assert [upload(shop, ada, content=b"12345%d" % n).status_code for n in range(3)] == [
        201,
        201,
        429,
    ]
    monkeypatch.setattr(files, "QUOTA", 10**9)
    assert {upload(shop, ada).status_code for _ in range(files.PER_TEN_MINUTES)} == {201, 429}


def test_a_link_shows_a_file_to_its_owner_as_a_download_and_to_nobody_else(
    shop: walk.Shop, ada: Visitor
) -> None:
    chat = webchats.site_chat(shop.chat.public_id)
    assert chat is not None
    mine = stored.save(
        b"<script>", name="a\u202e.html", content_type="text/html", owner=f"visitor:{ada.uuid}"
    )
    secret = stored.save(b"secret", name="b.png", content_type="image/png", owner="agent:1")
    answer = Client().get(webchats.file_link(chat, str(ada.uuid), mine.key))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert Client().get(webchats.file_link(chat, str(ada.uuid), secret.key)).status_code == 404
    assert Client().get(webchats.file_link(chat, str(uuid.uuid4()), mine.key)).status_code == 404
    assert Client().get(f"/widget/{chat.public_id}/files/{mine.key}").status_code == 404


def test_the_browser_may_ask_first_and_only_listed_sites_get_a_yes(shop: walk.Shop) -> None:
    url = f"/widget/{shop.chat.public_id}/files"
    assert Client().options(url, headers={"origin": OWN}).status_code == 204
    assert Client().options(url, headers={"origin": "https://evil.example"}).status_code == 403
