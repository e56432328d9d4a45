"""Who else is on a thread: people in copy, and others who speak in the same talk."""

from __future__ import annotations

from collections.abc import Sequence

from sportello.channels.queries import mouths
from sportello.contacts.resolve import Known, normalise
from sportello.core.plain import storable
from sportello.tickets.arrival import Arrival, Placing


def copies(
    arrivals: Sequence[Arrival], placings: Sequence[Placing], threads: Sequence[int]
) -> list[tuple[int, str, str, str, bool]]:
    """Who else a mail was sent to. Active at once only when the sender is proved; else an agent says so."""
    ours = {m.address for m in mouths().values() if m.address}
    rows: list[tuple[int, str, str, str, bool]] = []
    for i, arrival in enumerate(arrivals):
        sender = arrival.inbound.sender
        if placings[i].held:
            continue
        for person in (*arrival.inbound.to, *arrival.inbound.cc):
            address = normalise("email", person.address)
            plain = _without_tag(address)
            if (
                person.kind == "email"
                and plain not in ours
                and address != normalise("email", sender.address)
            ):
                name = storable(person.name)[:200]
                rows.append((threads[i], address, name, "mail", sender.verified))
    return rows


def _without_tag(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def joining_in(
    arrivals: Sequence[Arrival],
    known: Sequence[Known],
    placings: Sequence[Placing],
    threads: Sequence[int],
) -> list[tuple[int, str, str, str, bool]]:
    """Who else speaks in a talk of several people. The ticket stays with who began it."""
    return [
        (
            threads[i],
            storable(arrival.inbound.sender.address)[:320],
            storable(arrival.inbound.sender.name)[:200],
            "talk",
            True,
        )
        for i, arrival in enumerate(arrivals)
        if (place := placings[i].place)
        and arrival.is_shared
        and place.contact_id != known[i].contact_id
    ]
