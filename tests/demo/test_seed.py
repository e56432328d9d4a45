"""The demo company moves in by the real walk, once, and leaves nothing behind."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from sportello.accounts.models import Agent
from sportello.channels.models import Channel, SpoolParked, SpoolTodo
from sportello.contacts.models import Touchpoint
from sportello.core.models import Event, Parked, SentMail
from sportello.demo import names
from sportello.demo.company import easter, holidays
from sportello.demo.seed import seed
from sportello.tickets.models import (
    Delivery,
    DeliveryState,
    Mention,
    Message,
    Moderation,
    Monitored,
    Priority,
    ReadMark,
    Status,
    Ticket,
)
from tests.database import standing

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def aurora(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[float]:
    """The seeded company; gives the seconds of processor time that it took us."""
    with standing(django_db_blocker):
        start = time.process_time()
        with django_db_blocker.unblock():
            assert seed()
        yield time.process_time() - start


def test_every_kind_of_ticket_is_there_and_nothing_is_parked(aurora: float) -> None:
    assert set(Ticket.objects.values_list("status", flat=True)) == set(Status.values)
    assert set(Ticket.objects.values_list("priority", flat=True)) == set(Priority.values)
    assert {"it", "en", "de", "fr"} <= set(Ticket.objects.values_list("language", flat=True))
    assert Ticket.objects.count() >= 40
    assert not SpoolParked.objects.exists()
    assert not SpoolTodo.objects.exists()
    assert not Parked.objects.exists()
    assert Ticket.objects.filter(is_spam=True).exists()
    assert Ticket.objects.filter(snoozed_until__isnull=False).exists()
    assert Ticket.objects.filter(merged_into__isnull=False).exists()
    assert Ticket.objects.filter(team__is_private=True).exists()
    assert Ticket.objects.filter(assignee=None, status="new").exists()
    assert Message.objects.filter(is_held=True).count() == 1
    assert set(Message.objects.values_list("nature", flat=True)) >= {"person", "auto_reply", "list"}


def test_every_answer_has_left_but_the_one_that_came_back(aurora: float) -> None:
    states = set(Delivery.objects.values_list("state", flat=True))
    assert states == {DeliveryState.SENT, DeliveryState.READ, DeliveryState.FAILED}
    assert Delivery.objects.filter(state=DeliveryState.FAILED).count() == 1
    assert SentMail.objects.count() == Delivery.objects.filter(channel__provider="email").count()


def test_customers_answer_in_the_ticket_they_were_answered_in(aurora: float) -> None:
    leak = Ticket.objects.get(subject="Aurora Uno: perde acqua dal gruppo")
    assert [m.direction for m in leak.messages.order_by("pk")] == [
        "in",
        "out",
        "note",
        "note",
        "in",
        "out",
        "in",
    ]
    assert leak.custom == {"ordine": "BA-20418", "modello": "Aurora Uno", "matricola": "0925-1177"}
    photo = leak.messages.earliest("pk").attachments.get()
    assert photo.inline
    assert f"/files/{photo.file.key}" in leak.messages.earliest("pk").html


def test_old_tickets_are_read_and_new_ones_are_not(aurora: float) -> None:
    marks = set(ReadMark.objects.values_list("ticket__subject", "agent__name"))
    assert ("Istruzioni della moka", "Giulia Ferri") in marks
    assert ("Ordine BA-20533 fermo a Livorno", "Giulia Ferri") not in marks
    waiting = Mention.objects.filter(read_at=None).values_list("agent__name", flat=True)
    assert set(waiting) == {"Aurora Conti", "Giulia Ferri"}


def test_time_never_runs_ahead_or_backwards(aurora: float) -> None:
    for ticket in Ticket.objects.prefetch_related("messages"):
        times = [m.created_at for m in sorted(ticket.messages.all(), key=lambda m: m.pk)]
        if ticket.merged_into_id is None and times:
            assert ticket.created_at == min(times), ticket
            assert ticket.created_at <= ticket.updated_at
    assert Event.objects.order_by("-occurred_at").first()


def test_seeding_twice_changes_nothing(aurora: float) -> None:
    before = (
        Ticket.objects.count(),
        Message.objects.count(),
        Event.objects.count(),
        Agent.objects.count(),
    )
    assert seed() is False
    assert before == (
        Ticket.objects.count(),
        Message.objects.count(),
        Event.objects.count(),
        Agent.objects.count(),
    )


def test_the_names_that_others_rely_on(aurora: float) -> None:
    assert Channel.objects.get(provider="webchat").public_id == names.CHAT_PUBLIC_ID
    for name in ("admin", "giulia", "marco", "sara"):
        assert Agent.objects.get(email=f"{name}@{names.DOMAIN}").check_password("aurora-demo")


def test_it_is_quick(aurora: float) -> None:
    assert aurora < 6


def test_holidays_know_easter_monday() -> None:
    assert easter(2026).isoformat() == "2026-04-05"
    assert easter(2027).isoformat() == "2027-03-28"
    assert "2026-04-06" in holidays(2026)


def test_six_ways_of_talking_are_one_ticket(aurora: float) -> None:
    """The story that the product exists for; its networks are turned off and call nobody."""
    ticket = Ticket.objects.get(subject__startswith="La mia Aurora Uno perde acqua da una")
    told = [m.channel.provider if m.channel else m.nature for m in ticket.messages.select_related("channel").order_by("created_at", "pk")]  # fmt: skip
    assert told == ["facebook", "messenger", "messenger", "messenger", "whatsapp", "email", "phone", "twilio"]  # fmt: skip
    assert ticket.merged_into is None
    kinds = set(ticket.contact.identities.values_list("kind", flat=True))
    assert kinds == {"facebook", "messenger", "whatsapp", "phone", "email"}
    seen = Touchpoint.objects.filter(contact=ticket.contact).values_list("kind", flat=True)
    assert sorted(seen) == ["article", "page", "page", "search"]
    assert ticket.messages.get(channel__provider="whatsapp").attachments.count() == 1
    assert not Channel.objects.filter(provider="facebook", is_active=True).exists()


def test_what_strangers_read_is_hidden_answered_and_watched(aurora: float) -> None:
    hidden = Moderation.objects.get()
    assert (hidden.hidden, hidden.trouble, hidden.due_at) == (True, "", None)
    review = Message.objects.get(channel__provider="google_play", direction="in")
    assert review.meta["stars"] == 2
    assert Message.objects.get(ticket=review.ticket, direction="out").agent is not None
    watched = Monitored.objects.get()
    assert watched.channel.provider == "instagram"
    assert not Message.objects.filter(channel=watched.channel).exists()
