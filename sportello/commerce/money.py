"""Money by locale: amounts as the reader writes them, never rounded in secret."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from babel import Locale
from babel.core import UnknownLocaleError
from babel.numbers import (
    NumberFormatError,
    format_currency,
    get_currency_precision,
    parse_decimal,
)
from django.utils.translation import get_language


def shown(amount: Decimal | None, currency: str) -> str:
    """``1.049,00 €`` in Italian, ``€1,049.00`` in English; empty for None."""
    return "" if amount is None else format_currency(amount, currency, locale=_locale())


def places(currency: str) -> int:
    """How many decimals the currency has."""
    return int(get_currency_precision(currency))


def is_amount(amount: Decimal, currency: str) -> bool:
    """Whether it can be paid: finite, with no more decimals than the currency has."""
    return amount.is_finite() and amount == round(amount, places(currency))


def typed(text: str) -> Decimal:
    """What a person typed, in his own spelling. Raises `ValueError`."""
    try:
        return Decimal(parse_decimal(text.strip().replace(" ", ""), locale=_locale(), strict=True))
    except (NumberFormatError, InvalidOperation) as error:
        raise ValueError(text) from error


def _locale() -> Locale:
    try:
        return Locale.parse((get_language() or "en").replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale("en")
