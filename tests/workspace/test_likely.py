"""“Perhaps the same person”, “perhaps the same problem”, as an agent sees and answers them."""

from __future__ import annotations

from django.urls import reverse

from sportello.contacts.models import Contact, Merge, Suggestion
from sportello.core.clock import now
from sportello.tickets.models import Belonging, Ticket
from tests.workspace.conftest import Desk


def pair(desk: Desk, *, other: str = "twin") -> tuple[Ticket, Ticket, Suggestion]:
    ticket = desk.tickets["public"]
    twin = desk.open("Ancora la guarnizione") if other == "twin" else desk.tickets[other]
    low, high = sorted([ticket.contact_id, twin.contact_id])
    row = Suggestion.objects.create(
        first_id=low,
        second_id=high,
        reasons=[{"reason": "claimed", "kind": "email", "value": "ada@posta.example"}],
        created_at=now(),
    )
    return ticket, twin, row


def verb(contact: Contact, name: str) -> str:
    return reverse("workspace:contact_verb", args=[contact.pk, name])


def test_the_card_says_who_it_may_be_and_why_and_joins(desk: Desk) -> None:
    ticket, twin, row = pair(desk)
    client = desk.client("agent")
    page = client.get(f"/app/tickets/{ticket.number}").content.decode()
    assert "Perhaps the same person" in page or "Forse è la stessa persona" in page
    assert "ada@posta.example" in page
    answer = client.post(
        verb(ticket.contact, "accept"), {"suggestion": row.pk, "ticket": ticket.number}
    )
    assert answer.headers["HX-Redirect"] == f"/app/tickets/{ticket.number}"
    twin.refresh_from_db()
    ticket.refresh_from_db()
    assert twin.contact_id == ticket.contact_id
    page = client.get(f"/app/contacts/{ticket.contact_id}").content.decode()
    assert verb(ticket.contact, "unmerge") in page
    client.post(verb(ticket.contact, "unmerge"), {"merge": Merge.objects.get().pk})
    twin.refresh_from_db()
    ticket.refresh_from_db()
    assert twin.contact_id != ticket.contact_id


def test_not_the_same_goes_away(desk: Desk) -> None:
    ticket, _twin, row = pair(desk)
    client = desk.client("agent")
    answer = client.post(verb(ticket.contact, "dismiss"), {"suggestion": row.pk})
    assert (answer.status_code, answer.content) == (200, b"")
    row.refresh_from_db()
    assert row.state == "dismissed"
    assert client.post(verb(ticket.contact, "dismiss"), {"suggestion": row.pk}).status_code == 404


def test_who_does_not_see_the_other_learns_nothing_and_joins_nothing(desk: Desk) -> None:
    ticket, twin, row = pair(desk, other="secret")
    client = desk.client("agent")
    page = client.get(f"/app/tickets/{ticket.number}").content.decode()
    assert "ada@posta.example" not in page
    for name in ("accept", "dismiss"):
        answer = client.post(verb(ticket.contact, name), {"suggestion": row.pk})
        assert answer.status_code == 404
    merged = client.post(verb(ticket.contact, "merge"), {"other": twin.contact_id})
    assert merged.status_code == 404
    row.refresh_from_db()
    assert row.state == "open"
    shown = client.get(
        reverse("workspace:contact_choices", args=[ticket.contact_id]), {"q": "Ada"}
    ).content.decode()
    assert f'value="{twin.contact_id}"' not in shown


def test_a_light_agent_decides_nothing(desk: Desk) -> None:
    ticket, twin, row = pair(desk)
    client = desk.client("light")
    for name, form in (
        ("accept", {"suggestion": row.pk}),
        ("dismiss", {"suggestion": row.pk}),
        ("merge", {"other": twin.contact_id}),
    ):
        assert client.post(verb(ticket.contact, name), form).status_code == 403, name


def test_two_contacts_are_merged_by_hand(desk: Desk) -> None:
    ticket, twin = desk.tickets["public"], desk.open("Altro")
    client = desk.client("agent")
    shown = client.get(
        reverse("workspace:contact_choices", args=[ticket.contact_id]), {"q": "Ada"}
    ).content.decode()
    assert f'value="{twin.contact_id}"' in shown
    answer = client.post(verb(ticket.contact, "merge"), {"other": twin.contact_id})
    assert answer.status_code == 302
    assert Merge.objects.get().gone_id == twin.contact_id


def test_a_ticket_says_where_it_may_belong_and_is_joined_and_taken_out(desk: Desk) -> None:
    ticket = desk.tickets["public"]
    other = desk.open("Ancora la guarnizione")
    Ticket.objects.filter(pk=other.pk).update(contact=ticket.contact)
    Belonging.objects.create(
        ticket=other,
        to=ticket,
        percent=78,
        reasons=["same_reference", "same_words"],
        created_at=now(),
    )
    client = desk.client("agent")
    page = client.get(f"/app/tickets/{other.number}").content.decode()
    assert "78 %" in page
    merge = reverse("workspace:verb", args=[other.number, "merge"])
    answer = client.post(merge, {"into": ticket.number})
    assert answer.headers["HX-Redirect"] == f"/app/tickets/{ticket.number}"
    undo = reverse("workspace:verb", args=[other.number, "unmerge"])
    assert undo in client.get(f"/app/tickets/{ticket.number}").content.decode()
    assert client.post(undo).headers["HX-Redirect"] == f"/app/tickets/{other.number}"
    assert other.messages.count() == 1
    assert "78 %" not in client.get(f"/app/tickets/{other.number}").content.decode()


def test_another_matter_is_not_asked_again(desk: Desk) -> None:
    ticket, other = desk.tickets["public"], desk.open("Fattura")
    row = Belonging.objects.create(
        ticket=other, to=ticket, percent=50, reasons=["recent"], created_at=now()
    )
    client = desk.client("agent")
    refuse = reverse("workspace:verb", args=[other.number, "refuse"])
    assert client.post(refuse, {"to": ticket.number}).status_code == 200
    row.refresh_from_db()
    assert row.state == "refused"


def test_a_hidden_ticket_is_not_suggested(desk: Desk) -> None:
    other = desk.open("Fattura")
    Belonging.objects.create(
        ticket=other, to=desk.tickets["secret"], percent=78, reasons=[], created_at=now()
    )
    assert "78 %" not in desk.client("agent").get(f"/app/tickets/{other.number}").content.decode()
