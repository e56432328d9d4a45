"""Evidence for “which ticket?”: two texts that name one order, by whatever of its numbers, speak of one thing."""

from __future__ import annotations

from collections.abc import Sequence

from sportello.commerce.models import Order
from sportello.commerce.queries import numbers_in
from sportello.core.evidence import evidence


@evidence("order")
def orders(texts: Sequence[str]) -> list[frozenset[str]]:
    """One query for all texts; numbers of no order name nothing."""
    numbers = [numbers_in(text) for text in texts]
    wanted = sorted({key for keys in numbers for key in keys})
    known: dict[str, set[str]] = {}
    if wanted:
        for pk, key in Order.objects.filter(number_key__in=wanted).values_list("pk", "number_key"):
            known.setdefault(key, set()).add(f"order:{pk}")
    return [frozenset().union(*(known.get(key, ()) for key in keys)) for keys in numbers]
