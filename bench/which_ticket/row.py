"""Rows: how often the right ticket is found, and how long one message takes at size."""

from __future__ import annotations

import time
from datetime import timedelta

from bench.house import ask, house
from bench.row import Options, Row, percentile
from bench.which_ticket import judged, pairs

LOOKS = 300


def which_ticket(options: Options) -> list[Row]:
    """Precision and recall on the half of the labelled set that chose neither weights nor thresholds."""
    with house() as _made:
        from sportello.accounts.models import Company

        settings = Company()
        seen = judged.measure(
            pairs.half("test"),
            continues=settings.continue_percent,
            suggests=settings.suggest_percent,
        )
    by_hand = sum(pair.by_hand for pair in pairs.half("test"))
    size = f"{seen.pairs} pairs of {len(pairs.pairs())}, {by_hand} of them written by hand"
    notes = [
        f"{size}; thresholds {settings.continue_percent} and {settings.suggest_percent}",
        (
            f"{seen.continued} continued, {seen.wrongly} wrongly; {seen.by_itself:.0%} of what belongs"
            f" together needs nobody, {seen.suggested_rightly:.0%} of the suggestions are right"
        ),
    ]
    return [
        Row("which_ticket", "precision ≥ 0.97", seen.precision, "of those continued", ok=seen.precision >= 0.97, notes=notes),
        Row("which_ticket", "recall ≥ 0.85", seen.recall, "with suggestions", ok=seen.recall >= 0.85),
    ]  # fmt: skip


def resolution(options: Options) -> list[Row]:
    """Who is it, and which ticket: what one message of a known contact costs before it is written."""
    with house(tickets=options.tickets, demo=True, data_dir=options.data_dir) as made:
        people = ask(
            made,
            "SELECT i.address, min(t.id) FROM contacts_identity i JOIN tickets_ticket t ON t.contact_id = i.contact_id"
            " WHERE i.kind = 'email' GROUP BY 1 ORDER BY md5(i.address) LIMIT %s",
            LOOKS,
        )
        contacts = ask(made, "SELECT count(*) FROM contacts_contact")[0][0]
        times, found = _looked_up([address for address, _ in people])
        cards = _cards([ticket for _, ticket in people])
    size = f"{contacts:,} contacts, {options.tickets:,} tickets"
    return [
        Row("resolution", "p99 ≤ 20", percentile(times, 0.99), "ms", "its p50", percentile(times, 0.5),
            ok=percentile(times, 0.99) <= 20, notes=[f"{size}; {len(times)} messages, {found} of contacts with recent tickets, judged"]),
        Row("resolution", "card p99 ≤ 20", percentile(cards, 0.99), "ms", "its p50", percentile(cards, 0.5),
            ok=percentile(cards, 0.99) <= 20, notes=["what the card beside a ticket reads of the contact"]),
    ]  # fmt: skip


def _looked_up(addresses: list[str]) -> tuple[list[float], int]:
    from django.db import transaction

    from sportello.accounts.models import Brand
    from sportello.channels.contract import Address
    from sportello.channels.models import Channel
    from sportello.contacts.resolve import resolve
    from sportello.core.clock import now
    from sportello.tickets.belonging import candidates, guessing

    channel = Channel.objects.filter(provider="email").earliest("pk").pk
    brand = Brand.objects.earliest("pk").pk
    text = "Buongiorno, avete notizie? La macchina perde ancora acqua dalla base, ordine BA-19999."
    times, found = [], 0
    # Within the newest tickets' window, whatever the age of the generated ones.
    candidates.DAYS = timedelta(days=4_000).days
    for n, address in enumerate(["", *addresses]):
        began = time.perf_counter()
        with transaction.atomic():
            at = now()
            known = resolve([Address("email", address)], now=at) if address else {}
            contact = next(iter(known.values())).contact_id if known else 0
            one = candidates.Wanted(0, contact, brand, channel, 0, text)
            found += len(guessing.guesses(candidates.candidates([one], now=at), now=at))
        if n:
            times.append((time.perf_counter() - began) * 1000)
    return times, found


def _cards(tickets: list[int]) -> list[float]:
    """The card's own reading, without the page around it."""
    from django.test import RequestFactory

    from sportello.accounts.models import Agent
    from sportello.accounts.queries import keep_grants, rights_of
    from sportello.core.actors import Actor
    from sportello.tickets.models import Ticket
    from sportello.tickets.reading.hanging import hanging
    from sportello.workspace import ticket_context

    agent = Agent.objects.get(email="giulia@bottega-aurora.example")
    keep_grants(agent)
    times: list[float] = []
    rows = Ticket.objects.select_related("contact__organization", "assignee", "brand", "team")
    for ticket in [rows.get(pk=pk) for pk in tickets]:
        request: object = RequestFactory().get("/")
        request.user = request.agent = agent  # type: ignore[attr-defined]
        request.rights, request.actor = rights_of(agent), Actor.agent(agent.pk)  # type: ignore[attr-defined]
        began = time.perf_counter()
        ticket_context.side(request, ticket, hanging(ticket, agent))  # type: ignore[arg-type]
        times.append((time.perf_counter() - began) * 1000)
    return times[1:]
