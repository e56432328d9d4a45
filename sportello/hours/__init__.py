"""Calendars and pure time arithmetic."""
