"""People: addresses have one owner, merging loses nothing, erasing leaves only counts."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models

from sportello.api.facts import Report, report
from sportello.channels import spool
from sportello.channels.models import SpoolItem
from sportello.contacts import actions, merging, privacy, queries
from sportello.contacts.models import Contact, Identity
from sportello.core import blobs, files, personal
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.core.models import Blob, SentMail, StoredFile
from sportello.tickets.models import (
    Attachment,
    Delivery,
    Message,
    Participant,
    Proving,
    Thread,
    Ticket,
)
from tests.api.company import Api, Firm, found, person
from tests.walk import arrive, mail_bytes, send_due


@pytest.fixture
def firm(db: None) -> Firm:
    return found()


def test_every_model_that_points_at_a_person_is_registered() -> None:
    """At a contact, or at an address of one."""
    known = {holding.model for holding in personal.holdings()}
    pointing = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model in {Contact, Identity}
    }
    assert pointing <= known
    assert {"contacts.Contact", "contacts.Identity", "tickets.Ticket"} <= known


def test_an_address_has_one_owner(firm: Firm) -> None:
    ada, bob = person("Ada", "ada@home.example"), person("Bob")
    what: dict[str, Any] = {"actor": SYSTEM, "now": now()}
    with pytest.raises(actions.AddressRefused):
        actions.add_identity(contact=bob, kind="email", address="ADA@home.example", **what)
    Identity.objects.create(contact=bob, kind="email", address="ada@home.example", proof="claimed")
    claimed = bob.identities.get()
    with pytest.raises(actions.AddressRefused):
        actions.verify_identity(identity=claimed, **what)
    claimed.refresh_from_db()
    assert claimed.proof == "claimed"
    same = actions.add_identity(contact=ada, kind="email", address="ada@home.example", **what)
    assert same.contact_id == ada.pk
    own = actions.add_identity(
        contact=bob, kind="phone", address="055 123456", verified=True, **what
    )
    assert (own.address, own.proof) == ("+39055123456", "verified")
    actions.remove_identity(identity=own, **what)
    assert not Identity.objects.filter(pk=own.pk).exists()


def test_a_claimed_address_that_is_free_becomes_his_when_vouched_for(firm: Firm) -> None:
    bob = person("Bob")
    Identity.objects.create(contact=bob, kind="email", address="bob@home.example", proof="claimed")
    what: dict[str, Any] = {"actor": SYSTEM, "now": now(), "verified": True}
    made = actions.add_identity(contact=bob, kind="email", address="bob@home.example", **what)
    assert made.proof == "verified"
    assert bob.identities.count() == 1


def test_wildcards_are_letters(firm: Firm) -> None:
    percent = person("100% Lana")
    hits = queries.search(Contact.objects.all(), "0% l")
    assert list(hits) == [percent]
    assert not queries.search(Contact.objects.all(), "1_0").exists()


def written_by(firm: Firm, address: str = "ada@home.example", name: str = "Ada Canary") -> Ticket:
    """A whole history: mail with a file, an answer that left, a note, a fact, a link, a copy elsewhere."""
    first = arrive(
        firm.mail,
        mail_bytes(
            f"{name} <{address}>",
            "canary text " * 8000,
            subject="canary subject",
            Cc="cc@home.example",
        ),
    )
    ticket = first.ticket
    api: Api = firm.giulia
    key = api.client.post(
        "/api/v1/files",
        {"file": SimpleUploadedFile("canary.txt", f"canary {uuid.uuid4()}".encode())},
    ).json()["key"]
    assert (
        api.post(
            f"/tickets/{ticket.number}/reply", {"text": "canary answer", "attachments": [key]}
        ).status_code
        == 201
    )
    api.post(f"/tickets/{ticket.number}/note", {"text": "canary note"})
    send_due()
    at = now()
    report(
        Report(f"fact-{address}", "door.opened", at, contact=ticket.contact, data={"x": "canary"}),
        agent=api.agent,
        now=at,
    )
    Proving.objects.create(
        token_hash=address.ljust(64),
        contact=ticket.contact,
        address=address,
        ticket=ticket,
        expires_at=at,
    )
    ticket.refresh_from_db()
    return ticket


def test_merging_moves_everything_and_loses_nothing(firm: Firm) -> None:
    ticket = written_by(firm)
    ada = ticket.contact
    other = person("", "ada.work@home.example")
    Identity.objects.create(
        contact=other, kind="email", address="x@claimed.example", proof="claimed"
    )
    twin = Identity.objects.create(
        contact=ada, kind="email", address="x@claimed.example", proof="verified"
    )
    Message.objects.filter(ticket=ticket, direction="in").update(identity=twin)
    before = counts()
    merging.merge(contact=ada, into=other, actor=SYSTEM, now=now())
    assert counts() | {"contacts": 0, "identities": 0} == before | {"contacts": 0, "identities": 0}
    other.refresh_from_db()
    assert other.name == "Ada Canary"
    ticket.refresh_from_db()
    assert ticket.contact_id == other.pk
    assert set(other.identities.values_list("address", "proof")) == {
        ("ada@home.example", "none"), ("ada.work@home.example", "verified"), ("x@claimed.example", "verified"),
    }  # fmt: skip
    message = Message.objects.filter(ticket=ticket, direction="in").get()
    assert message.identity is not None
    assert message.identity.contact_id == other.pk
    assert not Contact.objects.filter(pk=ada.pk).exists()
    later = arrive(firm.mail, mail_bytes("ada@home.example", "again", subject="Later"))
    assert later.ticket.contact_id == other.pk


def counts() -> dict[str, int]:
    rows: dict[str, Any] = {
        "contacts": Contact, "identities": Identity, "tickets": Ticket, "messages": Message, "threads": Thread,
        "deliveries": Delivery,
    }  # fmt: skip
    return {name: model.objects.count() for name, model in rows.items()}


def test_a_merge_with_something_unregistered_fails_whole(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = firm.tickets["own"]
    kept = [h for h in personal.holdings() if h.model != "tickets.Ticket"]
    monkeypatch.setattr(personal, "holdings", lambda: kept)
    into = firm.tickets["other"].contact
    with pytest.raises(merging.HeldElsewhere):
        merging.merge(contact=ticket.contact, into=into, actor=SYSTEM, now=now())
    assert Contact.objects.filter(pk=ticket.contact_id).exists()
    with pytest.raises(merging.CannotMergeContacts):
        merging.merge(contact=into, into=into, actor=SYSTEM, now=now())


def test_an_export_holds_all_he_may_ask_for(firm: Firm) -> None:
    ticket = written_by(firm)
    data = firm.admin.post(f"/contacts/{ticket.contact_id}/export").json()
    text = json.dumps(data)
    for word in (
        "ada@home.example",
        "canary subject",
        "canary text",
        "canary answer",
        "canary.txt",
        "door.opened",
    ):
        assert word in text, word
    assert "canary note" not in text
    assert "ownword" not in text


def test_erasing_leaves_counts_and_nothing_else(
    firm: Firm, django_capture_on_commit_callbacks: Any
) -> None:
    ticket = written_by(firm)
    contact = ticket.contact
    raw = SpoolItem.objects.get()
    assert raw.size > spool.INLINE_LIMIT
    raw_path = spool.body_path(raw.content_hash)
    attached = Attachment.objects.get().file
    file_path = blobs.path_of(attached.blob_id)
    assert raw_path.exists()
    assert file_path.exists()
    elsewhere = arrive(
        firm.mail, mail_bytes("bob@home.example", "fine", subject="Bob", Cc="ada@home.example")
    )
    neighbours = Message.objects.filter(ticket=firm.tickets["own"]).values_list("text", flat=True)[
        0
    ]
    before = counts() | {"identities": 0}
    with django_capture_on_commit_callbacks(execute=True):
        assert firm.giulia.post(f"/contacts/{contact.pk}/erase").status_code == 403
        assert firm.admin.post(f"/contacts/{contact.pk}/erase").status_code == 204
    assert counts() | {"identities": 0} == before
    assert not contact.identities.exists()
    for place in everything():
        assert "canary" not in place.lower(), place[:300]
        assert "ada@home" not in place, place[:300]
    assert not raw_path.exists()
    assert not file_path.exists()
    assert not StoredFile.objects.filter(pk=attached.pk).exists()
    assert not SentMail.objects.exists()
    elsewhere.refresh_from_db()
    assert elsewhere.text == "fine"
    assert Message.objects.filter(ticket=firm.tickets["own"]).get().text == neighbours


def everything() -> list[str]:
    """Every row of every table, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            if table.startswith(("accounts_", "django_", "core_auditentry", "core_cache")):
                continue
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [f"{table}: {row[0]}" for row in cursor.fetchall()]
    return found


