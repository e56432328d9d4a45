"""Nothing comes in or leaves by itself here: agents open tickets at the counter, answers go by other channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sportello.channels.contract import (
    Capabilities,
    Check,
    Envelope,
    Failed,
    FieldKind,
    Outbound,
    Outcome,
    Parsed,
    Provider,
    Raw,
    Refused,
    Setting,
    Settings,
    Unreadable,
    said,
)

if TYPE_CHECKING:
    from sportello.core.net import Net


class Counter(Provider):
    kind = "counter"
    name = "Counter"
    identity_kind = "counter"
    hue = "counter"
    customer_setting = "address"
    customer_link = "https://www.openstreetmap.org/search?query={name}"
    capabilities = Capabilities(
        inbound_webhook=False, outbound=False, undo_send=False, subject=True
    )
    settings = (
        Setting("address", "Address of the shop", required=True, help="Customers read it on the contact page and on the receipt."),
        Setting("receipt_note", "Line at the foot of the receipt", FieldKind.TEXT, help="For example until when a repair is kept."),
    )  # fmt: skip
    guide = (
        "One channel for each shop: its name tells agents where they are.",
        "Agents press “New at the counter” in the list of sections and write down what the customer says.",
        "Answers leave by mail or text message, whichever the customer gave.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        raise Refused("A counter has no webhook.")

    def envelope(self, raw: Raw) -> Envelope:
        return Envelope("counter")

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        raise Unreadable("A counter receives nothing by itself.")

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        return Failed(said("Nothing can be sent to a counter: answer by another channel."))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        return [Check(said("Agents open tickets here by hand; there is nothing to call."), ok=None)]
