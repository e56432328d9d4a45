"""Consents are a ledger, requests have a clock, an export is a file; who may not, does not."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from sportello.contacts import consents, merging, privacy, requests
from sportello.contacts.ledger import Consent, PrivacyRequest
from sportello.contacts.models import Contact, Identity
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.core.models import AuditEntry
from tests.api.company import person
from tests.tickets.test_covering import CARD
from tests.walk import arrive, mail_bytes
from tests.workspace.conftest import Desk, desk  # noqa: F401


def said(contact: Contact, purpose: str, given: bool, kind: str = "", **more: Any) -> Consent:
    what: dict[str, Any] = {"source": "agent", "actor": SYSTEM, "now": now()} | more
    return consents.note_consent(
        contact=contact, purpose=purpose, given=given, channel_kind=kind, **what
    )


@pytest.mark.django_db
def test_the_newest_word_for_the_channel_or_for_all_counts() -> None:
    ada = person("Ada", "ada@home.example")
    assert consents.may(ada, "service", "email")
    assert not consents.may(ada, "marketing", "email")
    said(ada, "marketing", True, text_version="privacy-2026-03")
    assert consents.may(ada, "marketing", "email")
    said(ada, "marketing", False, "phone")
    assert not consents.may(ada, "marketing", "phone")
    assert consents.may(ada.pk, "marketing", "email")
    said(ada, "marketing", True)
    assert consents.may(ada, "marketing", "phone")
    newest = consents.consent_of(ada, "marketing", "email")
    assert newest
    assert newest.given
    assert consents.consent_of(ada, "recording") is None
    for purpose, source in (("nonsense", "agent"), ("marketing", "nonsense")):
        with pytest.raises(ValueError, match="nonsense"):
            said(ada, purpose, True, source=source)


@pytest.mark.django_db
def test_the_ledger_can_only_grow() -> None:
    ada, bob = person("Ada", "ada@home.example"), person("Bob", "bob@home.example")
    one = said(ada, "marketing", True)
    for change in (
        lambda: Consent.objects.update(given=False),
        lambda: Consent.objects.update(contact=bob, given=False),
        lambda: Consent.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    merging.merge(contact=ada, into=bob, actor=SYSTEM, now=now())
    one.refresh_from_db()
    assert one.contact_id == bob.pk
    privacy.erase(contact=bob, actor=SYSTEM, now=now())
    assert Consent.objects.filter(contact=bob, given=True).exists()


@pytest.mark.django_db
def test_stop_is_a_no_in_the_ledger_and_writing_again_takes_back_half_of_it() -> None:
    ada = person("Ada")
    identity = Identity.objects.create(contact=ada, kind="phone", address="+39335000001")
    consents.note_stop([identity.pk], now=now())
    assert not consents.may(ada, "service", "phone")
    assert not consents.may(ada, "marketing", "phone")
    assert consents.may(ada, "service", "email")
    consents.note_return([identity.pk], now=now())
    assert consents.may(ada, "service", "phone")
    assert not consents.may(ada, "marketing", "phone")
    assert {c.source for c in consents.history(ada)} == {"stop", "return"}
    consents.note_stop([], now=now())


def test_an_agent_notes_what_the_customer_says(desk: Desk) -> None:  # noqa: F811
    contact = desk.tickets["public"].contact
    path = f"/app/contacts/{contact.pk}/consent"
    form = {"purpose": "marketing", "given": "1", "text_version": "privacy-2026-03"}
    assert desk.client("light").post(path, form).status_code == 403
    assert desk.client("member").post(path, form).status_code == 404
    page = desk.client("agent").post(path, form).content.decode()
    assert "privacy-2026-03" in page
    one = Consent.objects.get()
    assert (one.source, one.actor) == ("agent", f"agent:{desk.agents['agent'].pk}")
    assert desk.client("agent").post(path, {"purpose": "x", "given": "1"}).status_code == 404


def test_a_request_is_due_in_thirty_days_and_doing_it_closes_it(desk: Desk) -> None:  # noqa: F811
    contact = desk.tickets["public"].contact
    base = f"/app/contacts/{contact.pk}"
    client = desk.client("agent")
    assert client.post(f"{base}/request", {"kind": "export"}).status_code == 200
    assert (
        client.post(f"{base}/request", {"kind": "export", "asked_on": "2026-02-31"}).status_code
        == 404
    )
    row = PrivacyRequest.objects.get()
    assert row.due_at - row.asked_at == timedelta(days=30)
    assert list(requests.open_requests()) == [row]
    assert "contact.exported" not in set(AuditEntry.objects.values_list("action", flat=True))
    assert client.post(f"{base}/export").status_code == 200
    row.refresh_from_db()
    assert row.done_at
    client.post(f"{base}/request", {"kind": "correction"})
    other = PrivacyRequest.objects.latest("pk")
    assert client.post(f"{base}/request/{other.pk}/done").status_code == 200
    assert not requests.open_requests().exists()


def test_the_export_is_json_a_page_and_the_files(desk: Desk) -> None:  # noqa: F811
    message = arrive(
        desk.shop.mail, mail_bytes("Ada <ada@home.example>", f"canary {CARD}", subject="Oggetto")
    )
    contact = message.ticket.contact
    Contact.objects.filter(pk=contact.pk).update(language="it")
    from sportello.tickets import actions, uploads

    key = uploads.take_in(
        agent=desk.agents["agent"],
        name="foto <b>.txt",
        content_type="text/plain",
        content=b"canary-file",
        now=now(),
    ).key
    actions.reply(
        ticket=message.ticket, actor=desk.shop.actor(), now=now(), text="Ecco", files=[key]
    )
    path = f"/app/contacts/{contact.pk}/export"
    assert desk.client("light").post(path).status_code == 403
    assert desk.client("agent").get(path).status_code == 405
    for who, sees in (("agent", False), ("administrator", True)):
        answer: Any = desk.client(who).post(path)
        archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
        names = archive.namelist()
        assert names[0] == "data.json"
        page = archive.read("index.html").decode()
        data = json.loads(archive.read("data.json"))
        assert "canary •••• 4242" in page
        assert "ada@home.example" in page
        assert "I tuoi dati" in page
        assert (CARD in json.dumps(data)) is sees
        file = next(name for name in names if name.startswith("files/"))
        assert archive.read(file) == b"canary-file"
        assert "foto <b>" not in page
    assert AuditEntry.objects.filter(action="contact.exported").count() == 2


def test_erasing_asks_twice_and_only_administrators(desk: Desk) -> None:  # noqa: F811
    contact = desk.tickets["public"].contact
    path = f"/app/contacts/{contact.pk}/erase"
    assert desk.client("agent").post(path, {"sure": "1"}).status_code == 403
    desk.client("administrator").post(path)
    contact.refresh_from_db()
    assert contact.name
    assert desk.client("administrator").post(path, {"sure": "1"}).status_code == 302
    contact.refresh_from_db()
    assert contact.name == ""
    assert not contact.identities.exists()


def test_the_rules_page_shows_what_would_go_before_it_goes(desk: Desk) -> None:  # noqa: F811
    from sportello.accounts import retention
    from sportello.accounts.models import PrivacyPolicy

    arrive(desk.shop.mail, mail_bytes("ada@home.example", f"carta {CARD}"))
    client = desk.client("administrator")
    page = client.get("/app/settings/privacy")
    assert page.status_code == 200
    assert desk.client("agent").get("/app/settings/privacy").status_code == 403
    form = page.context["form"]
    values = {name: field.value() for name, field in ((f.name, f) for f in form)}
    shown = client.post("/app/settings/privacy", values | {"days_raw": 3, "preview": "1"})
    assert shown.status_code == 200
    assert not PrivacyPolicy.objects.exists()
    assert client.post("/app/settings/privacy", values | {"days_raw": -1}).status_code == 422
    assert (
        client.post(
            "/app/settings/privacy", values | {"days_raw": 7, "covered_kinds": ["card"]}
        ).status_code
        == 302
    )
    row = PrivacyPolicy.objects.get()
    assert (row.days["raw"], row.covered_kinds) == (7, ["card"])
    due = {d.rule.name: d.count for d in retention.due(row.days, now=now() + timedelta(days=8))}
    assert due["raw"] == 1
    assert due["tickets"] == 0
    retention.forget_policy()
