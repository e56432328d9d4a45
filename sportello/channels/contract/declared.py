"""What a provider declares: what its channel can do, its settings, and sentences for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any


class Said(str):
    """A sentence for people: English as it stands; `template` and `parts` let a page translate it."""

    template: str
    parts: Mapping[str, object]


def said(template: str, /, **parts: object) -> Said:
    """``said("The folder {folder} is open.", folder=name)``. The template is an English message id."""
    sentence = Said(template.format(**parts) if parts else template)
    sentence.template, sentence.parts = template, parts
    return sentence


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the settings page's test: a real call, what it said, and the way out.

    Sentences written with `said` are shown in the reader's language.
    """

    title: str
    ok: bool | None
    detail: str = ""
    milliseconds: int | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the channel can do. False means: the provider cannot be told."""

    html: bool = False
    subject: bool = False
    cc: bool = False
    files: bool = False
    max_file_bytes: int = 0
    max_text: int = 0
    """Characters; 0 = no limit."""
    typing: bool = False
    read_receipts: bool = False
    delivery_receipts: bool = False
    quick_replies: int = 0
    templates: bool = False
    media: tuple[str, ...] = ()
    """Media types that may be sent, like ``image/*`` or ``application/pdf``; empty means any."""
    public: bool = False
    """What is said here can be read by strangers."""
    private_too: bool = False
    """Of a public channel: carries private talks as well; only what hangs on something public is public."""
    reactions: bool = False
    edits: bool = False
    """Tells when customers edit or withdraw what they wrote."""
    reply_window: timedelta | None = None
    """How long after the customer's last word anything may be answered. Not in public."""
    human_window: timedelta | None = None
    """How long a person may still answer, where that is longer. Counted from the same word."""
    hides: bool = False
    """Can hide what strangers wrote in public (`Provider.hide`)."""
    private_answer: timedelta | None = None
    """For how long a public item can be answered in private; see `Provider.private_kind`."""
    live: bool = False
    """The customer sits in front of it: answers are wanted in seconds, undo-send is off."""
    undo_send: bool = True
    inbound_webhook: bool = True
    outbound: bool = True


class FieldKind(StrEnum):
    TEXT = "text"
    SECRET = "secret"
    NUMBER = "number"
    BOOLEAN = "boolean"
    URL = "url"
    EMAIL = "email"
    LINES = "lines"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of the settings form. Labels are English message ids; `it` comes from the catalogue."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    help: str = ""
    default: Any = ""
    choices: tuple[tuple[str, str], ...] = ()
    advanced: bool = False


@dataclass(frozen=True, slots=True)
class Challenge:
    """A vendor's question whether this is the right address: answer it so."""

    status: int
    body: str = ""
    content_type: str = "text/plain"
