"""What the widget keeps of people: exported, erased, and forgotten by itself when nobody came back."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest

from sportello.channels import spool
from sportello.channels.contract import Raw
from sportello.core import files
from sportello.core.clock import now
from sportello.core.models import StoredFile
from sportello.tickets import applier
from sportello.widget import holdings
from sportello.widget.models import Visitor
from tests import walk

pytestmark = pytest.mark.django_db


def come(shop: walk.Shop, *, says: str = "", days_ago: int = 0) -> Visitor:
    at = now() - timedelta(days=days_ago)
    visitor = Visitor.objects.create(
        uuid=uuid.uuid4(),
        channel=shop.chat,
        token_hash="x",
        page="/moka",
        created_at=at,
        last_seen_at=at,
    )
    if says:
        frame = {"visitor": str(visitor.uuid), "say": {"id": str(uuid.uuid4()), "text": says}}
        raw = Raw(json.dumps(frame).encode(), source="widget")
        spool.store([spool.SpoolItem(shop.chat.pk, f"visitor:{visitor.uuid}", (), raw)])
        applier.drain_all()
    return visitor


def test_a_contacts_browser_is_exported_and_erased_with_its_unsent_files() -> None:
    shop = walk.open_shop()
    ada, other = come(shop, says="ciao"), come(shop)
    files.save(b"x", name="a.png", content_type="image/png", owner=f"visitor:{ada.uuid}")
    contact = walk.only_ticket().contact_id
    assert [row["page"] for row in holdings._export(contact)] == ["/moka"]
    holdings._erase(contact)
    assert list(Visitor.objects.all()) == [other]
    assert not StoredFile.objects.exists()


def test_who_never_wrote_is_forgotten_and_who_did_is_not() -> None:
    shop = walk.open_shop()
    come(shop, days_ago=31)
    kept = {come(shop, says="ciao", days_ago=31), come(shop, days_ago=3)}
    old = files.save(b"x", name="a.png", content_type="image/png", owner=f"visitor:{uuid.uuid4()}")
    StoredFile.objects.filter(pk=old.pk).update(created_at=now() - timedelta(days=3))
    holdings.forget_the_silent(now())
    assert set(Visitor.objects.all()) == kept
    assert not StoredFile.objects.exists()
