"""Foreign fields → ours: paths into JSON or columns of a table, with the spellings people use for amounts and dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from sportello.commerce.records import Buyer, Line, OrderRecord, ShipmentRecord

FIELDS: tuple[tuple[str, str], ...] = (
    ("external_id", "Id of the order"),
    ("number", "Order number"),
    ("state", "State of the order"),
    ("payment", "State of the payment"),
    ("placed_at", "Placed on"),
    ("updated_at", "Changed on"),
    ("currency", "Currency"),
    ("total", "Total"),
    ("shipping", "Shipping costs"),
    ("refunded", "Refunded"),
    ("email", "Customer's e-mail"),
    ("phone", "Customer's phone"),
    ("name", "Customer's name"),
    ("buyer_id", "Customer's number"),
    ("status_url", "Order page"),
    ("store", "Pick-up shop"),
    ("carrier", "Carrier"),
    ("tracking_number", "Tracking number"),
    ("tracking_url", "Tracking link"),
    ("lines", "List of lines"),
    ("line_name", "Line: product"),
    ("line_sku", "Line: article number"),
    ("line_quantity", "Line: quantity"),
    ("line_price", "Line: price"),
)
"""Our fields in the order of the form, with their English message ids. Line fields are looked for inside each line."""
REQUIRED = ("number",)

STATES = {
    "placed": ("new", "open", "nuovo", "aperto", "ordinato", "received", "ricevuto", "confirmed", "confermato", "pending"),
    "processing": ("in preparation", "in preparazione", "preparing", "in lavorazione", "picking"),
    "ready_for_pickup": ("ready", "pronto", "ready for pickup", "ready for collection", "pronto per il ritiro", "da ritirare"),
    "shipped": ("sent", "spedito", "evaso", "fulfilled", "in transit", "in consegna", "dispatched"),
    "delivered": ("consegnato", "completed", "complete", "completato", "collected", "ritirato", "closed"),
    "cancelled": ("canceled", "annullato", "cancellato", "void"),
    "returned": ("reso", "restituito", "return"),
}  # fmt: skip
PAYMENTS = {
    "pending": ("open", "unpaid", "da pagare", "in attesa", "authorized"),
    "paid": ("pagato", "captured", "settled", "yes", "true", "1", "si", "sì"),
    "partly_refunded": ("partially refunded", "rimborsato in parte", "partially_refunded"),
    "refunded": ("rimborsato",),
    "voided": ("stornato", "void", "failed", "fallito"),
}  # fmt: skip


class BadValue(ValueError):
    """One field cannot be read. `field` is ours."""

    def __init__(self, field: str, value: object) -> None:
        super().__init__(f"{field}: “{str(value)[:60]}”")
        self.field, self.value = field, str(value)[:60]


class MissingNumber(BadValue):
    """The line or object names no order."""

    def __init__(self) -> None:
        super().__init__("number", "")


@dataclass(frozen=True, slots=True)
class Reader:
    """How one shop's fields are read."""

    mapping: Mapping[str, str]
    currency: str = "EUR"
    zone: str = "UTC"
    words: Mapping[str, str] = field(default_factory=dict)
    """The shop's own words for states, lower case → ours."""

    def order(self, source: Mapping[str, Any]) -> OrderRecord:
        """Raises `BadValue`."""

        def get(name: str) -> Any:
            path = self.mapping.get(name)
            return find(source, path) if path else None

        number, external_id = _text(get("number")), _text(get("external_id"))
        if not (number or external_id):
            raise MissingNumber
        changed = self._moment("updated_at", get("updated_at"))
        parcel = {name: _text(get(name)) for name in ("carrier", "tracking_number", "tracking_url")}
        state = self._word("state", get("state"), STATES)
        buyer = Buyer(
            _text(get("buyer_id")), _text(get("email")), _text(get("phone")), _text(get("name"))
        )
        return OrderRecord(
            external_id=(external_id or number)[:200],
            number=number or external_id,
            updated_at=changed,
            state=state,
            payment=self._word("payment", get("payment"), PAYMENTS),
            currency=_currency(get("currency")) or self.currency,
            total=amount("total", get("total")),
            shipping=amount("shipping", get("shipping")),
            refunded=amount("refunded", get("refunded")),
            placed_at=self._moment("placed_at", get("placed_at")),
            status_url=_text(get("status_url")) or None,
            store=_text(get("store")) or None,
            buyer=buyer if buyer != Buyer() else None,
            lines=self._lines(source),
            shipments=self._parcels(external_id or number, parcel, state, changed),
        )

    def _parcels(
        self, order: str, parcel: Mapping[str, str], state: str | None, at: datetime | None
    ) -> tuple[ShipmentRecord, ...]:
        if not (parcel["tracking_number"] or parcel["tracking_url"]):
            return ()
        how = {"shipped": "shipped", "delivered": "delivered"}.get(state or "", "label")
        name = f"{order}/{parcel['tracking_number'] or 'parcel'}"[:200]
        return (
            ShipmentRecord(
                external_id=name,
                order=order,
                updated_at=at,
                state=how,
                carrier=parcel["carrier"] or None,
                tracking_number=parcel["tracking_number"] or None,
                tracking_url=parcel["tracking_url"] or None,
            ),
        )

    def _lines(self, source: Mapping[str, Any]) -> tuple[Line, ...] | None:
        if not self.mapping.get("line_name"):
            return None
        path = self.mapping.get("lines", "")
        found = find(source, path) if path else [source]
        if not isinstance(found, list):
            return None
        lines = []
        for position, one in enumerate(found[:500]):
            if not isinstance(one, Mapping):
                continue

            def get(name: str, one: Mapping[str, Any] = one) -> Any:
                inner = self.mapping.get(name)
                return find(one, inner) if inner else None

            quantity = amount("line_quantity", get("line_quantity"))
            price = amount("line_price", get("line_price"))
            count = Decimal(1) if quantity is None else quantity
            sku, name = _text(get("line_sku")), _text(get("line_name"))
            total = None if price is None else price * count
            lines.append(Line(f"{position}:{sku or name}"[:200], name, count, sku, price, total))
        return tuple(lines)

    def _word(self, name: str, value: Any, words: Mapping[str, Iterable[str]]) -> str | None:
        text = _text(value).lower().strip()
        if not text:
            return None
        if text in self.words and self.words[text] in words:
            return self.words[text]
        spoken = text.replace("_", " ").replace("-", " ")
        for ours, theirs in words.items():
            if text == ours or spoken == ours.replace("_", " ") or spoken in theirs:
                return ours
        raise BadValue(name, value)

    def _moment(self, name: str, value: Any) -> datetime | None:
        return moment(name, value, ZoneInfo(self.zone))


