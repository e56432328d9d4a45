"""One mail, read as a report about another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sportello.channels.contract import StatusUpdate
from sportello.channels.providers.email.bounces.prose import free_text
from sportello.channels.providers.email.bounces.reasons import Report
from sportello.channels.providers.email.bounces.returned import MAX_TEXT, id_in, returned
from sportello.channels.providers.email.bounces.signs import looks_like_one
from sportello.channels.providers.email.bounces.standard import complaint_of, fields_of, standard
from sportello.channels.providers.email.mime import Part

MAX_RECIPIENTS = 50


@dataclass(frozen=True, slots=True)
class Bounce:
    reports: tuple[Report, ...]
    original_id: str
    """Message-ID of the mail that came back, "" when nothing of it was returned."""
    complaint: bool = False

    def updates(self, at: datetime | None) -> list[StatusUpdate]:
        """What became of our mail; empty when we cannot tell which mail it was."""
        if not self.original_id:
            return []
        return [
            StatusUpdate(
                self.original_id,
                r.status,
                r.reason,
                recipient=r.recipient,
                at=at,
                permanent=r.permanent,
            )
            for r in self.reports
        ]


def read(root: Part, leaves: list[Part]) -> Bounce | None:
    """The bounce in this mail, or None when it is none."""
    status_parts = [
        p for p in leaves if p.type in ("message/delivery-status", "message/global-delivery-status")
    ]
    feedback = [p for p in leaves if p.type == "message/feedback-report"]
    if not status_parts and not feedback and not looks_like_one(root, leaves):
        return None
    text = "\n".join(
        p.text()[:MAX_TEXT]
        for p in leaves
        if p.type.startswith("text/") and p.type != "text/rfc822-headers"
    )
    original = returned(leaves)
    original_id = original.get("message-id", "") or id_in(text)
    if feedback:
        return Bounce((complaint_of(feedback[0], original),), original_id, complaint=True)
    reports = [r for p in status_parts for r in standard(fields_of(p), text)]
    reports = reports or free_text(root, text, original)
    return Bounce(tuple(reports[:MAX_RECIPIENTS]), original_id)
