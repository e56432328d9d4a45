"""Sportello: one counter for every channel."""
