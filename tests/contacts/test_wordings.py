"""What people agreed to, word for word: versions that never change, and a ledger that points to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from sportello.contacts import consents, dossier, privacy, wordings
from sportello.contacts.ledger import Consent, Wording
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from tests.api.company import Firm, found

pytestmark = pytest.mark.django_db
TEXT = "Acconsento a ricevere offerte da Bottega Aurora per e-mail."


@pytest.fixture
def firm(db: None) -> Firm:
    return found()


def write(version: str = "offerte-1", text: str = TEXT, **more: Any) -> Wording:
    given = {"purpose": "marketing", "language": "it", "now": now(), "actor": SYSTEM} | more
    return wordings.write(version=version, text=text, **given)


def test_a_version_never_changes_and_has_one_name(firm: Firm) -> None:
    row = write()
    with pytest.raises(DatabaseError), transaction.atomic():
        Wording.objects.filter(pk=row.pk).update(text="Acconsento a tutto.")
    with pytest.raises(wordings.BadWording):
        write(text="Altro")
    assert write(language="en", text="I agree.").pk != row.pk
    for wrong in ({"version": " "}, {"text": "\x00"}, {"purpose": "everything"}):
        with pytest.raises(wordings.BadWording):
            write(**{"version": "x", "text": "x"} | wrong)


def test_the_newest_that_is_valid_is_shown_in_the_persons_language(firm: Firm) -> None:
    at = now()
    first = write(now=at - timedelta(days=2))
    english = write("offers-1", "I agree.", language="en", now=at - timedelta(days=2))
    second = write("offerte-2", "Nuovo.", now=at - timedelta(days=1))
    write("offerte-3", "Da domani.", valid_from=at + timedelta(days=1))
    company_speaks = wordings.company().language
    assert wordings.current("marketing", "it", now=at) == second
    assert wordings.current("marketing", "it", now=at - timedelta(days=1, hours=5)) == first
    assert wordings.current("marketing", "en", now=at) == english
    assert (
        wordings.current("marketing", "tlh", now=at)
        == {"it": second, "en": english}[company_speaks]
    )
    assert wordings.current("recording", "it", now=at) is None


def test_the_ledger_points_to_the_words_and_they_are_exported(firm: Firm) -> None:
    ada = firm.tickets["own"].contact
    row = write()
    said = consents.note_consent(
        contact=ada, purpose="marketing", given=True, source="form", wording=row,
        actor=SYSTEM, now=now(),
    )  # fmt: skip
    assert (said.wording, said.text_version) == (row, "offerte-1")
    write("offerte-2", "Tutt'altro.")
    data = privacy.export(contact=ada, actor=SYSTEM, now=now())
    assert [c["wording"] for c in data["data"]["contacts.Consent"]] == [TEXT]
    assert TEXT in dossier._page(ada, data, [])
    with pytest.raises(wordings.BadWording):
        wordings.withdraw(wording=row, actor=SYSTEM)
    privacy.erase(contact=ada, actor=SYSTEM, now=now())
    assert Consent.objects.get().wording == row, "the proof stays"
    with pytest.raises(ValueError, match="something else"):
        consents.note_consent(
            contact=firm.tickets["other"].contact, purpose="profiling", given=True, source="form",
            wording=row, actor=SYSTEM, now=now(),
        )  # fmt: skip


def test_nobody_agreed_so_it_can_be_withdrawn(firm: Firm) -> None:
    wordings.withdraw(wording=write(), actor=SYSTEM)
    assert not Wording.objects.exists()


def test_a_program_reads_the_text_and_names_the_version(firm: Firm) -> None:
    write()
    write("offerte-2", "Nuovo.", now=now() + timedelta(seconds=1))
    write("offers-2", "I agree.", language="en")
    rows = firm.giulia.get("/wordings?purpose=marketing&language=it").json()["items"]
    assert {(r["version"], r["text"]) for r in rows} == {
        ("offerte-1", TEXT),
        ("offerte-2", "Nuovo."),
    }
    path = f"/contacts/{firm.tickets['own'].contact_id}/consents"
    body = {"purpose": "marketing", "given": True, "text_version": "offerte-1", "source": "form"}
    assert firm.giulia.post(path, body).json()["wording"] == TEXT
    english = firm.giulia.post(path, body | {"text_version": "offers-2", "language": "en"}).json()
    assert english["wording"] == "I agree."
    elsewhere = firm.giulia.post(path, body | {"text_version": "on-the-site"}).json()
    assert (elsewhere["text_version"], elsewhere["wording"]) == ("on-the-site", "")
    assert firm.giulia.get(path).json()["items"][2]["wording"] == TEXT
