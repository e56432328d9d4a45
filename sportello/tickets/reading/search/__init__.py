"""Search: what somebody typed (words, phrases, ``from:ada``, ``tag:refund``, ``after:2026-11-01``), and the tickets it finds.

First what says the words, stemmed and without accents, in Italian and English; when that is little, what begins like
the last word; when it is nothing, what is spelled nearly so.
"""

from sportello.tickets.reading.search.asked import Asked, read
from sportello.tickets.reading.search.finding import Found, find

__all__ = ["Asked", "Found", "find", "read"]
