"""What the demo company tells its customers about each of its channels, in Italian and English."""

from __future__ import annotations

from collections.abc import Mapping

from sportello.channels.actions import offer_channel
from sportello.channels.models import Channel
from sportello.core.actors import SYSTEM

LINES: dict[str, tuple[str, str]] = {
    "chat": ("Per una risposta in pochi minuti", "For an answer within minutes"),
    "mail": ("Per ordini, prodotti e fatture: rispondiamo in giornata", "For orders, products and invoices: answered the same day"),
    "returns": ("Solo per resi e cambi: scrivi il numero d’ordine", "For returns and exchanges only: tell us the order number"),
    "phone": ("Se preferisci parlarne, negli orari di apertura", "If you would rather talk, during opening hours"),
    "whatsapp": ("Per mandarci foto e video della macchina", "To send us pictures and videos of your machine"),
    "sms": ("Per sapere se l’ordine è pronto, anche senza internet", "To ask whether an order is ready, even without internet"),
    "messenger": ("Per chi ci segue su Facebook", "If you follow us on Facebook"),
    "instagram": ("Per idee e ricette; per i guasti scrivici altrove", "For ideas and recipes; for repairs write to us elsewhere"),
}  # fmt: skip
"""Box → what it is for, in the order in which customers see them."""
NUMBERS = {"whatsapp": "+39 0583 555011", "instagram": "@bottega.aurora"}
"""Box → what customers see, where the channel's settings do not hold it."""
HIDDEN = ("facebook", "play")
"""What is said there is public: answered, and not offered to those who need help."""


def offer(boxes: Mapping[str, Channel]) -> None:
    for place, (box, (italian, english)) in enumerate(LINES.items(), start=1):
        offer_channel(
            channel=boxes[box],
            rule="always",
            shown=NUMBERS.get(box, ""),
            use_case={"it": italian, "en": english},
            place=place,
            actor=SYSTEM,
        )
    for box in HIDDEN:
        offer_channel(channel=boxes[box], rule="never", actor=SYSTEM)
