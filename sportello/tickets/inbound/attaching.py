"""The set-based writes of files: those on disk become attachments, those at the vendor wait for a job."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sportello.core import sql
from sportello.core.plain import storable
from sportello.core.sql import columns
from sportello.tickets.arrival import PreparedFile

_BLOBS = """
INSERT INTO core_blob AS b (sha256, size, "references")
SELECT sha256, max(size), count(*) FROM unnest(%s::text[], %s::bigint[]) AS t(sha256, size) GROUP BY sha256 ORDER BY sha256
ON CONFLICT (sha256) DO UPDATE SET "references" = b."references" + EXCLUDED."references"
"""


_FILES = """
INSERT INTO core_storedfile (key, blob_id, name, content_type, owner, bound, created_at)
SELECT key, sha256, name, content_type, '', true, %s
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS t(key, sha256, name, content_type)
"""


_ATTACHMENTS = """
INSERT INTO tickets_attachment (message_id, file_id, name, content_type, size, inline, content_id)
SELECT t.message_id, f.id, f.name, f.content_type, b.size, t.inline, t.content_id
FROM unnest(%s::bigint[], %s::text[], %s::bool[], %s::text[], %s::text[]) WITH ORDINALITY
     AS t(message_id, key, inline, content_id, owner, n)
JOIN core_storedfile f ON f.key = t.key AND (t.owner = '' OR (f.owner = t.owner AND NOT f.bound))
JOIN core_blob b ON b.sha256 = f.blob_id
ORDER BY t.n
"""


_BIND = "UPDATE core_storedfile SET bound = true WHERE key = ANY(%s)"


def attach(rows: Sequence[tuple[int, PreparedFile, str]], *, now: datetime) -> None:
    """Rows: message, file, owner. What was uploaded before is bound only when its owner sent it."""
    _wait_for_media(rows, now=now)
    rows = [row for row in rows if not row[1].media_ref]
    if not rows:
        return
    new = [file for _, file, _ in rows if not file.is_stored]
    if new:
        sql.fetch(_BLOBS, [[f.sha256 for f in new], [f.size for f in new]])
        sql.fetch(_FILES, [now, *columns([(f.key, f.sha256, f.name, f.content_type) for f in new])])
    sql.fetch(
        _ATTACHMENTS,
        columns(
            [
                (message_id, f.key, f.inline, storable(f.content_id), owner if f.is_stored else "")
                for message_id, f, owner in rows
            ]
        ),
    )
    sql.fetch(_BIND, [[f.key for _, f, _ in rows if f.is_stored]])


_MEDIA = """
INSERT INTO tickets_pendingmedia (message_id, name, content_type, media_ref, attempts, trouble, due_at)
SELECT message_id, name, content_type, media_ref, 0, '', %s
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS t(message_id, name, content_type, media_ref)
"""


def _wait_for_media(rows: Sequence[tuple[int, PreparedFile, str]], *, now: datetime) -> None:
    """What still lies at the vendor is fetched by a job as soon as this is committed."""
    media = [(m, f.name, f.content_type, storable(f.media_ref)) for m, f, _ in rows if f.media_ref]
    if media:
        sql.fetch(_MEDIA, [now, *columns(media)])
