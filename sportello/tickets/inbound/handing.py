"""One webhook, several channels: what came to a sibling's address is handed to whom it concerns."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog

from sportello.channels.contract import Raw, Refused, Unreadable
from sportello.channels.queries import Mouth, siblings
from sportello.channels.spool import SpoolItem

SIBLING = "sibling"
"""`Raw.source` of what was handed over; it goes no further."""

log = structlog.get_logger(__name__)


def copies(raw: Raw, mouth: Mouth, *, received_at: datetime) -> list[SpoolItem]:
    """Copies for the channels of the family that the raw input is about, each verified by its own secret."""
    if raw.source == SIBLING:
        return []
    handed = replace(raw, source=SIBLING)
    found = []
    for sibling in siblings(mouth):
        if _concerns(raw, sibling):
            envelope = sibling.provider.envelope(raw)
            found.append(
                SpoolItem(
                    sibling.id, envelope.order_key, envelope.external_ids, handed, received_at
                )
            )
    return found


def _concerns(raw: Raw, sibling: Mouth) -> bool:
    if not sibling.provider.concerns(raw, sibling.settings):
        return False
    try:
        sibling.provider.verify(raw, sibling.settings)
    except Refused:
        log.debug("handing.refused", channel=sibling.id)
        return False
    try:
        return bool(sibling.provider.parse(raw, sibling.settings))
    except Unreadable:
        return False  # nothing for anybody: the first channel parks it
    except Exception:
        log.exception("handing.not_parsed", channel=sibling.id)
        return True  # parked there, where it is visible and can be replayed
