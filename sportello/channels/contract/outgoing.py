"""What leaves: one message for one customer, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sportello.channels.contract.incoming import Address, File, Status


@dataclass(frozen=True, slots=True)
class Template:
    """A text approved by the vendor, sendable outside the reply window. `body` has ``{{1}}``, ``{{2}}``…"""

    name: str
    language: str
    body: str
    parameters: int = 0
    status: str = "approved"


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """A template with its parameters filled in."""

    name: str
    language: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A button under a message."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to bring to one customer on one channel, rendered by the provider as well as it can."""

    idempotency_key: str
    recipient: Address
    text: str
    html: str = ""
    subject: str = ""
    files: tuple[File, ...] = ()
    thread_ref: str = ""
    message_id: str = ""
    """Mail: our Message-ID with the token, without angle brackets."""
    reply_to: str = ""
    references: tuple[str, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    from_name: str = ""
    language: str = ""
    automatic: bool = False
    """True when no person wrote it: providers mark it so (RFC 3834) and never answer answers."""
    quoted_html: str = ""
    quoted_text: str = ""
    template: TemplateUse | None = None
    quick_replies: tuple[QuickReply, ...] = ()
    answers: str = ""
    """External id of the message to quote."""
    window_until: datetime | None = None
    """Until when free-form answers are allowed; None where the channel has no window."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The vendor took it. `external_id` is what later status updates will name."""

    external_id: str = ""
    status: Status = Status.SENT
    recipient: Address | None = None
    """Who it went to, where the sending was the way to learn it (an answer in private to a comment)."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The vendor refused it: for good (`permanent`) or for now (`retry_after`)."""

    reason: str
    permanent: bool = True
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer came: it may or may not have left. Reconciled before it is sent again."""

    reason: str


Outcome = Sent | Failed | Unknown
