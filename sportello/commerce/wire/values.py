"""Foreign values with types: money, moments, signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator

from sportello.channels.vendors.shapes import NullIsEmpty, Shape, Text, at, peek, read, same

__all__ = ["Amount", "Moment", "NullIsEmpty", "Shape", "Text", "at", "peek", "read", "same", "signed"]  # fmt: skip


def _amount(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("no amount")
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise ValueError("no amount") from None
    if not found.is_finite() or abs(found) >= Decimal(10) ** 11:
        raise ValueError("no amount")
    return round(found, 4)


def _moment(value: object) -> datetime | None:
    """ISO 8601 or ``2026-11-22 10:00:00``; without a zone it is UTC."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError("no moment")
    found = datetime.fromisoformat(value.strip())
    return found if found.tzinfo else found.replace(tzinfo=UTC)


Amount = Annotated[Decimal | None, BeforeValidator(_amount)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]


def signed(body: bytes, given: str, secret: Any) -> bool:
    """Whether `given` is the base64 HMAC-SHA256 of the body. Nothing is signed with an empty secret."""
    if not secret:
        return False
    made = hmac.new(str(secret).encode(), body, hashlib.sha256).digest()
    return same(given, base64.b64encode(made).decode())
