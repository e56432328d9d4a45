"""Texts of consents on the pages: written in the settings, agreed to on a person's page."""

from __future__ import annotations

import pytest

from sportello.accounts.models import Company
from sportello.contacts.ledger import Consent, Wording
from sportello.contacts.models import Contact
from tests.workspace.conftest import Desk

pytestmark = pytest.mark.django_db
FORM = {"purpose": "marketing", "language": "it", "version": "offerte-1", "text": "Acconsento."}


def test_a_version_is_written_and_agreed_to(desk: Desk) -> None:
    admin, giulia = desk.client("administrator"), desk.client("agent")
    assert giulia.post("/app/settings/consents/new", FORM).status_code == 403
    assert admin.post("/app/settings/consents/new", FORM).status_code == 302
    assert admin.post("/app/settings/consents/new", FORM).status_code == 422, "the name is taken"
    ahead = FORM | {"version": "offerte-2", "text": "Fra poco.", "valid_from": "2099-01-01"}
    assert admin.post("/app/settings/consents/new", ahead).status_code == 302
    first = Wording.objects.get(version="offerte-1")
    assert (
        "Acconsento." in admin.get(f"/app/settings/consents/new?from={first.pk}").content.decode()
    )
    ada = desk.tickets["public"].contact
    Contact.objects.filter(pk=ada.pk).update(language="it")
    where = f"/app/contacts/{ada.pk}/consent"
    page = giulia.post(where, {"purpose": "marketing", "given": "1"}).content.decode()
    assert "offerte-1" in page
    assert "Acconsento." in page, "what it said can be read again"
    assert "offerte-2" not in page
    assert Consent.objects.get().wording == first, "the current one"
    wrong = {"purpose": "profiling", "given": "1", "wording": first.pk}
    assert giulia.post(where, wrong).status_code == 422
    giulia.post(where, {"purpose": "marketing", "given": "1", "wording": "none"})
    assert Consent.objects.latest("pk").wording is None
    listed = admin.get("/app/settings/consents").content.decode()
    assert "Acconsento." in listed
    assert "Fra poco." in listed
    admin.post(f"/app/settings/consents/{first.pk}/withdraw")
    assert Wording.objects.filter(pk=first.pk).exists(), "somebody has agreed to it"
    later = Wording.objects.get(version="offerte-2")
    admin.post(f"/app/settings/consents/{later.pk}/withdraw")
    assert not Wording.objects.filter(pk=later.pk).exists()


def test_the_form_begins_in_the_companys_language(desk: Desk) -> None:
    Company.objects.update(language="en")
    page = desk.client("administrator").get("/app/settings/consents/new?purpose=recording")
    assert '<option value="recording" selected>' in page.content.decode()
