"""Until when a thread may be answered: by anything, and by a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sportello.channels.contract import Provider
from sportello.tickets.models import Thread


@dataclass(frozen=True, slots=True)
class Window:
    """`until` for any answer, `human_until` for one that a person wrote. Both None: there is no window."""

    until: datetime | None = None
    human_until: datetime | None = None
    limited: bool = False
    """False where the channel takes answers for ever: no window, or in public."""

    def open_at(self, now: datetime, *, person: bool = True) -> bool:
        """Whether an answer may leave now without a template."""
        end = (self.human_until or self.until) if person else self.until
        return not self.limited or (end is not None and now < end)


def window_of(thread: Thread | None, provider: Provider, settings: Mapping[str, Any]) -> Window:
    """The window of this thread; without a thread nobody has written yet, so it is shut where there is one."""
    day = provider.capabilities.reply_window
    if day is None or (thread is not None and thread.is_public):
        return Window()
    until = thread.window_until if thread else None
    longer = provider.human_window(settings)
    if until is None or longer is None or longer <= day:
        return Window(until, None, limited=True)
    return Window(until, until - day + longer, limited=True)
