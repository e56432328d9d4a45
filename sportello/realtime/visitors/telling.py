"""What one visitor has been told of his talk, and what is new: read from the database, whatever the log says."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sportello.channels.webchats import SiteChat
from sportello.core.clock import now
from sportello.realtime.visitors import frames as wire
from sportello.realtime.visitors import reads

PLACE_FOR = 3.0
"""Seconds for which a place in the queue is taken as known."""


class Telling:
    """`visitor` and `after` (the last message he has) are set once he has proved himself.

    `follow` is called with the ticket as soon as it is known: what happens to it from then on is news.
    """

    __slots__ = ("_follow", "_placed", "_site", "_told", "after", "ticket", "visitor")

    def __init__(self, site: SiteChat, follow: Callable[[int], None]) -> None:
        self._site, self._follow = site, follow
        self.visitor, self.after = "", 0
        self.ticket: int | None = None
        self._told: dict[str, Any] = {}
        self._placed: tuple[int, float, dict[str, int]] | None = None

    @property
    def number(self) -> int | None:
        """Of the ticket, as agents say it."""
        return self._told.get("number")

    @property
    def queued(self) -> bool:
        """Whether he waits for an agent."""
        return bool(self._told.get("queue"))

    async def messages(self) -> list[dict[str, Any]]:
        rows = await reads.messages(channel=self._site.id, visitor=self.visitor, after=self.after)
        if rows:
            self.after = rows[-1]["id"]
        return [wire.message(row, chat=self._site, visitor=self.visitor) for row in rows]

    async def changed(self) -> dict[str, Any]:
        """What changed about the talk since we last told: agent, queue, read, ended."""
        state = await reads.state(channel=self._site.id, visitor=self.visitor)
        facts: dict[str, Any] = {"agent": None, "queue": None, "read": {"upto": 0}, "ended": None}
        if state is not None:
            self.ticket = state.ticket_id
            self._follow(state.ticket_id)
            self._told["number"] = state.number
            facts["read"] = {"upto": state.read_upto}
            if state.agent_name:
                name = state.agent_name
                facts["agent"] = {"name": name.split(" ")[0], "initials": wire.initials(name)}
            if state.ended:
                facts["ended"] = {"at": (state.solved_at or now()).isoformat()}
            elif state.queued:
                facts["queue"] = await self._place(state)
        changed = {
            name: value for name, value in facts.items() if self._told.get(name, ...) != value
        }
        self._told |= facts
        return changed

    async def _place(self, state: reads.State) -> dict[str, int]:
        """Counting who is ahead is the dearest thing a look does: not again with every word."""
        moment, known = time.monotonic(), self._placed
        if known is None or known[0] != state.ticket_id or moment - known[1] > PLACE_FOR:
            usual = float(self._site.settings.get("expected_wait") or 3)
            place = await reads.place(channel=self._site.id, at=state, usual_minutes=usual)
            known = self._placed = state.ticket_id, moment, place
        return known[2]
