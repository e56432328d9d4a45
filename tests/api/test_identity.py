"""Who is who and what belongs together, for programs."""

from __future__ import annotations

import pytest

from sportello.contacts.models import Identity, Suggestion
from sportello.core.clock import now
from sportello.core.models import AuditEntry
from sportello.tickets.models import Belonging
from tests.api.company import Firm, found, person


@pytest.fixture
def firm(db: None) -> Firm:
    return found()


def suggested(one: int, other: int) -> Suggestion:
    low, high = sorted([one, other])
    reasons = [{"reason": "number", "kind": "phone", "value": "+39055123456"}]
    return Suggestion.objects.create(
        first_id=low, second_id=high, reasons=reasons, created_at=now()
    )


def test_a_suggestion_is_read_accepted_and_taken_back(firm: Firm) -> None:
    ada, other = person("Ada", "ada@home.example"), person("Ada N.")
    row = suggested(ada.pk, other.pk)
    (item,) = firm.giulia.get(f"/contacts/{other.pk}/suggestions").json()["items"]
    assert (item["contact"]["id"], item["reasons"][0]["reason"]) == (ada.pk, "number")
    stays = firm.giulia.post(f"/contacts/{other.pk}/suggestions/{row.pk}/accept").json()
    assert stays["id"] == ada.pk
    (merge,) = firm.giulia.get(f"/contacts/{ada.pk}/merges").json()["items"]
    assert merge["contact"] == other.pk
    back = firm.giulia.post(f"/contacts/{ada.pk}/unmerge", {"merge": merge["id"]}).json()
    assert (back["id"], back["name"]) == (other.pk, "Ada N.")
    again = firm.giulia.post(f"/contacts/{ada.pk}/unmerge", {"merge": merge["id"]})
    assert again.status_code == 422


def test_dismissing_needs_the_right_and_both_sides_visible(firm: Firm) -> None:
    mine, hidden = firm.tickets["own"].contact, firm.tickets["private"].contact
    row = suggested(mine.pk, hidden.pk)
    assert firm.giulia.get(f"/contacts/{mine.pk}/suggestions").json()["items"] == []
    path = f"/contacts/{mine.pk}/suggestions/{row.pk}"
    assert firm.giulia.post(f"{path}/dismiss").status_code == 404
    assert firm.giulia.post(f"{path}/accept").status_code == 404
    assert firm.light.post(f"{path}/dismiss").status_code == 403
    assert firm.admin.post(f"{path}/dismiss").status_code == 204
    row.refresh_from_db()
    assert row.state == "dismissed"


def test_where_a_ticket_may_belong_is_read_refused_joined_and_taken_apart(firm: Firm) -> None:
    ticket, other = firm.tickets["own"], firm.tickets["other"]
    Belonging.objects.create(
        ticket=ticket, to=other, percent=70, reasons=["same_words"], created_at=now()
    )
    Belonging.objects.create(
        ticket=ticket, to=firm.tickets["private"], percent=80, reasons=[], created_at=now()
    )
    (item,) = firm.giulia.get(f"/tickets/{ticket.number}/suggestions").json()["items"]
    assert (item["ticket"], item["percent"], item["reasons"]) == (other.number, 70, ["same_words"])
    refuse = f"/tickets/{ticket.number}/suggestions/refuse"
    assert firm.giulia.post(refuse, {"to": firm.tickets["private"].number}).status_code == 422
    assert firm.giulia.post(refuse, {"to": other.number}).status_code == 204
    firm.giulia.post(f"/tickets/{ticket.number}/merge", {"into": other.number})
    back = firm.giulia.post(f"/tickets/{ticket.number}/unmerge").json()
    assert (back["number"], back["merged_into"]) == (ticket.number, None)
    assert firm.giulia.post(f"/tickets/{ticket.number}/unmerge").status_code == 422


def test_ticket_and_person_are_joined_in_one_call_where_that_is_suggested(firm: Firm) -> None:
    ticket, other = firm.tickets["own"], firm.tickets["other"]
    path, body = f"/tickets/{ticket.number}/merge", {"into": other.number, "people": True}
    assert firm.giulia.post(path, body).status_code == 422, "nothing suggests it"
    suggested(ticket.contact_id, other.contact_id)
    Belonging.objects.create(ticket=ticket, to=other, percent=70, reasons=[], created_at=now())
    (item,) = firm.giulia.get(f"/tickets/{ticket.number}/suggestions").json()["items"]
    assert item["contact"]["id"] == other.contact_id
    assert firm.member.post(path, body).status_code in {403, 422}
    assert firm.light.post(path, body).status_code == 403
    hidden = firm.tickets["private"]
    suggested(ticket.contact_id, hidden.contact_id)
    assert firm.giulia.post(path, body | {"into": hidden.number}).status_code == 422
    joined = firm.giulia.post(path, body)
    assert joined.status_code == 200, joined.content
    ticket.refresh_from_db()
    other.refresh_from_db()
    assert (joined.json()["number"], ticket.merged_into_id) == (other.number, other.pk)
    assert ticket.contact_id == other.contact_id


def test_marks_of_an_address_are_set_and_cleared_with_audit_and_rights(firm: Firm) -> None:
    ada, other = firm.tickets["own"].contact, person("Ada N.")
    number = Identity.objects.create(contact=ada, kind="phone", address="+39055123456")
    row = suggested(ada.pk, other.pk)
    path = f"/contacts/{ada.pk}/identities/{number.pk}/doubt"
    assert firm.light.call("put", path, {"doubt": "shared"}).status_code == 403
    assert firm.other_brand_agent.call("put", path, {"doubt": "shared"}).status_code == 404
    assert firm.giulia.call("put", path, {"doubt": "perhaps"}).status_code == 422
    marked = firm.giulia.call("put", path, {"doubt": "recycled"})
    assert marked.json()["doubt"] == "recycled"
    assert not Suggestion.objects.filter(pk=row.pk).exists(), "it rested on nothing else"
    assert firm.giulia.call("put", path, {"doubt": None}).json()["doubt"] is None
    assert firm.giulia.call("put", path, {"doubt": None}).status_code == 200
    notes = AuditEntry.objects.filter(action__startswith="identity.").order_by("pk")
    assert [(n.action, n.changes["doubt"]) for n in notes] == [
        ("identity.marked", ["", "recycled"]), ("identity.cleared", ["recycled", ""]),
    ]  # fmt: skip
    assert {n.actor for n in notes} == {f"agent:{firm.giulia.agent.pk}"}
    elsewhere = f"/contacts/{other.pk}/identities/{number.pk}/doubt"
    assert firm.giulia.call("put", elsewhere, {"doubt": "shared"}).status_code == 404


def test_a_mark_takes_only_its_own_reasons(firm: Firm) -> None:
    ada, other = firm.tickets["own"].contact, person("Ada N.")
    number = Identity.objects.create(contact=ada, kind="phone", address="+39055123456")
    row = suggested(ada.pk, other.pk)
    row.reasons = [*row.reasons, {"reason": "order", "kind": "", "value": "BA-1"}]
    row.save()
    path = f"/contacts/{ada.pk}/identities/{number.pk}/doubt"
    firm.giulia.call("put", path, {"doubt": "shared"})
    row.refresh_from_db()
    assert [r["reason"] for r in row.reasons] == ["order"]
