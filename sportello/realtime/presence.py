"""Who looks at a ticket and who types: in memory, told to the other processes, never a row."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

FRESH_SECONDS = 40.0
"""Without a word from its socket for so long, a presence is gone."""
TYPING_SECONDS = 6.0


@dataclass(slots=True)
class Seen:
    """One agent at one ticket."""

    agent_id: int
    name: str
    initials: str
    since: str
    at: float = field(default_factory=time.monotonic)
    typing_at: float = -1e9
    words: str = ""

    def as_json(self) -> dict[str, Any]:
        typing = time.monotonic() - self.typing_at < TYPING_SECONDS
        return {
            "id": self.agent_id,
            "name": self.name,
            "initials": self.initials,
            "mode": "typing" if typing else "viewing",
            "since": self.since,
            "words": self.words if typing else "",
        }


class Presence:
    """Per process, fed by `core.live` messages of all processes."""

    def __init__(self) -> None:
        self._rooms: dict[int, dict[int, Seen]] = {}

    def apply(self, message: dict[str, Any]) -> int:
        """Take in ``{"ticket", "agent", "name", "initials", "since", "mode", "words"}``; returns the ticket."""
        ticket, agent = int(message["ticket"]), int(message["agent"])
        room = self._rooms.setdefault(ticket, {})
        if message["mode"] == "gone":
            room.pop(agent, None)
        else:
            seen = room.get(agent) or Seen(
                agent, message["name"], message["initials"], message["since"]
            )
            seen.at = time.monotonic()
            if message["mode"] == "typing":
                seen.typing_at, seen.words = seen.at, str(message.get("words", ""))[:80]
            elif message["mode"] == "stopped":
                seen.typing_at = -1e9
            room[agent] = seen
        if not room:
            del self._rooms[ticket]
        return ticket

    def at(self, ticket: int) -> list[dict[str, Any]]:
        """Who is there now."""
        room = self._rooms.get(ticket, {})
        limit = time.monotonic() - FRESH_SECONDS
        for agent_id in [a for a, seen in room.items() if seen.at < limit]:
            del room[agent_id]
        return [seen.as_json() for seen in room.values()]
