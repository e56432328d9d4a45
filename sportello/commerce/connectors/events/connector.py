"""Facts that applications report to ``POST /api/v1/events``."""

from __future__ import annotations

from sportello.commerce.contract import Connector, Raw, Settings
from sportello.commerce.records import Record
from sportello.commerce.wire import facts
from sportello.commerce.wire.values import peek


class Events(Connector):
    kind = "events"
    name = "Applications (API)"
    is_internal = True

    def parse(self, raw: Raw, settings: Settings) -> list[Record]:
        return facts.records(peek(raw.body))


connector = Events()
