"""What somebody types into the search field, and what it finds."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from sportello.core.clock import now
from sportello.tickets.models import Message, Tag, Ticket
from sportello.tickets.reading.inbox import Filters, inbox
from sportello.tickets.reading.search import spelling
from tests import walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> walk.Shop:
    shop = walk.open_shop()
    spelling._known = (0.0, [])
    for sender, text in (
        ("Ada Rossi <ada@x.example>", "La guarnizione della moka perde acqua"),
        (
            "Bruno Verdi <bruno@y.example>",
            "Vorrei il rimborso dell'ordine, non è più arrivato il caffè",
        ),
        ("Carla Neri <carla@x.example>", "Anche la mia guarnizione è rotta, serve il rimborso"),
        ("Dan Smith <dan@z.example>", "My parcels have not arrived yet"),
    ):
        walk.arrive(shop.mail, walk.mail_bytes(sender=sender, text=text, subject="Domanda"))
    walk.arrive(shop.fake, walk.fake_body(("f1", "ermes", "Il macinacaffè Brera fa rumore")))
    return shop


def names(shop: walk.Shop, typed: str) -> list[str]:
    page = inbox(shop.giulia, "all", Filters(q=typed))
    return sorted(
        ticket.contact.name.split()[0] if ticket.contact.name else "?" for ticket in page.tickets
    )


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("guarnizioni", ["Ada", "Carla"]),
        ("caffe", ["Bruno"]),
        ("parcel", ["Dan"]),
        ("guarn", ["Ada", "Carla"]),
        ("rimborso guarn", ["Carla"]),
        ('"moka perde"', ["Ada"]),
        ('"perde moka"', []),
        ("guarnizione -rimborso", ["Ada"]),
        ("from:ada", ["Ada"]),
        ("da:x.example guarnizione", ["Ada", "Carla"]),
        ('from:"carla neri" rimborso', ["Carla"]),
        ("-from:ada guarnizione", ["Carla"]),
        ("from:nobody guarnizione", []),
        ("channel:fake", ["?"]),
        ("canale:e-mail rimborso", ["Bruno", "Carla"]),
        ("channel:pigeon", []),
        ("status:new guarnizione", ["Ada", "Carla"]),
        ("status:solved guarnizione", []),
        ("after:today parcel", ["Dan"]),
        ("before:today parcel", []),
        ("on:oggi parcel", ["Dan"]),
        ("dal:7g guarnizione", ["Ada", "Carla"]),
        ("macinacaffe:brera", ["?"]),
        ("smith", ["Dan"]),
    ],
)
def test_finds(shop: walk.Shop, typed: str, found: list[str]) -> None:
    with translation.override("it"):
        assert names(shop, typed) == found


@pytest.mark.parametrize("typed", ["guarnizzione", "gaurnizione", "guarnizone"])
def test_a_slip_of_the_finger_is_forgiven_and_said(shop: walk.Shop, typed: str) -> None:
    page = inbox(shop.giulia, "all", Filters(q=typed))
    assert page.nearly
    assert {t.contact.name for t in page.tickets} == {"Ada Rossi", "Carla Neri"}
    assert not inbox(shop.giulia, "all", Filters(q="guarnizione")).nearly


def test_a_name_spelled_nearly_right(shop: walk.Shop) -> None:
    assert names(shop, "Bruno Verdy") == ["Bruno"]


def test_nothing_like_it_is_nothing(shop: walk.Shop) -> None:
    assert names(shop, "zzxyqw") == []


def test_tags_as_they_are_written(shop: walk.Shop) -> None:
    Tag.objects.create(name="Resi")
    ticket = Ticket.objects.filter(contact__name="Ada Rossi").get()
    ticket.tags = ["Resi"]
    ticket.save()
    assert names(shop, "tag:resi") == ["Ada"]
    assert names(shop, "-tag:resi guarnizione") == ["Carla"]


def test_days_are_the_readers(shop: walk.Shop) -> None:
    """Half past midnight in Rome is still yesterday in London."""
    midnight = now().astimezone(ZoneInfo("Europe/Rome")).replace(hour=0, minute=30)
    ticket = Ticket.objects.filter(contact__name="Dan Smith").get()
    Message.objects.filter(ticket=ticket).update(created_at=midnight)
    Ticket.objects.filter(pk=ticket.pk).update(created_at=midnight, last_message_at=midnight)
    with timezone.override("Europe/Rome"):
        assert names(shop, "on:today parcel") == ["Dan"]
    with timezone.override("Europe/London"):
        assert names(shop, f"on:{midnight - timedelta(days=1):%Y-%m-%d} parcel") == ["Dan"]


@pytest.mark.parametrize(
    "typed", ["from:", "after:someday parcel", 'a"b', "%_%", "tag:'; DROP", "a:b:c", "💥 \\", "-"]
)
def test_whatever_is_typed_is_answered(shop: walk.Shop, typed: str) -> None:
    names(shop, typed)


def test_rights_hold_for_every_way_to_find(shop: walk.Shop) -> None:
    stranger = walk.agent("stranger", "agent", brand=None)
    stranger.grants.all().delete()
    for typed in ("guarnizione", "from:ada", "guarnizzione", "channel:fake"):
        assert inbox(stranger, "all", Filters(q=typed)).tickets == []
