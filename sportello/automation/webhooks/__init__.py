"""Webhooks out: facts of the log told to other programs, signed, retried, replayable."""
