"""Raw input grows old: let go of it, rows and files, never of what still waits to be applied or replayed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_noop

from sportello.channels import spool
from sportello.channels.models import SpoolItem, SpoolParked, SpoolTodo
from sportello.core import retention, sql
from sportello.core.models import Blob

_DROP = """
DELETE FROM channels_spoolitem i
WHERE i.id = ANY(%s)
  AND NOT EXISTS (SELECT FROM channels_spooltodo t WHERE t.item_id = i.id)
  AND NOT EXISTS (SELECT FROM channels_spoolparked p WHERE p.item_id = i.id)
RETURNING i.content_hash, i.size
"""


def drop(ids: Sequence[int]) -> int:
    """Delete these items; what waits or is parked stays. Messages keep the bare number of theirs."""
    if not ids:
        return 0
    with transaction.atomic():
        gone = sql.fetch(_DROP, [list(ids)])
        for digest, size in gone:
            if size > spool.INLINE_LIMIT:
                forget_body(digest)
    return len(gone)


_ERASE = """
WITH gone AS (
  SELECT id FROM channels_spoolitem WHERE id = ANY(%s) OR order_key = ANY(%s)
), todo AS (
  DELETE FROM channels_spooltodo WHERE item_id IN (SELECT id FROM gone)
), parked AS (
  DELETE FROM channels_spoolparked WHERE item_id IN (SELECT id FROM gone)
)
DELETE FROM channels_spoolitem WHERE id IN (SELECT id FROM gone) RETURNING content_hash, size
"""


def erase(ids: Sequence[int], order_keys: Sequence[str]) -> None:
    """A person is erased: these items and all that came under these keys go, waiting or not."""
    if not ids and not order_keys:
        return
    with transaction.atomic():
        for digest, size in sql.fetch(_ERASE, [list(ids), list(order_keys)]):
            if size > spool.INLINE_LIMIT:
                forget_body(digest)


def forget_body(digest: str) -> None:
    """The file of a large body, after the commit, unless something else has the same bytes."""
    if SpoolItem.objects.filter(content_hash=digest, body=None).exists():
        return
    if not Blob.objects.filter(sha256=digest).exists():
        transaction.on_commit(partial(spool.body_path(digest).unlink, missing_ok=True))


def _old(before: datetime) -> QuerySet[SpoolItem]:
    """Applied long ago. Replay stays possible for all that was not."""
    items = SpoolItem.objects.filter(received_at__lt=before)
    return items.exclude(Exists(SpoolTodo.objects.filter(item=OuterRef("pk")))).exclude(
        Exists(SpoolParked.objects.filter(item=OuterRef("pk")))
    )


def _clear(before: datetime, most: int) -> int:
    return drop(list(_old(before).values_list("pk", flat=True)[:most]))


retention.register(
    retention.Rule(
        "raw",
        gettext_noop("Raw input"),
        gettext_noop(
            "Mails and calls as they came. What is not applied yet, or parked, always stays."
        ),
        90,
        lambda before: _old(before).count(),
        _clear,
    )
)
