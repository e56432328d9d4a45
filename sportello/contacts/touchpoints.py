"""Touchpoints: written in batches by whoever notices, read by the profile, let go of after the company's days."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.db.models import Q, QuerySet

from sportello.contacts.trail import WATCHED, Touchpoint, TouchpointKind
from sportello.core import sql
from sportello.core.plain import storable

LONGEST = 200
"""Characters of a subject."""


@dataclass(frozen=True, slots=True)
class Touch:
    """One thing that somebody did. Names a contact, a visitor, or both."""

    kind: str
    at: datetime
    subject: str = ""
    contact_id: int | None = None
    visitor: str | None = None
    brand_id: int | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None


_INSERT = """
INSERT INTO contacts_touchpoint (contact_id, visitor, brand_id, kind, subject, meta, key, at)
SELECT who.contact_id, w.visitor, b.id, w.kind, w.subject, w.meta, w.key, w.at
FROM unnest(%s::bigint[], %s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::jsonb[], %s::text[],
            %s::timestamptz[]) AS w(contact_id, visitor, brand_id, kind, subject, meta, key, at)
LEFT JOIN accounts_brand b ON b.id = w.brand_id
LEFT JOIN contacts_contact c ON c.id = w.contact_id
LEFT JOIN contacts_identity i
  ON i.kind = 'visitor' AND i.address = w.visitor::text AND i.proof <> 'claimed'
CROSS JOIN LATERAL (SELECT coalesce(c.id, i.contact_id) AS contact_id) who
WHERE (who.contact_id IS NOT NULL OR w.visitor IS NOT NULL)
  AND NOT (w.kind = ANY(%s::text[]) AND coalesce((
    SELECT NOT said.given FROM contacts_consent said
    WHERE said.contact_id = who.contact_id AND said.purpose = 'profiling'
    ORDER BY said.id DESC LIMIT 1), false))
ON CONFLICT DO NOTHING
"""

_ADOPT = """
UPDATE contacts_touchpoint t SET contact_id = i.contact_id
FROM contacts_identity i
WHERE i.contact_id = ANY(%s) AND i.kind = 'visitor' AND i.proof <> 'claimed'
  AND t.visitor = i.address::uuid AND t.contact_id IS NULL
"""


def record_touchpoints(touches: Iterable[Touch]) -> None:
    """Keep them, in one statement. A visitor who is known by now counts as his contact.

    What has a key is kept once. Contacts that are gone, and looks of people who said no to profiling,
    are left out without a word. No event: these are too many, and nothing follows from a single one.
    """
    rows = [
        (
            t.contact_id,
            t.visitor,
            t.brand_id,
            TouchpointKind(t.kind).value,
            " ".join(storable(t.subject).split())[:LONGEST],
            json.dumps(dict(t.meta)),
            t.key,
            t.at,
        )
        for t in touches
    ]
    if rows:
        watched = sorted(kind.value for kind in WATCHED)
        sql.fetch(_INSERT, [*sql.columns(rows), watched])


def adopt(contact_ids: Sequence[int]) -> None:
    """Visitors who have become known: what they did before is theirs."""
    if contact_ids:
        sql.fetch(_ADOPT, [sorted(set(contact_ids))])


def page_viewed(
    url: str, title: str, *, visitor: str, brand_id: int | None, at: datetime
) -> Touch | None:
    """A page of the site. What stands behind ``?`` and ``#`` may name people and is not kept."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    host = parts.netloc.rpartition("@")[2]
    where = urlunsplit((parts.scheme, host, parts.path, "", ""))[:500]
    named = title or parts.path
    return Touch(
        TouchpointKind.PAGE, at, named, visitor=visitor, brand_id=brand_id, meta={"url": where}
    )


def touchpoints_of(
    contact_id: int, *, brands: frozenset[int] | None, kinds: Sequence[str] = ()
) -> QuerySet[Touchpoint]:
    """Newest first; all kinds when none is named. As far as the brands go; None is all of them."""
    rows = Touchpoint.objects.filter(contact_id=contact_id)
    if brands is not None:
        rows = rows.filter(Q(brand=None) | Q(brand__in=brands))
    return (rows.filter(kind__in=kinds) if kinds else rows).order_by("-at", "-id")
