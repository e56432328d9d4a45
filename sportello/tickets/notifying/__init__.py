"""Agents hear by mail what happens on their tickets, and may answer that mail."""
