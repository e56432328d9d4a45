"""Consents and data requests by the API: within the caller's rights, the ledger only grows."""

from __future__ import annotations

import pytest

from sportello.contacts import consents
from tests.api.company import Firm, found


@pytest.fixture
def firm(db: None) -> Firm:
    return found()


def test_a_program_notes_and_reads_consents(firm: Firm) -> None:
    contact = firm.tickets["own"].contact
    path = f"/contacts/{contact.pk}/consents"
    body = {"purpose": "marketing", "given": True, "channel": "email", "text_version": "v3"}
    made = firm.giulia.post(path, body)
    assert made.status_code == 201
    assert made.json()["source"] == "api"
    assert consents.may(contact, "marketing", "email")
    firm.giulia.post(path, {"purpose": "marketing", "given": False})
    assert not consents.may(contact, "marketing", "email")
    first = firm.giulia.get(f"{path}?limit=1").json()
    assert [i["given"] for i in first["items"]] == [False]
    second = firm.giulia.get(f"{path}?limit=1&cursor={first['next_cursor']}").json()
    assert [i["text_version"] for i in second["items"]] == ["v3"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"purpose": "everything", "given": True},
        {"purpose": "marketing"},
        {"purpose": "marketing", "given": True, "source": "stop"},
        {"purpose": "marketing", "given": True, "channel": "E-Mail!"},
        {"purpose": "marketing", "given": True, "contact": 1},
    ],
)
def test_what_is_no_consent_is_refused(firm: Firm, body: dict[str, object]) -> None:
    path = f"/contacts/{firm.tickets['own'].contact_id}/consents"
    assert firm.giulia.post(path, body).status_code == 422


def test_rights(firm: Firm) -> None:
    path = f"/contacts/{firm.tickets['private'].contact_id}/consents"
    body = {"purpose": "marketing", "given": True}
    assert firm.giulia.get(path).status_code == 404
    assert firm.giulia.post(path, body).status_code == 404
    own = f"/contacts/{firm.tickets['own'].contact_id}"
    assert firm.light.get(f"{own}/consents").status_code == 200
    assert firm.light.post(f"{own}/consents", body).status_code == 403
    assert firm.light.post(f"{own}/requests", {"kind": "export"}).status_code == 403


def test_a_request_is_written_down_and_closed_by_the_export(firm: Firm) -> None:
    own = f"/contacts/{firm.tickets['own'].contact_id}"
    made = firm.giulia.post(
        f"{own}/requests", {"kind": "export", "asked_at": "2026-01-10T10:00:00Z"}
    )
    assert made.status_code == 201
    assert made.json()["due_at"].startswith("2026-02-09")
    assert firm.admin.post(f"{own}/export").status_code == 200
    assert firm.giulia.get(f"{own}/requests").json()["items"][0]["done_at"]
