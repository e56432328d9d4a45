"""What became of a mail that was handed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

RETRY_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Submission:
    """What the relay said.

    Exactly one of `accepted`, `uncertain` or neither (refused) holds. A refusal is for good when
    `permanent`, else worth another try after `retry_after` seconds.
    """

    accepted: bool
    reason: str = ""
    permanent: bool = True
    uncertain: bool = False
    retry_after: int | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    """Recipients that the relay refused though it took the mail for others."""
    message_id: str = ""
    """The service's own id, where it gives one."""
