"""Facts about who may do what."""

from __future__ import annotations

from sportello.core import events

RIGHTS_CHANGED = events.declare(
    "rights_changed", "changed rights", "agent_id", "is_active", "team_id"
)
"""Sockets and caches ask again. Without `agent_id` it concerns everybody (a team turned private)."""
