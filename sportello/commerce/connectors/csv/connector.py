"""Tables from a till or an ERP: uploaded, columns named once, read line by line."""

from __future__ import annotations

from sportello.commerce.contract import Connector, FieldKind, Setting


class Csv(Connector):
    kind = "csv"
    name = "Table (CSV)"
    is_mapped = True
    takes_files = True
    settings = (
        Setting("currency", "Currency", default="EUR", help="When the table does not say."),
        Setting("zone", "Time zone", default="Europe/Rome", advanced=True, help="Of times without one."),
        Setting("states", "Words for states", FieldKind.LINES, advanced=True, help="One a line: evaso = shipped. Ours: placed, processing, ready_for_pickup, shipped, delivered, cancelled, returned."),
    )  # fmt: skip
    guide = (
        "Export the orders from your till or ERP as CSV, with the names of the columns in the first line.",
        "Save this form, upload the table and say which column means what.",
        "An order with several lines may take several lines of the table, one after the other.",
        "Upload again whenever you like: what is known is brought up to date.",
    )


connector = Csv()
