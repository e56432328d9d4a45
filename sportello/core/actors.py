"""Who did it: an agent, a contact, a program, or the house itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Actor:
    """Written into events and audit as ``agent:3``, ``contact:17``, ``system``."""

    kind: str
    id: int | None = None

    def __str__(self) -> str:
        return self.kind if self.id is None else f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        kind, _, number = text.partition(":")
        return cls(kind, int(number) if number else None)

    @classmethod
    def agent(cls, agent_id: int) -> Self:
        return cls("agent", agent_id)

    @classmethod
    def contact(cls, contact_id: int) -> Self:
        return cls("contact", contact_id)

    @property
    def agent_id(self) -> int | None:
        return self.id if self.kind == "agent" else None


SYSTEM = Actor("system")