def words(lines: Iterable[str]) -> dict[str, str]:
    """Lines such as ``evaso = shipped`` as a table."""
    pairs = (line.partition("=") for line in lines)
    return {left.strip().lower(): right.strip() for left, sign, right in pairs if sign}


_STEP = re.compile(r"([^.\[\]]+)|\[(-?\d+|\*)\]")


def find(source: Any, path: str) -> Any:
    """The value at ``$.order.items[0].sku``; a column is looked up by its whole name first. None when it is not there."""
    if isinstance(source, Mapping) and path in source:
        return source[path]
    for name, index in _STEP.findall(path.removeprefix("$").removeprefix(".")):
        if name and isinstance(source, Mapping):
            source = source.get(name)
        elif index == "*" and isinstance(source, list):
            continue
        elif index and index != "*" and isinstance(source, list) and -1 <= int(index) < len(source):
            source = source[int(index)]
        else:
            return None
    return source


def paths(source: Any, prefix: str = "", depth: int = 4) -> list[str]:
    """The paths that lead to something, to be offered in the form."""
    if isinstance(source, Mapping) and depth:
        found = []
        for name, value in list(source.items())[:60]:
            here = f"{prefix}.{name}" if prefix else str(name)
            found += paths(value, here, depth - 1)
        return found
    if isinstance(source, list) and source and isinstance(source[0], Mapping):
        return [prefix]
    return [prefix] if prefix else []


def amount(name: str, value: Any) -> Decimal | None:
    """``1.234,56``, ``1,234.56``, ``€ 12``, ``12.5``: the last sign of two is the decimal one. Raises `BadValue`."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise BadValue(name, value)
    text = re.sub(r"[\s'’€$£]|^[A-Z]{3}|[A-Z]{3}$", "", str(value).strip())
    if not re.fullmatch(r"[+-]?[\d.,]+", text):
        raise BadValue(name, value)
    if "," in text and "." in text:
        decimal = max(text.rfind(","), text.rfind("."))
        text = re.sub(r"[.,]", "", text[:decimal]) + "." + text[decimal + 1 :]
    elif text.count(",") == 1:
        text = text.replace(",", ".")
    elif text.count(".") > 1 or text.count(",") > 1:
        text = re.sub(r"[.,]", "", text)
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise BadValue(name, value) from None
    if not found.is_finite() or abs(found) >= Decimal(10) ** 10:
        raise BadValue(name, value)
    return round(found, 4)


_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ ,T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")


def moment(name: str, value: Any, zone: ZoneInfo) -> datetime | None:
    """ISO 8601, ``22/11/2026 14:30``, or seconds since 1970. Without a zone it is in `zone`. Raises `BadValue`."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    try:
        if re.fullmatch(r"\d{9,13}(\.\d+)?", text):
            seconds = float(text)
            return datetime.fromtimestamp(seconds / (1000 if seconds > 1e11 else 1), UTC)
        if day := _DAY.fullmatch(text):
            d, m, y, hour, minute, second = (int(part or 0) for part in day.groups())
            return datetime(y, m, d, hour, minute, second, tzinfo=zone)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        raise BadValue(name, value) from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _text(value: Any) -> str:
    plain = isinstance(value, str | int | float | Decimal) and not isinstance(value, bool)
    return str(value).replace("\x00", "").strip() if plain else ""


def _currency(value: Any) -> str:
    text = _text(value).upper()
    return {"€": "EUR", "$": "USD", "£": "GBP"}.get(text) or (
        text if re.fullmatch(r"[A-Z]{3}", text) else ""
    )
