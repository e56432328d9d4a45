"""Saved replies, macros and rules."""
