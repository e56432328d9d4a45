"""Signatures: the brand's text with flat placeholders filled in. No template logic, no code."""

from __future__ import annotations

from sportello.tickets.models import Message


def of(message: Message) -> str:
    """The signature below an agent's mail; "" for what the house itself wrote."""
    brand = message.ticket.brand
    if message.agent is None or not brand.signature:
        return ""
    return fill(brand.signature, {"agent.name": message.agent.name, "brand.name": brand.name})


def fill(template: str, values: dict[str, str]) -> str:
    """Replace ``{{name}}`` by its value; unknown names disappear."""
    parts = template.split("{{")
    text = parts[0]
    for part in parts[1:]:
        name, closed, rest = part.partition("}}")
        text += values.get(name.strip(), "") + rest if closed else "{{" + part
    return text