def test_words_of_others_on_his_ticket_stay(firm: Firm) -> None:
    """Bob's ticket was merged into Ada's: erasing Ada keeps Bob's words, and the other way round."""
    ada = arrive(firm.mail, mail_bytes("ada@home.example", "ada speaks", subject="A")).ticket
    bob = arrive(firm.mail, mail_bytes("bob@home.example", "bob speaks", subject="B")).ticket
    assert firm.giulia.post(f"/tickets/{bob.number}/merge", {"into": ada.number}).status_code == 200
    privacy.erase(contact=ada.contact, actor=SYSTEM, now=now())
    texts = set(Message.objects.filter(ticket=ada).values_list("text", flat=True))
    assert texts == {"", "bob speaks"}
    privacy.erase(contact=bob.contact, actor=SYSTEM, now=now())
    assert set(Message.objects.filter(ticket=ada).values_list("text", flat=True)) == {""}


def test_a_file_that_somebody_else_sent_too_keeps_its_bytes(
    firm: Firm, django_capture_on_commit_callbacks: Any
) -> None:
    ticket = written_by(firm)
    sha256 = Attachment.objects.get().file.blob_id
    second = files.save(blobs.path_of(sha256).read_bytes(), name="same", content_type="text/plain")
    with django_capture_on_commit_callbacks(execute=True):
        privacy.erase(contact=ticket.contact, actor=SYSTEM, now=now())
    assert Blob.objects.get(pk=sha256).references == 1
    assert files.read(second)
    assert not Participant.objects.filter(address="ada@home.example").exists()
