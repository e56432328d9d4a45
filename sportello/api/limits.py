"""How often a token may call: counted per minute in the database, so that every process counts together."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection

from sportello.api.problems import Problem

PER_MINUTE = 6_000

_COUNT = """
INSERT INTO api_callcount AS c (token_hash, minute, used) VALUES (%s, %s, 1)
ON CONFLICT (token_hash) DO UPDATE
  SET used = CASE WHEN c.minute = EXCLUDED.minute THEN c.used + 1 ELSE 1 END, minute = EXCLUDED.minute
RETURNING used
"""


def count(token_hash: str, *, now: datetime) -> None:
    """Count one call. Raises a 429 that says when to come back."""
    seconds = int(now.timestamp())
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [token_hash, seconds // 60])
        used = cursor.fetchone()[0]
    if used > getattr(settings, "SPORTELLO_API_PER_MINUTE", PER_MINUTE):
        left = 60 - seconds % 60
        raise Problem(429, f"Try again in {left} seconds.", headers={"Retry-After": str(left)})
