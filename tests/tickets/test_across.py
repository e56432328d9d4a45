"""Somebody writes from an address that nobody knows, about what another contact began: shown to agents, joined by one.

Nothing is ever told to the address itself.
"""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from sportello.accounts.models import Role, Team
from sportello.contacts.models import Contact, Suggestion
from sportello.core import consumers
from sportello.core.clock import now
from sportello.core.models import Event, SentMail
from sportello.tickets import actions
from sportello.tickets.models import Belonging, Message, Ticket
from tests import walk
from tests.walk import Shop, arrive, mail_bytes, send_due
from tests.workspace.conftest import BACKEND

pytestmark = pytest.mark.django_db
STORY = "La mia Aurora Uno perde acqua dalla guarnizione della caldaia. Il segreto: pettirosso."
OFFICE = "Ada Neri <ada.neri@studio-neri.example>"


@pytest.fixture
def shop(db: None, settings: Any) -> Shop:
    settings.SPORTELLO_DEMO = True
    return walk.open_shop()


@pytest.fixture
def ticket(shop: Shop) -> Ticket:
    home = mail_bytes("Ada Neri <ada@home.example>", STORY, subject="Aurora Uno perde acqua")
    return arrive(shop.mail, home).ticket


def follow() -> None:
    events = list(Event.objects.order_by("pk"))
    for consumer in consumers.all_consumers():
        theirs = [e for e in events if not consumer.types or e.type in consumer.types]
        if theirs:
            with transaction.atomic():
                consumer.digest(theirs)


def from_the_office(shop: Shop, text: str, subject: str = "Macchina") -> Message:
    mail = arrive(shop.mail, mail_bytes(OFFICE, text, subject=subject))
    follow()
    return mail


def desk(agent: Any) -> Client:
    client = Client()
    client.force_login(agent, backend=BACKEND)
    return client


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Macchina", "Vi ho già scritto, ticket n. {n}: perde sempre acqua dalla guarnizione."),
        ("Richiesta #{n}, Aurora Uno perde acqua", "Ci sono novità sulla guarnizione?"),
    ],
)
def test_a_ticket_number_raises_the_person_and_the_ticket(
    shop: Shop, ticket: Ticket, subject: str, text: str
) -> None:
    mail = from_the_office(shop, text.format(n=ticket.number), subject.format(n=ticket.number))
    assert mail.ticket_id != ticket.pk, "a claimed number joins nothing"
    row = Suggestion.objects.get()
    assert row.reasons == [{"reason": "ticket", "kind": "", "value": str(ticket.number)}]
    belonging = Belonging.objects.get(ticket=mail.ticket_id, to=ticket)
    assert "ticket_number" in belonging.reasons
    page = desk(shop.giulia).get(f"/app/tickets/{mail.ticket.number}").content.decode()
    assert f"menu/join?to={ticket.number}" in page


def test_both_are_joined_by_one_button_and_taken_apart_again(shop: Shop, ticket: Ticket) -> None:
    mail = from_the_office(shop, f"Ticket n. {ticket.number}: perde ancora acqua.")
    client, there = desk(shop.giulia), f"/app/tickets/{mail.ticket.number}/do"
    done = client.post(f"{there}/join_both", {"into": str(ticket.number)})
    assert done.headers["HX-Redirect"] == f"/app/tickets/{ticket.number}"
    assert Contact.objects.count() == 1
    mail.refresh_from_db()
    assert mail.ticket_id == ticket.pk
    assert Belonging.objects.get().state == "joined"
    assert Suggestion.objects.filter(state="open").count() == 0
    assert client.post(f"{there}/unmerge").status_code == 200
    mail.refresh_from_db()
    assert mail.ticket_id != ticket.pk
    assert Contact.objects.count() == 1, "the person is another question"


def test_nothing_suggested_nothing_joined(shop: Shop, ticket: Ticket) -> None:
    bob = arrive(shop.mail, mail_bytes("Bob Verdi <bob@x.example>", "Vorrei un macinino.")).ticket
    follow()
    by: dict[str, Any] = {"actor": shop.actor(), "now": now()}
    with pytest.raises(actions.CannotMerge):
        actions.join_both(ticket=bob, into=ticket, **by)
    assert Contact.objects.count() == 2
    url = f"/app/tickets/{bob.number}/menu/join"
    assert desk(shop.giulia).get(url, {"to": ticket.number}).status_code == 404


def test_another_name_raises_nothing(shop: Shop, ticket: Ticket) -> None:
    arrive(
        shop.mail, mail_bytes("Bob Verdi <bob@x.example>", f"Ticket n. {ticket.number}: allora?")
    )
    follow()
    assert not Suggestion.objects.exists()
    assert not Belonging.objects.exists()


def test_who_may_not_see_the_other_ticket_sees_no_suggestion(shop: Shop, ticket: Ticket) -> None:
    mail = from_the_office(shop, f"Ticket n. {ticket.number}: perde ancora acqua.")
    team = Team.objects.create(name="Soli", slug="soli", is_private=True)
    Ticket.objects.filter(pk=mail.ticket_id).update(team=team)
    Ticket.objects.filter(pk=ticket.pk).update(team=Team.objects.create(name="Altri", slug="altri", is_private=True))  # fmt: skip
    member = desk(walk.agent("solo", Role.AGENT, team=team))
    page = member.get(f"/app/tickets/{mail.ticket.number}").content.decode()
    assert "perde ancora acqua" in page
    assert "menu/join" not in page
    url = f"/app/tickets/{mail.ticket.number}"
    assert member.get(f"{url}/menu/join", {"to": ticket.number}).status_code == 404
    assert member.post(f"{url}/do/join_both", {"into": ticket.number}).status_code == 422
    light = desk(walk.agent("lightly", Role.LIGHT))
    assert light.post(f"{url}/do/join_both", {"into": ticket.number}).status_code in {403, 404}


@pytest.mark.parametrize("joins", ["nothing", "merge", "join_both"])
def test_the_unproved_address_never_reads_the_other_tickets_words(
    shop: Shop, ticket: Ticket, joins: str
) -> None:
    """Not by an answer of its own, not by the answer of an agent, joined or not."""
    actions.reply(
        ticket=ticket, text="Il codice segreto è usignolo.", actor=shop.actor(), now=now()
    )
    send_due()
    mail = from_the_office(shop, f"Ticket n. {ticket.number}: perde ancora acqua.")
    if joins != "nothing":
        url = f"/app/tickets/{mail.ticket.number}/do/{joins}"
        assert desk(shop.giulia).post(url, {"into": str(ticket.number)}).status_code == 200
    mail.refresh_from_db()
    there = Ticket.objects.get(pk=mail.ticket_id)
    actions.reply(ticket=there, text="Ce ne occupiamo.", channel=shop.mail, actor=shop.actor(), now=now())  # fmt: skip
    send_due()
    got = [
        message_from_bytes(bytes(sent.raw), policy=default)
        for sent in SentMail.objects.filter(recipients__contains=["ada.neri@studio-neri.example"])
    ]
    seen = "".join(
        f"{mail['subject']}\n{part.get_content()}"
        for mail in got
        for part in mail.walk()
        if part.get_content_maintype() == "text"
    )
    assert "Ce ne occupiamo" in seen
    assert "pettirosso" not in seen
    assert "usignolo" not in seen
