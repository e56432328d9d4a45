"""The connector contract: what the code of a shop declares and fills in.

Nothing here knows Django or the database. A connector is a module-level object ``connector`` in
``commerce/connectors/<kind>/`` that subclasses `Connector` and overrides what its shop offers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from sportello.channels.contract import (
    Check,
    Failed,
    FieldKind,
    Raw,
    Refused,
    Said,
    Setting,
    Settings,
    Unknown,
    Unreadable,
    said,
)
from sportello.commerce.reasons import Reason, why
from sportello.commerce.records import Record

if TYPE_CHECKING:
    from sportello.core.net import Net

__all__ = [
    "Act",
    "Check",
    "Connector",
    "Done",
    "Failed",
    "FieldKind",
    "Outcome",
    "Raw",
    "Refused",
    "Request",
    "Said",
    "Setting",
    "Settings",
    "TryLater",
    "Unknown",
    "Unreadable",
    "said",
]


class TryLater(Exception):
    """The shop asks for patience, or cannot be reached: poll again after `wait`."""

    def __init__(self, reason: str, wait: timedelta) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


class Act(StrEnum):
    """What an agent may ask the shop to do with an order."""

    REFUND = "refund"
    CANCEL = "cancel"
    RESEND = "resend"
    """Send the customer the order's confirmation again."""


@dataclass(frozen=True, slots=True)
class Request:
    """One act on one order. `amount` only with a refund; the same key asks for the same act."""

    act: Act
    order: str
    """External id of the order."""
    number: str
    currency: str
    idempotency_key: str
    total: Decimal
    refunded: Decimal
    """What the order came to, and what was paid back so far, as we know it."""
    amount: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The shop did it. `records`: what it says about the order now, where it told."""

    reference: str = ""
    records: tuple[Record, ...] = ()


Outcome = Done | Failed | Unknown


class Connector:
    """Base of all connectors. Class attributes declare, methods translate; nothing touches the database."""

    kind: ClassVar[str]
    name: ClassVar[str]
    settings: ClassVar[Sequence[Setting]] = ()
    guide: ClassVar[Sequence[str]] = ()
    """Steps in the shop's own pages, in order, as English message ids."""
    has_webhook: ClassVar[bool] = False
    polls_every: ClassVar[timedelta | None] = None
    """How often what the webhooks may have missed is fetched; None where nothing can be."""
    acts: ClassVar[frozenset[Act]] = frozenset()
    is_mapped: ClassVar[bool] = False
    """True where an administrator says which field means what (`settings["mapping"]`)."""
    takes_files: ClassVar[bool] = False
    """True where tables are uploaded."""
    is_internal: ClassVar[bool] = False
    """True when nobody should be offered it in the settings."""
    keeps: ClassVar[frozenset[str]] = frozenset()
    """Names of the headers that `parse` needs; the others (signatures, addresses) are not stored."""

    def verify(self, raw: Raw, settings: Settings) -> None:
        """Raise `Refused` unless the raw bytes are genuine."""
        raise Refused("This connector has no webhook.")

    def is_ping(self, raw: Raw) -> bool:
        """Whether the shop, unsigned, only asks if somebody is there: answered 200, nothing stored."""
        return False

    def parse(self, raw: Raw, settings: Settings) -> list[Record]:
        """All that the raw input says. Raises `Unreadable` when it says nothing we can read."""
        raise NotImplementedError

    def poll(
        self, settings: Settings, cursor: Mapping[str, Any], net: Net
    ) -> Iterator[tuple[Raw, dict[str, Any]]]:
        """What changed since `cursor`, page by page; each with the cursor to keep once it is stored.

        An empty body says nothing: only its cursor is kept. Raises `TryLater` and `NetError`.
        """
        return iter(())

    def act(self, request: Request, settings: Settings, net: Net) -> Outcome:
        """Do it. Never raises `NetError`: what may have been done is `Unknown`."""
        return Failed(why(Reason.CANNOT_BE_TOLD))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        """Real calls that show whether these settings work."""
        return []
