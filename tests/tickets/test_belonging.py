"""Which ticket does a message belong to when it names none: gone on, suggested, or opened apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bench.which_ticket import judged, pairs
from sportello.accounts.models import Company
from sportello.accounts.queries import forget_company
from sportello.channels import queries
from sportello.channels.models import Channel
from sportello.contacts.models import Contact, Identity
from sportello.core import evidence
from sportello.core.clock import now
from sportello.core.models import Event
from sportello.tickets import actions, applier
from sportello.tickets.belonging import candidates, guessing
from sportello.tickets.models import Belonging, Joining, Message, Thread, Ticket
from tests import walk
from tests.statements import asked

LEAK = "Buongiorno, la Moka Aurora dell'ordine BA-10433 perde acqua dalla base, la guarnizione è rotta."


def test_the_labelled_set_is_large_and_its_halves_share_no_family() -> None:
    everything = pairs.pairs()
    assert len(everything) >= 300
    assert sum(pair.by_hand for pair in everything) >= 60
    assert {pair.language for pair in everything} == {"it", "en"}
    families = {
        half: {p.name.split("-")[0] for p in everything if p.half == half and not p.by_hand}
        for half in ("train", "test")
    }
    assert not families["train"] & families["test"]


def test_thresholds_hold_on_the_half_that_did_not_choose_them() -> None:
    """The bar: 97 % right when it goes on unasked, 85 % found with suggestions counted."""
    settings = Company()
    seen = judged.measure(
        pairs.half("test"),
        continues=settings.continue_percent,
        suggests=settings.suggest_percent,
    )
    assert seen.precision >= 0.97, seen
    assert seen.recall >= 0.85, seen
    assert seen.by_itself >= 0.3, "a rule that never goes on is always right"
    assert seen.suggested_rightly >= 0.5, "suggestions that are mostly wrong are noise"


@pytest.fixture
def shop(db: None) -> walk.Shop:
    return walk.open_shop()


@pytest.fixture
def phone(shop: walk.Shop) -> Channel:
    """A second messaging channel: the same contact may write there under another address."""
    made = Channel.objects.create(
        provider="fake", name="Phone", brand=shop.brand, sealed_settings=shop.fake.sealed_settings
    )
    queries.forget()
    return made


def mailed(shop: walk.Shop, text: str = LEAK, subject: str = "Moka rotta") -> Ticket:
    return walk.arrive(
        shop.mail, walk.mail_bytes("Ada Neri <ada@home.example>", text, subject=subject)
    ).ticket


def known_as(contact: Contact, kind: str, address: str) -> None:
    Identity.objects.create(contact=contact, kind=kind, address=address, proof="verified")


def said(channel: Channel, text: str, sender: str = "ada-phone") -> Message:
    number = Message.objects.count()
    return walk.arrive(channel, walk.fake_body((f"x{number}", sender, text)))


def test_the_same_problem_on_another_channel_goes_on_in_the_same_ticket(shop: walk.Shop) -> None:
    ticket = mailed(shop)
    known_as(ticket.contact, "fake", "ada-phone")
    actions.reply(
        ticket=ticket, actor=shop.actor(), now=now(), text="Ci manda una foto della guarnizione?"
    )
    message = said(shop.fake, "Ecco la foto della guarnizione della Moka, ordine BA-10433")
    assert message.ticket_id == ticket.pk
    assert message.thread is not None
    assert message.thread.channel_id == shop.fake.pk
    assert Ticket.objects.count() == 1
    fact = Event.objects.get(type="message_recognised")
    assert fact.payload["percent"] >= 90
    assert "same_reference" in fact.payload["reasons"]
    ticket.refresh_from_db()
    assert ticket.status == "new" or ticket.status == "open"
    assert ticket.channel_ids[-1] == shop.fake.pk
    again = said(shop.fake, "e adesso?")
    assert again.thread_id == message.thread_id


def test_two_addresses_of_one_contact_in_one_batch_see_each_other(
    shop: walk.Shop, phone: Channel
) -> None:
    ada = Contact.objects.create(name="Ada Neri")
    known_as(ada, "fake", "ada-desk")
    known_as(ada, "fake", "ada-phone")
    walk.accept(shop.fake, walk.fake_body(("m1", "ada-desk", LEAK)))
    again = (
        "Ecco la foto: la Moka dell'ordine BA-10433 perde acqua dalla base, la guarnizione è rotta"
    )
    walk.accept(phone, walk.fake_body(("m2", "ada-phone", again)))
    assert applier.drain() == 2
    assert Ticket.objects.get().messages.count() == 2
    assert Event.objects.filter(type="message_recognised").count() == 1


def test_another_matter_opens_a_ticket_of_its_own(shop: walk.Shop) -> None:
    ticket = mailed(shop)
    known_as(ticket.contact, "fake", "ada-phone")
    message = said(shop.fake, "Un'altra cosa: cercate personale per il negozio di Lucca?")
    assert message.ticket_id != ticket.pk
    assert not Belonging.objects.exists()
    assert message.ticket.contact_id == ticket.contact_id


def test_between_the_thresholds_it_is_suggested(shop: walk.Shop) -> None:
    ticket = mailed(shop)
    known_as(ticket.contact, "fake", "ada-phone")
    Company.objects.update(continue_percent=100)
    forget_company()
    message = said(shop.fake, "La guarnizione della Moka BA-10433 perde ancora, novità?")
    assert message.ticket_id != ticket.pk
    suggestion = Belonging.objects.get()
    assert (suggestion.ticket_id, suggestion.to_id) == (message.ticket_id, ticket.pk)
    assert 40 <= suggestion.percent < 100
    assert "same_reference" in suggestion.reasons
    assert Event.objects.filter(type="ticket_suggested", ticket_id=message.ticket_id).exists()


def test_a_sender_nobody_vouches_for_is_never_put_into_a_ticket_unasked(shop: walk.Shop) -> None:
    """Anybody may write ada@home.example above a letter: without DMARC it is suggested at most."""
    ticket = mailed(shop)
    forged = walk.arrive(
        shop.mail,
        walk.mail_bytes("ada@home.example", LEAK, subject=f"Re: ticket {ticket.number} Moka rotta"),
    )
    assert forged.ticket_id != ticket.pk
    assert Belonging.objects.get().to_id == ticket.pk


def test_tickets_of_other_people_are_never_looked_at(shop: walk.Shop) -> None:
    mailed(shop)
    eve = said(shop.fake, f"{LEAK} ticket", sender="eve")
    assert eve.ticket.contact.name != "Ada Neri"
    assert not Belonging.objects.exists()


def test_a_conversation_goes_on_in_the_contacts_open_ticket_of_that_channel(
    shop: walk.Shop,
) -> None:
    first = said(shop.fake, "Vorrei cambiare indirizzo", sender="ada-1")
    known_as(first.ticket.contact, "fake", "ada-2")
    second = said(shop.fake, "sono sul telefono nuovo", sender="ada-2")
    assert second.ticket_id == first.ticket_id
    assert second.thread_id != first.thread_id


def test_after_solved_it_reopens_within_the_window_and_follows_up_later(shop: walk.Shop) -> None:
    ticket = mailed(shop)
    known_as(ticket.contact, "fake", "ada-phone")
    actions.set_status(ticket=ticket, status="solved", actor=shop.actor(), now=now())
    back = said(
        shop.fake, "La guarnizione della Moka Aurora BA-10433 perde di nuovo acqua dalla base"
    )
    assert back.ticket_id == ticket.pk
    ticket.refresh_from_db()
    assert ticket.status == "open"
    long_ago = now() - timedelta(days=20)
    Thread.objects.filter(channel=shop.fake).delete()
    Ticket.objects.filter(pk=ticket.pk).update(
        status="solved", solved_at=long_ago, last_message_at=now() - timedelta(hours=2)
    )
    later = said(
        shop.fake, "La guarnizione della Moka Aurora BA-10433 perde di nuovo acqua dalla base"
    )
    assert later.ticket_id != ticket.pk
    assert later.ticket.follow_up_of_id == ticket.pk


def test_of_two_alike_none_is_continued_without_asking(shop: walk.Shop) -> None:
    first, second = mailed(shop), mailed(shop)
    known_as(first.contact, "fake", "ada-phone")
    message = said(shop.fake, f"Ecco la foto: {LEAK}")
    assert message.ticket_id not in {first.pk, second.pk}
    assert Belonging.objects.filter(ticket=message.ticket).count() == 1


def test_who_has_no_other_ticket_pays_for_one_look_in_all(shop: walk.Shop) -> None:
    new = [(f"n{n}", f"new-{n}", "ciao") for n in range(20)]
    walk.accept(shop.fake, walk.fake_body(*new))
    with asked() as statements:
        applier.drain_all()
    assert [s for s in statements if s == candidates._SAID] == []
    assert statements.count(candidates._CANDIDATES) == 1
    assert Ticket.objects.count() == 20


def test_a_conversation_that_goes_on_is_not_read(shop: walk.Shop, phone: Channel) -> None:
    first = said(shop.fake, LEAK, sender="ada-1")
    known_as(first.ticket.contact, "fake", "ada-2")
    with asked() as statements:
        assert said(shop.fake, LEAK, sender="ada-2").ticket_id == first.ticket_id
    assert candidates._SAID not in statements


def test_where_nobody_wants_suggestions_nothing_is_read(shop: walk.Shop) -> None:
    ticket = mailed(shop)
    Company.objects.update(suggest_percent=100, continue_percent=100)
    forget_company()
    with asked() as statements:
        assert mailed(shop).pk != ticket.pk
    assert candidates._SAID not in statements
    assert not Belonging.objects.exists()


def test_a_wave_of_old_customers_costs_as_many_statements_as_one(shop: walk.Shop) -> None:
    """Each has a ticket, names an order in it, and writes anew without naming the thread."""

    def write(numbers: range, what: str) -> list[str]:
        mails = [
            walk.mail_bytes(f"Ada <ada{n}@home.example>", f"{LEAK}{n} {what}", subject=f"Moka {n}")
            for n in numbers
        ]
        walk.accept(shop.mail, *mails)
        with asked() as statements:
            applier.drain_all()
        return statements

    write(range(40), "")
    guessing.weights()
    one, all_ = write(range(1), "ancora"), write(range(1, 40), "ancora")
    assert Belonging.objects.count() == 40
    assert len(all_) == len(one)
    assert all_.count(candidates._SAID) == 1


def test_of_many_tickets_the_live_and_latest_are_read(shop: walk.Shop) -> None:
    tickets = [mailed(shop, f"{LEAK} {n}", subject=f"Moka {n}") for n in range(7)]
    actions.set_status(ticket=tickets[6], status="solved", actor=shop.actor(), now=now())
    Ticket.objects.filter(pk=tickets[0].pk).update(last_message_at=now() + timedelta(minutes=1))
    one = candidates.Wanted(0, tickets[0].contact_id, shop.brand.pk, shop.mail.pk, 0, LEAK)
    [(_, found)] = candidates.candidates([one], now=now())
    assert [c.ticket_id for c in found] == [tickets[n].pk for n in (0, 5, 4, 3)]


def test_a_room_above_can_tell_that_two_texts_name_one_thing(
    shop: walk.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """“The parcel to Lucca” and “my kettle” are one order, and only commerce knows."""
    monkeypatch.setattr(evidence, "_sources", dict(evidence._sources))

    @evidence.evidence("order")
    def orders(texts: Any) -> list[frozenset[str]]:
        names = ("bollitore", "pacco di Lucca")
        return [frozenset({"order:7"} if any(n in text for n in names) else ()) for text in texts]

    ticket = mailed(shop, "Dov'è il mio bollitore?", subject="Bollitore")
    known_as(ticket.contact, "fake", "ada-phone")
    message = said(shop.fake, "Avete notizie del pacco di Lucca?")
    belonging = Belonging.objects.filter(ticket=message.ticket).first()
    reasons = (
        belonging.reasons
        if belonging
        else Event.objects.get(type="message_recognised").payload["reasons"]
    )
    assert "same_reference" in reasons


def test_joining_a_suggestion_and_taking_it_back_loses_nothing(shop: walk.Shop) -> None:
    ticket = mailed(shop)
    other = mailed(shop, subject="Ancora la Moka")
    actions.retag(ticket=other, add=["garanzia"], remove=[], actor=shop.actor(), now=now())
    actions.follow(ticket=other, agent=shop.marco, actor=shop.actor(), now=now())
    actions.save_draft(ticket=other, agent=shop.giulia, text="Le scrivo domani", now=now())
    before = [state_of(ticket), state_of(other)]
    actions.merge(ticket=other, into=ticket, actor=shop.actor(), now=now())
    assert Message.objects.filter(ticket=ticket).count() == 2
    assert Belonging.objects.get().state == "joined"
    actions.unmerge(ticket=other, actor=shop.actor(), now=now())
    assert [state_of(ticket), state_of(other)] == before
    assert Belonging.objects.get().state == "refused"
    assert Joining.objects.get().undone_at is not None
    with pytest.raises(actions.CannotMerge):
        actions.unmerge(ticket=other, actor=shop.actor(), now=now())


def state_of(ticket: Ticket) -> dict[str, Any]:
    ticket = Ticket.objects.get(pk=ticket.pk)
    fields = ("status", "tags", "waiting_since", "solved_at", "preview", "last_message_at", "merged_into_id",
              "channel_ids", "last_inbound_id")  # fmt: skip
    return {name: getattr(ticket, name) for name in fields} | {
        "messages": list(ticket.messages.order_by("pk").values_list("pk", flat=True)),
        "threads": list(ticket.threads.order_by("pk").values_list("pk", flat=True)),
        "followers": list(ticket.followers.values_list("agent_id", flat=True)),
        "drafts": list(ticket.drafts.values_list("text", flat=True)),
    }


def test_what_was_said_on_its_thread_since_goes_back_with_it(shop: walk.Shop) -> None:
    ticket = mailed(shop)
    first = walk.arrive(
        shop.mail, walk.mail_bytes("ada@home.example", "Fattura?", message_id="inv@home.example")
    )
    actions.merge(ticket=first.ticket, into=ticket, actor=shop.actor(), now=now())
    later = walk.arrive(
        shop.mail,
        walk.mail_bytes("ada@home.example", "allora?", References="<inv@home.example>"),
    )
    assert later.ticket_id == ticket.pk
    actions.unmerge(ticket=first.ticket, actor=shop.actor(), now=now())
    later.refresh_from_db()
    assert later.ticket_id == first.ticket_id
    assert later.thread is not None
    assert later.thread.ticket_id == first.ticket_id


def test_a_ticket_merged_twice_over_comes_out_alone(shop: walk.Shop) -> None:
    one, two, three = (mailed(shop, subject=f"n. {n}") for n in range(3))
    actions.merge(ticket=one, into=two, actor=shop.actor(), now=now())
    actions.merge(ticket=two, into=three, actor=shop.actor(), now=now())
    actions.unmerge(ticket=one, actor=shop.actor(), now=now())
    assert Message.objects.filter(ticket=one).count() == 1
    assert Message.objects.filter(ticket=three).count() == 2
    actions.unmerge(ticket=two, actor=shop.actor(), now=now())
    assert {t.messages.count() for t in (one, two, three)} == {1}
