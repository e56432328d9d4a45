"""What a demo story consists of: steps at moments, said by customers or done by agents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sportello.core.actors import Actor
from sportello.tickets.models import Ticket

if TYPE_CHECKING:
    from sportello.demo.stage import Stage

ZONE = ZoneInfo("Europe/Rome")


@dataclass(frozen=True, slots=True)
class Times:
    """Moments relative to the present: minutes ago for today, wall-clock times for the days before."""

    now: datetime

    def ago(self, minutes: float) -> datetime:
        return self.now - timedelta(minutes=minutes)

    def day(self, days: int, clock: str) -> datetime:
        """``day(1, "09:12")`` is yesterday at 9:12 in Lucca."""
        date = self.now.astimezone(ZONE).date() - timedelta(days=days)
        return datetime.combine(date, time.fromisoformat(clock), ZONE)

    def ahead(self, hours: float) -> datetime:
        return self.now + timedelta(hours=hours)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a customer or an agent. With a `content_id` it is shown inside the text."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of the story's customer, or of `sender` (“Name <address>”). It answers what came last."""

    at: datetime
    text: str = ""
    subject: str = ""
    html: str = ""
    files: Sequence[Attached] = ()
    sender: str = ""
    cc: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Bounce:
    """The far end refuses our last mail of this story."""

    at: datetime
    recipient: str
    diagnosis: str


@dataclass(frozen=True, slots=True)
class Chat:
    """A visitor's message in the shop's chat."""

    at: datetime
    text: str
    page: str = "/demo/shop"
    email: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """The visitor has read what the agent wrote in the chat."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A comment on Facebook or Instagram, a message in Messenger or WhatsApp (without words a picture), a review."""

    at: datetime
    box: str
    text: str
    name: str = ""
    phone: str = ""
    stars: int = 0
    """Of a review."""


@dataclass(frozen=True, slots=True)
class Phoned:
    """An agent opens the ticket by hand with what he was told."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An agent's answer; `then` is the status that it leaves behind."""

    at: datetime
    by: str
    text: str
    then: str = "pending"
    html: str = ""
    files: Sequence[Attached] = ()
    box: str = ""
    """By which channel; empty: where the customer wrote last."""


@dataclass(frozen=True, slots=True)
class Note:
    """An internal note; `mentions` are first names of agents."""

    at: datetime
    by: str
    text: str
    mentions: Sequence[str] = ()


type Deed = Callable[[Stage, Ticket, Actor, datetime], object]


@dataclass(frozen=True, slots=True)
class Do:
    """Any other verb of an agent, or of the house when `by` is empty."""

    at: datetime
    by: str
    deed: Deed


type Step = Elsewhere | Mail | Bounce | Chat | Seen | Phoned | Reply | Note | Do


@dataclass(frozen=True, slots=True)
class Story:
    """One ticket from the first word on. `who` is a key of `people.PEOPLE`."""

    key: str
    who: str
    subject: str
    steps: Sequence[Step] = field(default_factory=tuple)
    box: str = "mail"
    """``mail``, ``returns`` or ``chat``."""
