"""Any shop or ERP that speaks JSON: which field means what is said in the settings, not in code."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from sportello.channels.vendors.calls import tried
from sportello.commerce import mapping
from sportello.commerce.contract import (
    Check,
    Connector,
    FieldKind,
    Raw,
    Refused,
    Setting,
    Settings,
    Unreadable,
    said,
)
from sportello.commerce.records import Record
from sportello.commerce.wire import calls, changes
from sportello.commerce.wire.values import same

if TYPE_CHECKING:
    from sportello.core.net import Net

MOST_PAGES = 200


class Rest(Connector):
    kind = "rest"
    name = "Generic REST (JSON)"
    has_webhook = True
    polls_every = timedelta(minutes=5)
    is_mapped = True
    settings = (
        Setting("url", "Address of the order list", FieldKind.URL, help="Fetched every five minutes. {since} and {page} are filled in. Empty: only the webhook is used."),
        Setting("header", "Header with the key", default="Authorization", help="Sent with each call."),
        Setting("header_value", "Its value", FieldKind.SECRET, help="Such as Bearer abc…"),
        Setting("items", "Path to the orders", help="Where the list stands in the answer, such as data.orders. Empty: the answer itself."),
        Setting("webhook_secret", "Webhook secret", FieldKind.SECRET, help="The sender signs the body: header X-Signature, sha256=<HMAC in hex>."),
        Setting("currency", "Currency", default="EUR", help="When the orders do not say."),
        Setting("zone", "Time zone", default="Europe/Rome", advanced=True, help="Of times without one."),
        Setting("states", "Words for states", FieldKind.LINES, advanced=True, help="One a line: evaso = shipped. Ours: placed, processing, ready_for_pickup, shipped, delivered, cancelled, returned."),
        Setting("history_days", "Days to fetch at first", FieldKind.NUMBER, default=changes.HISTORY_DAYS, advanced=True),
    )  # fmt: skip
    guide = (
        "Enter where the orders are, with the key that opens it, and save.",
        "Under “Fields”, paste one answer of your system as a sample and say which field means what.",
        "To be told at once, have your system send the same JSON to the address shown here, signed with the webhook secret.",
        "Press “Test the settings”.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        secret, given = str(settings.get("webhook_secret") or ""), raw.headers.get("x-signature", "")  # fmt: skip
        made = hmac.new(secret.encode(), raw.body, hashlib.sha256).hexdigest()
        if not secret or not same(given, f"sha256={made}"):
            raise Refused("The signature does not fit the webhook secret.")

    def parse(self, raw: Raw, settings: Settings) -> list[Record]:
        try:
            data = json.loads(raw.body)
        except (ValueError, RecursionError) as error:
            raise Unreadable("Not JSON.") from error
        reader, items = reader_of(settings), _items(data, settings)
        if not settings.get("mapping"):
            raise Unreadable("The fields are not mapped yet.")
        if not items:
            raise Unreadable("No order in it.")
        try:
            return [reader.order(item) for item in items]
        except mapping.BadValue as error:
            raise Unreadable(f"Cannot be read: {error}") from error

    def poll(
        self, settings: Settings, cursor: Mapping[str, Any], net: Net
    ) -> Iterator[tuple[Raw, dict[str, Any]]]:
        url = str(settings.get("url") or "")
        if not url or not settings.get("mapping"):
            return
        start, reached = changes.since(cursor, settings).astimezone(UTC), dict(cursor)
        reader = reader_of(settings)
        for number in range(1, MOST_PAGES + 1):
            asked = url.replace("{since}", f"{start:%Y-%m-%dT%H:%M:%SZ}").replace("{page}", str(number))  # fmt: skip
            items = _list(calls.page(_ask(net, settings, asked)), settings)
            nodes = []
            for item in items:
                try:
                    record = reader.order(item)
                except mapping.BadValue as error:
                    raise calls.Broken(said("A field cannot be read: {field}", field=str(error))) from error  # fmt: skip
                nodes.append((record.external_id, record.updated_at or start, item))
            fresh, reached = changes.unseen(nodes, reached)
            if fresh:
                yield Raw(json.dumps(fresh).encode(), source="poll"), reached
            if not items or "{page}" not in url:
                return

    def check(self, settings: Settings, net: Net) -> list[Check]:
        def orders() -> tuple[bool | None, str]:
            url = str(settings.get("url") or "")
            if not url:
                return None, said("No address: only the webhook is used.")
            asked = url.replace("{since}", "2000-01-01T00:00:00Z").replace("{page}", "1")
            answer = _ask(net, settings, asked)
            if not answer.ok:
                return False, said("The shop answers HTTP {status}.", status=answer.status)
            found = _list(answer.data, settings)
            return True, said("{count} orders on the first page.", count=len(found))

        def fields() -> tuple[bool, str]:
            if settings.get("mapping"):
                return True, said("The fields are mapped.")
            return False, said("Say under “Fields” which field means what.")

        return [tried(said("Order list"), orders), tried(said("Fields"), fields)]


def reader_of(settings: Settings) -> mapping.Reader:
    """How this connection's fields are read."""
    return mapping.Reader(
        mapping=dict(settings.get("mapping") or {}),
        currency=str(settings.get("currency") or "EUR"),
        zone=str(settings.get("zone") or "UTC"),
        words=mapping.words(settings.get("states") or []),
    )


def _items(data: Any, settings: Settings) -> list[Mapping[str, Any]]:
    """A webhook may carry one order, or a list like the polled one."""
    found = _list(data, settings)
    if not found and isinstance(data, Mapping):
        return [data]
    return found


def _list(data: Any, settings: Settings) -> list[Mapping[str, Any]]:
    path = str(settings.get("items") or "")
    found = mapping.find(data, path) if path and isinstance(data, Mapping) else data
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _ask(net: Net, settings: Settings, url: str) -> calls.Answer:
    name, value = str(settings.get("header") or ""), str(settings.get("header_value") or "")
    return calls.ask(net, "GET", url, headers={name: value} if name and value else {}, timeout=30.0)


connector = Rest()
