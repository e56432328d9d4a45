"""Facts about the company's mouths."""

from __future__ import annotations

from sportello.core import events

CHANNEL_CHANGED = events.declare("channel_changed", "changed a channel", "channel_id", "is_active")
"""Pollers and doors that keep a channel in memory look again."""
