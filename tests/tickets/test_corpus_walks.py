"""Every mail at hand goes the whole way: accepted, on a ticket, nothing parked."""

from __future__ import annotations

import pytest

from sportello.channels.models import SpoolItem, SpoolParked, SpoolTodo
from sportello.tickets import applier
from sportello.tickets.models import Message
from tests import walk
from tests.email import fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]


def test_all_shared_mails_end_on_tickets() -> None:
    shop = walk.open_shop()
    folders = ("email", "email-bounces", "email-replies")
    mails = [path.read_bytes() for name in folders for path in fixtures.files(name)]
    for start in range(0, len(mails), 200):
        walk.accept(shop.mail, *mails[start : start + 200])
        applier.drain_all()
    parked = [p.traceback.strip().rsplit("\n", 1)[-1] for p in SpoolParked.objects.all()]
    assert not parked
    assert not SpoolTodo.objects.exists()
    applied = set(Message.objects.values_list("spool_id", flat=True))
    missing = set(SpoolItem.objects.values_list("pk", flat=True)) - applied
    said = set(SpoolItem.objects.filter(pk__in=applied).values_list("content_hash", flat=True))
    lost = SpoolItem.objects.filter(pk__in=missing).exclude(content_hash__in=said)
    assert lost.count() < len(mails) * 0.03, list(lost.values_list("external_ids", flat=True))
