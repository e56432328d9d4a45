"""Hundreds of people at once: a batch asks as many statements as one person, and a crowd is not loaded."""

from __future__ import annotations

from typing import Any

import pytest

from sportello.contacts import actions, matching, suggesting
from sportello.contacts.matching import Match
from sportello.contacts.models import Contact, Identity, Suggestion
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.tickets import applier
from sportello.tickets.identifying import noticing
from sportello.tickets.models import Ticket
from tests import walk
from tests.statements import asked

pytestmark = pytest.mark.django_db


def writer(name: str, *addresses: str, **more: Any) -> Contact:
    contact = Contact.objects.create(name=name)
    for address in addresses:
        Identity.objects.create(contact=contact, kind="email", address=address, **more)
    return contact


def look(*contacts: Contact) -> list[tuple[int, int, str]]:
    """(contact, other, reason) of all that is found for these."""
    found = matching.matches([contact.pk for contact in contacts])
    return [(match.contact_id, match.other_id, match.reason) for match in found]


def pairs(count: int, domain: str) -> list[Contact]:
    """Each of them has another address at his company, a second spelling of it, and somebody who claims it."""
    made = []
    for n in range(count):
        name, mail = f"Ada Neri{n}", f"ada{n}@{domain}{n}.example"
        made.append(writer(name, mail))
        writer(name, f"a.neri@{domain}{n}.example")
        writer("Ada", f"ada{n}+shop@{domain}{n}.example")
        writer("Ada", mail, proof="claimed")
    return made


def test_a_batch_asks_no_more_statements_than_one_person() -> None:
    alone, many = pairs(1, "one"), pairs(80, "many")
    with asked() as for_one:
        first = suggesting.look([alone[0].pk], now=now())
    with asked() as for_all:
        facts = suggesting.look([one.pk for one in many], now=now())
    assert len(first) == 2 * 3  # three others, a fact for each side
    assert len(facts) == 80 * 2 * 3
    assert len(for_all) == len(for_one) <= 6
    with asked() as again:
        assert suggesting.look([one.pk for one in many], now=now()) == []
    assert len(again) <= 7


def test_of_whom_nothing_can_be_found_one_statement_tells() -> None:
    strangers = [writer(f"Ada{n}", f"ada{n}@gmail.com") for n in range(30)]
    with asked() as statements:
        assert look(*strangers) == []
    assert len(statements) == 1


def test_a_domain_of_more_people_than_a_company_has_is_a_providers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matching, "COLLEAGUES", 3)
    one, two, _ = (writer(name, f"{n}@ditta.example") for n, name in enumerate(["Ada Neri", "Ada Neri", "Eva Blu"]))  # fmt: skip
    assert look(one) == [(one.pk, two.pk, "name")]
    writer("Ugo Verdi", "ugo@ditta.example", proof="claimed")
    assert look(one) == [(one.pk, two.pk, "name")], "who only claims an address is nobody there"
    writer("Ugo Verdi", "ugo.verdi@ditta.example")
    assert look(one) == []


def test_names_are_one_whatever_their_case() -> None:
    one, two = writer("Ada Neri", "ada@ditta.example"), writer("NERI ADA", "a@ditta.example")
    assert look(one, two) == [(one.pk, two.pk, "name"), (two.pk, one.pk, "name")]


def test_a_tag_is_found_from_both_sides_and_a_wildcard_is_a_letter() -> None:
    plain = writer("Ada Neri", "ada_n@home.example")
    tagged = writer("Ada", "ada_n+shop@home.example")
    writer("Ada", "adaxn+shop@home.example")
    writer("Ada", "ada_n+shop@other.example")
    writer("Ada", "ada_n+shop@home.example.evil.example")
    found = look(plain, tagged)
    assert found == [(plain.pk, tagged.pk, "mailbox"), (tagged.pk, plain.pk, "mailbox")]


def test_several_reasons_stand_in_one_suggestion_and_none_twice() -> None:
    one, two = writer("Ada Neri", "ada@ditta.example"), writer("Ada Neri", "ada+x@ditta.example")
    assert len(suggesting.look([one.pk, two.pk], now=now())) == 2
    row = Suggestion.objects.get()
    assert [r["reason"] for r in row.reasons] == ["mailbox", "name", "mailbox"]
    assert {r["value"] for r in row.reasons} == {"ada@ditta.example", "ada+x@ditta.example", "ditta.example"}  # fmt: skip
    more = [Match(two.pk, one.pk, "order", "", f"55{n}") for n in range(9)]
    assert suggesting.suggest(more, now=now()) == []
    row.refresh_from_db()
    assert len(row.reasons) == suggesting.REASONS
    assert len({(r["reason"], r["value"]) for r in row.reasons}) == suggesting.REASONS


def test_what_somebody_decided_is_left_as_it_is() -> None:
    one, two = writer("Ada Neri", "ada@ditta.example"), writer("Ada Neri", "a@ditta.example")
    suggesting.look([one.pk], now=now())
    suggesting.dismiss(suggestion=Suggestion.objects.get(), actor=SYSTEM, now=now())
    assert suggesting.suggest([Match(one.pk, two.pk, "order", "", "77")], now=now()) == []
    row = Suggestion.objects.get()
    assert (row.state, [r["reason"] for r in row.reasons]) == ("dismissed", ["name"])


def test_a_number_of_many_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Contact.objects.create(name="Ada")
    actions.add_identity(contact=first, kind="phone", address="+393331234567", verified=True, actor=SYSTEM, now=now())  # fmt: skip
    for n in range(matching.AT_MOST):
        other = Contact.objects.create(name="")
        Identity.objects.create(contact=other, kind="sms", address="+393331234567", proof="claimed")
        assert len(look(first)) == n + 1
    Identity.objects.create(contact=Contact.objects.create(), kind="whatsapp", address="393331234567")  # fmt: skip
    assert look(first) == []


def test_what_new_tickets_tell_of_people_is_noticed_for_a_batch_at_once() -> None:
    """Signatures with a telephone, an address that two people write from, an order that somebody else placed."""
    shop = walk.open_shop()

    def write(numbers: range) -> list[str]:
        mails = []
        for n in numbers:
            sender = f"ada{n}@ditta{n}.example"
            signed = f"La tazza è rotta.\n\nAda Neri\ntel. 055 12345{n:02d}"
            mails.append(walk.mail_bytes(f"Ada Neri <{sender}>", signed))
            mails.append(walk.mail_bytes(f"Bruno Blu <{sender}>", "E la mia?", subject=f"B{n}"))
        walk.accept(shop.mail, *mails)
        applier.drain_all()
        opened = list(Ticket.objects.order_by("-pk").values_list("pk", flat=True)[: len(mails)])
        with asked() as statements:
            noticing.notice(opened, now=now())
        return statements

    one, many = write(range(1)), write(range(1, 30))
    assert len(many) == len(one)
    assert Identity.objects.filter(kind="phone", how="signature").count() == 30
    assert Identity.objects.filter(kind="email", doubt="shared").count() == 30
