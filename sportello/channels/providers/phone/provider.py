"""Nothing comes in or leaves by itself here: agents write down who called and what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sportello.channels.contract import (
    Capabilities,
    Check,
    Envelope,
    Failed,
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


class Phone(Provider):
    kind = "phone"
    name = "Telephone"
    identity_kind = "phone"
    hue = "phone"
    customer_setting = "number"
    customer_link = "tel:+{digits}"
    capabilities = Capabilities(inbound_webhook=False, outbound=False, undo_send=False)
    settings = (
        Setting("number", "Number that customers call", help="With its country, as +39 0583 5550110. Customers read it on the contact page."),
    )  # fmt: skip
    guide = (
        "One channel for each number that people call.",
        "Agents write a call down in the ticket: who called, how it went, what was said.",
        "A call counts as a channel of its ticket. Answers in writing leave by the other channels.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        raise Refused("A telephone has no webhook.")

    def envelope(self, raw: Raw) -> Envelope:
        return Envelope("phone")

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        raise Unreadable("Calls are written down by agents.")

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        return Failed(said("Nothing can be sent to a telephone: answer by another channel."))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        return [Check(said("Agents write calls down by hand; there is nothing to call."), ok=None)]
