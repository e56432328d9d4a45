"""Merge and unmerge: what each brought goes back to each, what came later stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from sportello.contacts import actions, merging
from sportello.contacts.models import Contact, Identity, Membership, Merge, Organization, Suggestion
from sportello.core.actors import SYSTEM, Actor
from sportello.core.clock import now
from sportello.core.models import Event
from sportello.tickets.models import Message, Ticket
from tests.api.company import Firm, found, person
from tests.walk import arrive, mail_bytes

GIULIA = Actor.agent(1)


@pytest.fixture
def firm(db: None) -> Firm:
    return found()


def rows_of(*contacts: int) -> dict[str, list[tuple[Any, ...]]]:
    """All that is held of these people, as it lies in the tables."""
    wanted = {
        "contacts_contact": "id",
        "contacts_identity": "contact_id",
        "contacts_membership": "contact_id",
        "tickets_ticket": "contact_id",
    }
    found: dict[str, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        for table, key in wanted.items():
            cursor.execute(f"SELECT t::text FROM {table} t WHERE {key} = ANY(%s)", [list(contacts)])
            found[table] = sorted(cursor.fetchall())
        cursor.execute(
            "SELECT m.id, m.identity_id, m.thread_id, m.ticket_id FROM tickets_message m ORDER BY 1"
        )
        found["messages"] = cursor.fetchall()
    return found


def two_people(firm: Firm) -> tuple[Contact, Contact]:
    """Ada at home and Ada at work, each with tickets, addresses, an organization and notes; both know one phone."""
    home = arrive(firm.mail, mail_bytes("Ada Neri <ada@home.example>", "My cup broke", subject="A"))
    work = arrive(firm.mail, mail_bytes("ada@work.example", "Our grinder stopped", subject="B"))
    ada, other = home.ticket.contact, work.ticket.contact
    firms = [Organization.objects.create(name=name) for name in ("Bar Neri", "Ditta Verdi")]
    for who, organization, notes in ((ada, firms[0], "pays late"), (other, firms[1], "likes tea")):
        who.organization, who.notes, who.custom = organization, notes, {notes[:4]: 1}
        who.save()
        Membership.objects.create(contact=who, organization=organization, how="agent")
    Membership.objects.create(contact=ada, organization=firms[1], how="agent")
    twin = Identity.objects.create(contact=ada, kind="phone", address="+39055123456", proof="none")
    Identity.objects.create(contact=other, kind="phone", address="+39055123456", proof="claimed")
    Message.objects.filter(pk=home.pk).update(identity=twin)
    return ada, other


@pytest.mark.parametrize("reverse", [False, True])
def test_taking_a_merge_back_restores_every_row(firm: Firm, reverse: bool) -> None:
    ada, other = two_people(firm)
    source, target = (other, ada) if reverse else (ada, other)
    before = rows_of(ada.pk, other.pk)
    merging.merge(contact=source, into=target, actor=GIULIA, now=now())
    assert rows_of(ada.pk, other.pk) != before
    assert Ticket.objects.filter(contact=target).count() == 2
    assert not Contact.objects.filter(pk=source.pk).exists()
    back = merging.unmerge(merge=Merge.objects.get(), actor=GIULIA, now=now())
    assert back.pk == source.pk
    after = rows_of(ada.pk, other.pk)
    for table, rows in before.items():
        assert after[table] == rows, table


def test_what_comes_after_the_merge_stays_with_the_survivor(firm: Firm) -> None:
    ada, other = two_people(firm)
    merging.merge(contact=ada, into=other, actor=GIULIA, now=now())
    later = arrive(firm.mail, mail_bytes("ada@home.example", "One more", subject="Later")).ticket
    actions.update_contact(contact=other, values={"notes": "both of them"}, actor=GIULIA, now=now())
    new = actions.add_identity(
        contact=other, kind="phone", address="+39055999999", actor=GIULIA, now=now()
    )
    back = merging.unmerge(merge=Merge.objects.get(), actor=GIULIA, now=now())
    other.refresh_from_db()
    new.refresh_from_db()
    later.refresh_from_db()
    assert (later.contact_id, new.contact_id, other.notes) == (other.pk, other.pk, "both of them")
    assert back.notes == "pays late"
    assert back.identities.filter(address="ada@home.example").exists()
    assert [e.contact_id for e in Event.objects.filter(type="contact_unmerged")] == [back.pk]


def test_two_merges_in_a_row_come_apart_in_any_order(firm: Firm) -> None:
    ada, other = two_people(firm)
    third = person("Ada N.", "ada.neri@post.example")
    before = rows_of(ada.pk, other.pk, third.pk)
    merging.merge(contact=ada, into=other, actor=GIULIA, now=now())
    merging.merge(contact=other, into=third, actor=GIULIA, now=now())
    first, second = Merge.objects.order_by("pk")
    assert {first.survivor_id, second.survivor_id} == {third.pk}
    merging.unmerge(merge=second, actor=GIULIA, now=now())
    first.refresh_from_db()
    assert first.survivor_id == other.pk
    merging.unmerge(merge=first, actor=GIULIA, now=now())
    assert rows_of(ada.pk, other.pk, third.pk) == before


def test_the_inner_merge_may_go_first(firm: Firm) -> None:
    ada, other = two_people(firm)
    third = person("Ada N.", "ada.neri@post.example")
    merging.merge(contact=ada, into=other, actor=GIULIA, now=now())
    merging.merge(contact=other, into=third, actor=GIULIA, now=now())
    first, second = Merge.objects.order_by("pk")
    assert merging.unmerge(merge=first, actor=GIULIA, now=now()).pk == ada.pk
    merging.unmerge(merge=second, actor=GIULIA, now=now())
    assert {t.contact_id for t in Ticket.objects.filter(contact__in=[ada, other])} == {
        ada.pk,
        other.pk,
    }
    assert ada.identities.filter(address="ada@home.example").exists()


def test_an_address_given_away_meanwhile_is_not_taken_from_its_new_owner(firm: Firm) -> None:
    ada, other = two_people(firm)
    merging.merge(contact=ada, into=other, actor=GIULIA, now=now())
    phone = Identity.objects.get(address="+39055123456")
    actions.remove_identity(identity=phone, actor=GIULIA, now=now())
    owner = person("Bruno")
    actions.add_identity(
        contact=owner, kind="phone", address="+39055123456", verified=True, actor=GIULIA, now=now()
    )
    merging.unmerge(merge=Merge.objects.get(), actor=GIULIA, now=now())
    proofs = dict(
        Identity.objects.filter(address="+39055123456").values_list("contact_id", "proof")
    )
    assert proofs[owner.pk] == "verified"
    assert set(proofs.values()) <= {"verified", "claimed"}


def test_taken_apart_they_are_not_suggested_again_and_only_once_taken_apart(firm: Firm) -> None:
    ada, other = two_people(firm)
    low, high = sorted([ada.pk, other.pk])
    Suggestion.objects.create(first_id=low, second_id=high, reasons=[], created_at=now())
    merging.merge(contact=ada, into=other, actor=GIULIA, now=now())
    assert not Suggestion.objects.exists()
    kept = Merge.objects.get()
    merging.unmerge(merge=kept, actor=GIULIA, now=now())
    assert Suggestion.objects.get().state == "dismissed"
    with pytest.raises(merging.CannotMergeContacts):
        merging.unmerge(merge=kept, actor=GIULIA, now=now())


def test_a_word_about_a_third_person_follows(firm: Firm) -> None:
    ada, other = two_people(firm)
    third = person("Ada N.")
    Suggestion.objects.create(
        first_id=ada.pk, second_id=third.pk, reasons=[{"reason": "name"}], created_at=now()
    )
    merging.merge(contact=ada, into=other, actor=SYSTEM, now=now())
    row = Suggestion.objects.get()
    assert {row.first_id, row.second_id} == {other.pk, third.pk}
    merging.unmerge(merge=Merge.objects.get(), actor=SYSTEM, now=now())
    pairs = {(s.first_id, s.second_id) for s in Suggestion.objects.filter(state="open")}
    assert (ada.pk, third.pk) in pairs
