"""One person's data as a file to hand over: JSON for machines, a page for people, and the files."""

from __future__ import annotations

import json
import tempfile
import zipfile
from datetime import datetime
from typing import IO, Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from sportello.accounts.queries import company
from sportello.contacts import fields, privacy
from sportello.contacts.models import Contact, ProfileField
from sportello.core import personal
from sportello.core.actors import Actor

IN_MEMORY = 8 * 1024 * 1024
"""Bytes up to which the archive never touches the disk."""


def dossier(
    *, contact: Contact, actor: Actor, now: datetime, with_confidential: bool = False
) -> IO[bytes]:
    """A ZIP, open for reading at its beginning: ``data.json``, ``index.html`` and ``files/``."""
    data = privacy.export(
        contact=contact, actor=actor, now=now, with_confidential=with_confidential
    )
    archive: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=2, default=str))
        names = _write_files(parts, contact.pk, with_confidential=with_confidential)
        parts.writestr("index.html", _page(contact, data, names))
    archive.seek(0)
    return archive


def _write_files(parts: zipfile.ZipFile, contact_id: int, *, with_confidential: bool) -> list[str]:
    """Under ``files/``, one by one: never all of them in memory."""
    names: list[str] = []
    for holding in personal.holdings():
        if holding.files is None or (holding.confidential and not with_confidential):
            continue
        for path, content in holding.files(contact_id):
            names.append(f"files/{path}")
            parts.writestr(names[-1], content)
    return names


def _page(contact: Contact, data: dict[str, Any], names: list[str]) -> str:
    """For the person: in his language where we speak it, else in the company's."""
    known = {"it", "en"}
    language = contact.language if contact.language in known else company().language
    with translation.override(language):
        sections = [
            (_(holding.title) if holding.title else holding.model, rows)
            for holding in personal.holdings()
            if (rows := data["data"].get(holding.model))
        ]
        about = {
            "contact": contact,
            "company": company(),
            "exported_at": data["exported_at"],
            "sections": [(title, [_lines(row) for row in rows]) for title, rows in sections],
            "files": names,
            "language": language,
        }
        return render_to_string("contacts/dossier.html", about)


def _lines(row: dict[str, Any]) -> list[tuple[str, Any]]:
    """Label and value of what says something."""
    return [
        (label(key), _noted(value) if key == "custom" else _said(value))
        for key, value in row.items()
        if value not in ("", None, [], {})
    ]


def _noted(custom: dict[str, Any]) -> str:
    """The company's own fields by their labels."""
    known = fields.details(ProfileField.Of.CONTACT, custom)
    told = [(one.field.label, one.shown) for one in known if one.shown]
    return "\n".join(f"{name}: {value}" for name, value in [*told, *fields.others(known, custom)])


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "\n".join(_said(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{label(key)}: {_said(part)}" for key, part in value.items() if part)
    return str(value)


def label(key: str) -> str:
    """What people call a field of the export."""
    words = {
        "name": _("Name"), "organization": _("Organization"), "language": _("Language"), "notes": _("Notes"),
        "custom": _("Other fields"), "blocked": _("Blocked"), "created_at": _("Since"), "kind": _("Kind"),
        "address": _("Address"), "display": _("As written"), "proof": _("Proof"), "how": _("How"),
        "proved_at": _("Proved on"), "number": _("Number"), "subject": _("Subject"), "status": _("Status"),
        "priority": _("Priority"), "tags": _("Tags"), "updated_at": _("Last change"), "ticket": _("Ticket"),
        "direction": _("Direction"), "channel": _("Channel"), "author": _("Author"), "text": _("Text"),
        "quoted": _("Quoted text"), "attachments": _("Attachments"), "purpose": _("Purpose"),
        "given": _("Agreed"), "source": _("Where it was said"), "text_version": _("Version"), "wording": _("Wording"), "at": _("When"),
        "asked_at": _("Asked on"), "due_at": _("Due"), "done_at": _("Done on"), "answered_at": _("Answered on"),
        "asked_for": _("Asked for"), "answers": _("Answers"), "files": _("Files"), "type": _("Kind"),
        "data": _("Data"), "occurred_at": _("When"), "sent_at": _("Sent on"), "values": _("Covered values"),
        "value": _("Value"), "message": _("Message"),
    }  # fmt: skip
    return words.get(key, key.replace("_", " "))
