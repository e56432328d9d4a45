"""Who may be one person: suggested with reasons, decided by people, never by a shared address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sportello.accounts.models import Company
from sportello.accounts.queries import forget_company
from sportello.channels.contract import Address, IdentityChanged
from sportello.channels.queries import mouths
from sportello.contacts import actions, mailboxes, names, organizations, phones, suggesting
from sportello.contacts.models import Contact, Identity, Merge, Organization, Suggestion
from sportello.contacts.resolve import claim, normalise, resolve
from sportello.core import consumers
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.core.events import record_many
from sportello.core.models import Event
from sportello.tickets.inbound import echoes
from sportello.tickets.models import Message, Ticket
from tests import walk
from tests.walk import arrive, fake_body, mail_bytes

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"actor": SYSTEM}


@pytest.fixture
def shop() -> walk.Shop:
    return walk.open_shop()


def notice() -> None:
    """Let the consumer read what happened."""
    while consumers.step(consumers._consumers["identity"]):
        pass


def person(name: str, *addresses: tuple[str, str], proof: str = "verified") -> Contact:
    contact = Contact.objects.create(name=name)
    for kind, address in addresses:
        actions.add_identity(
            contact=contact,
            kind=kind,
            address=address,
            verified=proof == "verified",
            now=now(),
            **BY,
        )
    return contact


def reasons() -> dict[tuple[int, int], list[str]]:
    return {
        (s.first_id, s.second_id): [r["reason"] for r in s.reasons]
        for s in Suggestion.objects.filter(state="open")
    }


def test_a_claimed_address_raises_a_suggestion_and_merges_nothing(shop: walk.Shop) -> None:
    ada = person("Ada Neri", ("email", "ada@home.example"))
    visitor = Contact.objects.create(name="Ada")
    facts = claim([(visitor.pk, Address("email", "ADA@home.example"))], now=now())
    record_many(facts, now=now())
    notice()
    assert reasons() == {(ada.pk, visitor.pk): ["claimed"]}
    assert Contact.objects.filter(pk__in=[ada.pk, visitor.pk]).count() == 2
    assert Event.objects.filter(type="contacts_suggested").count() == 2


@pytest.mark.parametrize(
    ("name", "address"),
    [("Bruno Neri", "ada@home.example"), ("Ada Neri", "info@home.example")],
)
def test_a_family_and_an_office_are_not_one_person(
    shop: walk.Shop, name: str, address: str
) -> None:
    person("Ada Neri", ("email", address))
    other = Contact.objects.create(name=name)
    record_many(claim([(other.pk, Address("email", address))], now=now()), now=now())
    notice()
    assert reasons() == {}


def test_the_same_number_on_two_channels(shop: walk.Shop) -> None:
    ada = person("Ada Neri", ("phone", "+393331234567"))
    whatsapp = person("Ada", ("whatsapp", "393331234567"))
    notice()
    assert reasons() == {(ada.pk, whatsapp.pk): ["number"]}


def test_the_same_name_at_one_company_but_not_at_a_free_mail(shop: walk.Shop) -> None:
    one = person("Ada Neri", ("email", "ada@ditta.example"))
    two = person("Neri Ada", ("email", "a.neri@ditta.example"))
    person("Carlo Blu", ("email", "carlo@gmail.com"))
    person("Carlo Blu", ("email", "carlo.blu@gmail.com"))
    notice()
    assert reasons() == {(one.pk, two.pk): ["name"]}


def test_a_crowd_of_namesakes_is_left_alone(shop: walk.Shop) -> None:
    for n in range(9):
        person("Mario Rossi", ("email", f"mario{n}@ministero.example"))
    notice()
    last = Contact.objects.latest("pk")
    assert not Suggestion.objects.filter(second=last).exists()


def test_a_tag_in_the_address_is_the_same_mailbox(shop: walk.Shop) -> None:
    one = person("Ada", ("email", "ada@home.example"))
    two = person("Ada", ("email", "ada+negozio@home.example"))
    notice()
    assert reasons() == {(one.pk, two.pk): ["mailbox"]}


def test_a_telephone_in_a_signature_is_claimed_and_suggests(shop: walk.Shop) -> None:
    ada = person("Ada Neri", ("phone", "+39055123456"))
    text = "Buongiorno,\nla tazza è rotta.\n\nAda Neri\nVia dei Mille 3\ntel. 055 123456"
    ticket = arrive(shop.mail, mail_bytes("Ada Neri <ada@work.example>", text)).ticket
    notice()
    notice()
    phone = Identity.objects.get(contact=ticket.contact, kind="phone")
    assert (phone.address, phone.proof, phone.how) == ("+39055123456", "claimed", "signature")
    assert reasons() == {(ada.pk, ticket.contact_id): ["signature"]}


def test_the_number_in_what_is_quoted_is_not_his(shop: walk.Shop) -> None:
    text = (
        "Grazie!\n\nIl giorno 20 nov 2026 Shop ha scritto:\n> Saluti\n> Giulia\n> tel. 055 999999"
    )
    ticket = arrive(shop.mail, mail_bytes("Ada Neri <ada@work.example>", text)).ticket
    notice()
    assert not Identity.objects.filter(contact=ticket.contact, kind="phone").exists()


def test_two_names_on_one_mailbox_make_it_shared(shop: walk.Shop) -> None:
    first = arrive(shop.mail, mail_bytes("Ada Neri <casa@neri.example>", subject="A")).ticket
    arrive(shop.mail, mail_bytes("Bruno Neri <casa@neri.example>", subject="B"))
    notice()
    assert first.contact.identities.get().doubt == "shared"
    other = Contact.objects.create(name="Bruno")
    record_many(claim([(other.pk, Address("email", "casa@neri.example"))], now=now()), now=now())
    notice()
    assert reasons() == {}


def test_a_number_that_comes_back_under_another_name_after_a_year_is_doubted(
    shop: walk.Shop,
) -> None:
    contact = person("Ada Neri", ("phone", "+393331234567"))
    identity = contact.identities.get()
    mouth = shop.fake

    def said(author: str, days: int) -> None:
        ticket = Ticket.objects.create(
            brand=shop.brand,
            contact=contact,
            created_at=now(),
            updated_at=now(),
            last_message_at=now(),
        )
        Message.objects.create(
            ticket=ticket, channel=mouth, direction="in", identity=identity, author_name=author,
            text="x", created_at=now() - timedelta(days=days),
        )  # fmt: skip
        from sportello.core.events import record
        from sportello.tickets import events

        record(events.TICKET_OPENED, ticket_id=ticket.pk, contact_id=contact.pk, now=now(), **BY)

    said("Ada Neri", 500)
    notice()
    said("Carlo Blu", 0)
    notice()
    identity.refresh_from_db()
    assert identity.doubt == "recycled"


def test_whom_somebody_told_apart_is_not_suggested_again(shop: walk.Shop) -> None:
    one = person("Ada", ("email", "ada@home.example"))
    other = Contact.objects.create(name="Ada")
    record_many(claim([(other.pk, Address("email", "ada@home.example"))], now=now()), now=now())
    notice()
    suggesting.dismiss(suggestion=Suggestion.objects.get(), actor=SYSTEM, now=now())
    record_many(suggesting.look([one.pk, other.pk], now=now()), now=now())
    assert reasons() == {}
    assert Suggestion.objects.get().state == "dismissed"


def test_accepting_keeps_who_is_better_known_and_can_be_taken_back(shop: walk.Shop) -> None:
    visitor = Contact.objects.create(name="Ada")
    ada = person("Ada Neri", ("email", "ada@home.example"))
    record_many(claim([(visitor.pk, Address("email", "ada@home.example"))], now=now()), now=now())
    notice()
    stays = suggesting.accept(suggestion=Suggestion.objects.get(), actor=SYSTEM, now=now())
    assert stays.pk == ada.pk
    assert Merge.objects.get().gone_id == visitor.pk


def test_a_new_id_that_somebody_has_already_is_suggested(shop: walk.Shop) -> None:
    old = person("Ada Neri", ("whatsapp", "393331111111"))
    new = person("Ada Neri", ("whatsapp", "393332222222"))
    change = IdentityChanged(
        Address("whatsapp", "393331111111"), Address("whatsapp", "393332222222")
    )
    record_many(echoes.rename_identity(change, now=now()), now=now())
    assert reasons() == {(old.pk, new.pk): ["moved"]}
    assert {i.contact_id for i in Identity.objects.all()} == {old.pk, new.pk}


def test_merged_people_have_their_tickets_looked_at_again(shop: walk.Shop) -> None:
    """He complained by mail and by phone as two strangers: once they are one, so may the problem be."""
    mail = arrive(
        shop.mail, mail_bytes("Ada <ada@home.example>", "La Moka BA-10433 perde acqua dalla base")
    ).ticket
    other = arrive(
        shop.fake, fake_body(("m1", "ada-9", "Novità sulla Moka BA-10433 che perde acqua?"))
    )
    suggestion = Suggestion.objects.create(
        first_id=min(mail.contact_id, other.ticket.contact_id),
        second_id=max(mail.contact_id, other.ticket.contact_id),
        created_at=now(),
    )
    suggesting.accept(suggestion=suggestion, actor=SYSTEM, now=now())
    notice()
    assert [b.to_id for b in other.ticket.belongings.all()] == [mail.pk]


def test_a_proved_address_makes_a_colleague_a_forged_one_does_not(shop: walk.Shop) -> None:
    firm = Organization(name="Ditta")
    organizations.save_organization(
        organization=firm, values={"domains": ["@Ditta.example"]}, now=now(), **BY
    )
    assert firm.domains == ["ditta.example"]
    real = resolve([Address("email", "ada@ditta.example", verified=True, how="dmarc")], now=now())
    fake = resolve([Address("email", "eve@ditta.example")], now=now())
    (known,), (forged,) = real.values(), fake.values()
    assert Contact.objects.get(pk=known.contact_id).organization == firm
    assert Contact.objects.get(pk=forged.contact_id).organization is None
    resolve([Address("email", "eve@ditta.example", verified=True, how="dmarc")], now=now())
    assert Contact.objects.get(pk=forged.contact_id).organization == firm
    for domain in ("gmail.com", "not a domain", "libero.it"):
        with pytest.raises(organizations.BadDomain):
            organizations.save_organization(
                organization=firm, values={"domains": [domain]}, now=now(), **BY
            )


def test_who_is_there_already_joins_when_the_domain_is_named_and_one_may_belong_to_two(
    shop: walk.Shop,
) -> None:
    ada = person("Ada Neri", ("email", "ada@ditta.example"))
    firm, club = Organization(name="Ditta"), Organization.objects.create(name="Club")
    organizations.save_organization(
        organization=firm, values={"domains": ["ditta.example"]}, now=now(), **BY
    )
    organizations.join(contact=ada, organization=club, now=now(), **BY)
    ada.refresh_from_db()
    assert ada.organization == firm
    assert {m.organization.name for m in ada.memberships.all()} == {"Ditta", "Club"}
    organizations.leave(contact=ada, organization=firm, now=now(), **BY)
    ada.refresh_from_db()
    assert ada.organization == club


def test_numbers_without_a_prefix_are_the_companys_countrys(shop: walk.Shop) -> None:
    assert normalise("phone", "055 123456") == "+39055123456"
    Company.objects.update(country="GB")
    forget_company()
    assert normalise("phone", "020 7946 0018") == "+442079460018"
    assert normalise("phone", "+39055123456") == "+39055123456"
    assert normalise("phone", "not a number") == "not a number"
    assert phones.region_of({"from_number": "+41441234567"}) == "CH"
    assert phones.region_of(next(iter(mouths().values())).settings) == ""


def test_mail_addresses_are_changed_no_more_than_is_certain() -> None:
    assert normalise("email", " Ada.Neri+Shop@Home.Example. ") == "ada.neri+shop@home.example"
    assert normalise("email", "ada@münchen.example") == "ada@xn--mnchen-3ya.example"
    assert mailboxes.mailbox("ada.neri+shop@home.example") == "ada.neri@home.example"


@given(st.text(max_size=40), st.text(max_size=40))
def test_names_are_compared_alike_from_both_sides(one: str, other: str) -> None:
    assert names.same_name(one, other) == names.same_name(other, one)
    assert names.different_people(one, other) == names.different_people(other, one)
    assert not names.different_people(one, one)
    assert not (names.same_name(one, other) and names.different_people(one, other))


@pytest.mark.parametrize(
    ("one", "other", "same", "different"),
    [
        ("Ada Neri", "NERI Ada", True, False),
        ("Ada Neri", "Sig.ra Ada Maria Neri", True, False),
        ("Ada Neri", "A. Neri", False, False),
        ("Ada Neri", "Bruno Neri", False, True),
        ("Ada Neri", "Ada", False, False),
        ("Ada Neri", "", False, False),
    ],
)
def test_names(one: str, other: str, same: bool, different: bool) -> None:
    assert (names.same_name(one, other), names.different_people(one, other)) == (same, different)
