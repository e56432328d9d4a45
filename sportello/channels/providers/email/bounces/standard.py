"""Reports as RFC 3464 and RFC 5965 have them."""

from __future__ import annotations

import re

from sportello.channels.contract import Status
from sportello.channels.providers.email import mime
from sportello.channels.providers.email.bounces.reasons import (
    MAX_REASON,
    Report,
    report_of,
    sentence_about,
)
from sportello.channels.providers.email.bounces.returned import MAX_TEXT
from sportello.channels.providers.email.headers import addresses, as_text, normal_address
from sportello.channels.providers.email.mime import Part


def fields_of(part: Part) -> list[dict[str, str]]:
    """A delivery-status body: one dictionary for the message, then one for each recipient."""
    groups: list[dict[str, str]] = []
    for block in re.split(
        rb"\r?\n[ \t]*\r?\n",
        part.content()[:MAX_TEXT].replace(b"\r\n", b"\n").replace(b"\r", b"\n").strip(),
    ):
        headers, _ = mime.split_headers(block.strip(b"\r\n") + b"\n\n")
        if headers:
            groups.append({name: as_text(value) for name, value in reversed(headers)})
    return groups


def standard(groups: list[dict[str, str]], text: str) -> list[Report]:
    """One report for each recipient that the groups name; `text` is where words are looked for."""
    found = []
    for group in groups:
        recipient = (
            group.get("final-recipient")
            or group.get("original-recipient")
            or group.get("x-actual-recipient")
        )
        if not recipient and not (group.get("status") or group.get("action")):
            continue
        address = normal_address((recipient or "").rpartition(";")[2].strip(" <>"))
        if not address or "@" not in address:
            other = (
                group.get("original-recipient") or group.get("x-actual-recipient") or ""
            ).rpartition(";")[2]
            address = normal_address(other.strip(" <>")) if "@" in other else address
        diagnostic = group.get("diagnostic-code", "")
        kind, _, said = diagnostic.partition(";")
        said = (said or kind).strip() or sentence_about(text, address)
        found.append(
            report_of(address, group.get("status", ""), said, group.get("action", "").lower())
        )
    return found


def complaint_of(part: Part, original: dict[str, str]) -> Report:
    """Somebody called our mail spam: his provider says so (RFC 5965)."""
    fields: dict[str, str] = {}
    for group in fields_of(part):
        fields |= group
    recipient = (
        fields.get("original-rcpt-to") or fields.get("removal-recipient") or original.get("to", "")
    )
    found = addresses(recipient)
    kind = fields.get("feedback-type", "abuse")
    reason = f"The recipient's provider reports a complaint: {kind}"
    return Report(found[0][1] if found else "", Status.FAILED, reason[:MAX_REASON], permanent=True)
