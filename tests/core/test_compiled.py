"""A compiled queryset answers what the queryset itself answers, and is written once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from sportello.contacts.models import Contact, Identity, Organization
from sportello.core.compiled import Among, compiled, planned_anew

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> list[Contact]:
    mill = Organization.objects.create(name="Mulino", custom={"tier": "gold"})
    ada = Contact.objects.create(
        name="Ada", organization=mill, custom={"shoe": 38}, segments=["b2b"]
    )
    bob = Contact.objects.create(name="Bob")
    for contact, address in (
        (ada, "ada@x.example"),
        (ada, "lovelace@x.example"),
        (bob, "bob@x.example"),
    ):
        Identity.objects.create(contact=contact, kind="email", address=address, proof="verified")
    return [ada, bob]


def _of(contact: Any) -> QuerySet[Contact]:
    return Contact.objects.filter(pk=contact).select_related("organization").defer("notes")


@pytest.mark.parametrize("how", [compiled, planned_anew])
def test_rows_are_the_same_objects_as_the_queryset_makes(people: list[Contact], how: Any) -> None:
    @how
    def one(*, contact: Any) -> QuerySet[Contact]:
        return _of(contact)

    for contact in people:
        [plain], [ours] = list(_of(contact.pk)), one(contact=contact.pk)
        for name in ("pk", "name", "custom", "segments", "created_at", "organization"):
            assert getattr(ours, name) == getattr(plain, name), name
        assert ours.get_deferred_fields() == plain.get_deferred_fields() == {"notes"}
    [ada] = one(contact=people[0].pk)
    assert ada.organization is not None
    assert ada.organization.custom == {"tier": "gold"}
    assert not ada._state.adding
    assert ada._state.db == "default"


def test_a_list_a_count_and_a_limit(people: list[Contact]) -> None:
    @compiled
    def known(*, contacts: Any) -> QuerySet[Contact, tuple[str, int]]:
        rows = Contact.objects.filter(Among("id", contacts)).annotate(n=Count("identities"))
        return rows.order_by("name").values_list("name", "n")[:5]

    assert known(contacts=[p.pk for p in people]) == [("Ada", 2), ("Bob", 1)]
    assert known(contacts=[people[1].pk]) == [("Bob", 1)]
    assert known(contacts=[]) == []


def test_it_is_written_once_for_each_form(
    people: list[Contact], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    plain = SQLCompiler.as_sql

    def as_sql(self: SQLCompiler, *args: Any, **options: Any) -> Any:
        found = plain(self, *args, **options)
        written.append(found[0])
        return found

    monkeypatch.setattr(SQLCompiler, "as_sql", as_sql)

    @compiled
    def addresses(kind: str, *, contact: Any) -> QuerySet[Identity]:
        return Identity.objects.filter(kind=kind, contact_id=contact).order_by("id")

    for contact in [*people, *people]:
        assert {row.contact_id for row in addresses("email", contact=contact.pk)} == {contact.pk}
    assert len(written) == 1
    assert addresses("phone", contact=people[0].pk) == []
    assert len(written) == 2


def test_values_are_never_text_of_the_statement(people: list[Contact]) -> None:
    @planned_anew
    def named(*, name: Any) -> QuerySet[Contact]:
        return Contact.objects.filter(name=name)

    assert named(name="' OR true --") == []
    assert [one.name for one in named(name="Ada")] == ["Ada"]


def test_whoever_watches_statements_sees_them(people: list[Contact]) -> None:
    seen: list[str] = []

    def note(execute: Any, text: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(text)
        return execute(text, params, many, context)

    @compiled
    def one(*, contact: Any) -> QuerySet[Contact]:
        return _of(contact)

    with connection.execute_wrapper(note):
        one(contact=people[0].pk)
    assert len(seen) == 1
    assert "contacts_contact" in seen[0]
