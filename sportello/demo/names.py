"""Names of the demo company that several places must agree on."""

from __future__ import annotations

COMPANY = "Bottega Aurora"
DOMAIN = "bottega-aurora.example"
MAILBOX = f"assistenza@{DOMAIN}"
RETURNS = f"resi@{DOMAIN}"
CHAT_PUBLIC_ID = "a0707a0000000000000000000b077e6a"
"""The site chat of the demo shop: fixed, so that a page may name it."""
TILL_SECRET = "aurora-till"
"""Of the demo shop's own webhook: it calls nobody and nobody needs it."""
FIRST_NUMBER = 4781
"""A company that has been open for a while does not start with ticket 1."""
