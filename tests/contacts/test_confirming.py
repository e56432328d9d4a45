"""“Is this address yours?”: a link or six digits, guessed by nobody, good once, and nobody merged who is somebody."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from sportello.contacts import actions, confirming, doubts
from sportello.contacts.confirmation import Confirmation
from sportello.contacts.confirming import CannotConfirm, WrongCode
from sportello.contacts.models import Contact, Identity, Merge, Suggestion
from sportello.core import consumers
from sportello.core.clock import now
from sportello.core.models import AuditEntry, Event, SentMail
from sportello.tickets.identifying import confirming as asking
from sportello.tickets.models import Ticket
from tests import walk

pytestmark = pytest.mark.django_db
HOME = "ada@casa.example"


@pytest.fixture
def shop(settings: Any) -> walk.Shop:
    settings.EMAIL_URL = ""
    return walk.open_shop()


def claimed(name: str = "Ada Neri", address: str = HOME, **contact: Any) -> Identity:
    person = Contact.objects.create(name=name, **contact)
    return Identity.objects.create(contact=person, kind="email", address=address, proof="claimed")


def ask(shop: walk.Shop, identity: Identity, way: str = "code", at: datetime | None = None) -> str:
    """Ask and send; returns what the mail says."""
    at = at or now()
    row = asking.ask(identity=identity, way=way, agent=shop.giulia, actor=shop.actor(), now=at)
    asking.send(row.pk, now=at)
    mail = bytes(SentMail.objects.latest("pk").raw).decode()
    return re.sub(r"=\r?\n", "", mail).replace("=3D", "=")


def code_in(mail: str) -> str:
    found = re.search(r"\b\d{6}\b", mail.partition("\n\n")[2] or mail.partition("\r\n\r\n")[2])
    assert found, mail
    return found[0]


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def say(shop: walk.Shop, identity: Identity, code: str, at: datetime | None = None) -> Identity:
    return confirming.check_code(identity=identity, code=code, actor=shop.actor(), now=at or now())


def test_the_code_that_the_customer_tells_proves_the_address(shop: walk.Shop) -> None:
    identity = claimed()
    code = code_in(ask(shop, identity))
    found = say(shop, identity, f" {code[:3]} {code[3:]} ")
    identity.refresh_from_db()
    assert (identity.proof, identity.how) == ("verified", "code")
    assert identity.proved_at == found.proved_at is not None
    kinds = list(
        Event.objects.filter(contact_id=identity.contact_id).values_list("type", flat=True)
    )
    assert kinds == ["identity_asked", "identity_verified"]


def test_the_mail_says_no_name_and_speaks_the_tickets_language(shop: walk.Shop) -> None:
    ticket = walk.arrive(shop.mail, walk.mail_bytes("Ada Neri <ada@work.example>", "Ciao, è rotta"))
    Ticket.objects.update(language="it", subject="Segreto")
    identity = Identity.objects.create(
        contact=ticket.ticket.contact, kind="email", address=HOME, proof="claimed"
    )
    mail = ask(shop, identity)
    assert "il tuo codice per Shop" in mail
    assert "Neri" not in mail
    assert "Segreto" not in mail
    assert HOME in mail


def test_what_was_sent_is_kept_nowhere_but_hashed(shop: walk.Shop) -> None:
    identity = claimed()
    code = code_in(ask(shop, identity))
    row = Confirmation.objects.get()
    assert code not in row.secret_hash
    assert len(row.secret_hash) == 64
    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs")
        assert all(code not in str(args) for args in cursor.fetchall())


def test_five_wrong_codes_are_the_end_even_for_the_right_one(shop: walk.Shop) -> None:
    identity = claimed()
    code = code_in(ask(shop, identity))
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongCode) as refusal:
            say(shop, identity, other_than(code))
        assert refusal.value.left == left
    for guess in (other_than(code), code):
        with pytest.raises(WrongCode) as refusal:
            say(shop, identity, guess)
        assert refusal.value.left == 0
    identity.refresh_from_db()
    assert identity.proof == "claimed"
    assert Confirmation.objects.get().tries == confirming.TRIES


@pytest.mark.django_db(transaction=True)
def test_fifty_guesses_side_by_side_are_five_tries(shop: walk.Shop) -> None:
    identity = claimed()
    code = code_in(ask(shop, identity))

    def guess(n: int) -> bool:
        try:
            say(shop, identity, f"{(int(code) + 1 + n) % 10**6:06}")
        except WrongCode as refusal:
            return refusal.left > 0
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        counted = sum(pool.map(guess, range(50)))
    assert counted == confirming.TRIES - 1
    assert Confirmation.objects.get().tries == confirming.TRIES


def test_a_code_works_once_for_ten_minutes_and_until_a_newer_one(shop: walk.Shop) -> None:
    identity, at = claimed(), now()
    old = code_in(ask(shop, identity, at=at))
    late = code_in(ask(shop, identity, at=at))
    if old != late:
        with pytest.raises(WrongCode):
            say(shop, identity, old)
    with pytest.raises(WrongCode):
        say(shop, identity, late, at=at + timedelta(minutes=10))
    say(shop, identity, late, at=at + timedelta(minutes=9))
    Identity.objects.update(proof="claimed")
    with pytest.raises(WrongCode):
        say(shop, identity, late, at=at + timedelta(minutes=9))


def test_one_address_is_asked_three_times_an_hour_whoever_claims_it(shop: walk.Shop) -> None:
    one, other = claimed(), claimed("Eva Blu")
    for identity in (one, other, one):
        ask(shop, identity)
    with pytest.raises(CannotConfirm):
        ask(shop, other)
    ask(shop, other, at=now() + timedelta(hours=1, seconds=1))


def test_who_wrote_stop_is_not_asked_and_who_is_proved_need_not_be(shop: walk.Shop) -> None:
    identity = claimed()
    for change in ({"opted_out_at": now()}, {"proof": "verified", "opted_out_at": None}):
        Identity.objects.update(**change)
        with pytest.raises(CannotConfirm):
            ask(shop, identity)
    with pytest.raises(CannotConfirm):
        ask(shop, Identity(contact=identity.contact, kind="visitor", address="x", pk=0))
    assert not Confirmation.objects.exists()


def test_the_link_proves_with_the_button_and_once(shop: walk.Shop) -> None:
    identity = claimed(language="it")
    mail = ask(shop, identity, "link")
    found = re.search(r"/confirm/[\w-]{43}", mail)
    assert found
    page = Client().get(found[0])
    assert page.status_code == 200
    assert "Neri" not in page.content.decode()
    assert "È il mio indirizzo" in page.content.decode()
    identity.refresh_from_db()
    assert identity.proof == "claimed"
    assert Client(enforce_csrf_checks=True).post(found[0]).status_code == 403
    assert Client().post(found[0]).status_code == 200
    identity.refresh_from_db()
    assert (identity.proof, identity.how) == ("verified", "link")
    assert Client().post(found[0]).status_code == 404
    assert Client().get(found[0]).status_code == 404


def test_an_old_link_opens_nothing(shop: walk.Shop) -> None:
    identity = claimed()
    found = re.search(r"/confirm/[\w-]{43}", ask(shop, identity, "link"))
    assert found
    Confirmation.objects.update(expires_at=now())
    assert Client().post(found[0]).status_code == 404
    assert Client().get("/confirm/" + "x" * 43).status_code == 404


def test_an_address_that_somebody_else_has_is_suggested_and_nobody_merged(shop: walk.Shop) -> None:
    owner = Contact.objects.create(name="Ada")
    Identity.objects.create(
        contact=owner, kind="email", address=HOME, proof="verified", how="dmarc"
    )
    identity = claimed()
    actions.add_identity(
        contact=identity.contact, kind="phone", address="055 123456", verified=True,
        actor=shop.actor(), now=now(),
    )  # fmt: skip
    found = say(shop, identity, code_in(ask(shop, identity)))
    assert (found.proof, found.how) == ("claimed", "code")
    row = Suggestion.objects.get()
    assert {row.first_id, row.second_id} == {owner.pk, identity.contact_id}
    assert [r["reason"] for r in row.reasons] == ["proved"]
    assert Contact.objects.count() == 2
    assert not Merge.objects.exists()


def test_a_mere_shadow_of_the_address_is_merged_and_comes_back_when_told_apart(
    shop: walk.Shop,
) -> None:
    shadow = claimed("Ada").contact
    identity = claimed("Ada Neri")
    say(shop, identity, code_in(ask(shop, identity)))
    assert not Contact.objects.filter(pk=shadow.pk).exists()
    assert Merge.objects.get().survivor_id == identity.contact_id
    assert Identity.objects.get().proof == "verified"


@pytest.mark.parametrize("why", ["name", "more", "blocked", "told apart", "shared", "office"])
def test_who_is_more_than_a_shadow_stays(shop: walk.Shop, why: str) -> None:
    address = "info@casa.example" if why == "office" else HOME
    other = claimed("Bruno Neri" if why == "name" else "Ada", address, blocked=why == "blocked")
    identity = claimed("Ada Neri", address)
    if why == "more":
        Identity.objects.create(contact=other.contact, kind="visitor", address="v", proof="none")
    if why == "told apart":
        Suggestion.objects.create(
            first=other.contact, second=identity.contact, state="dismissed", created_at=now()
        )
    if why == "shared":
        Identity.objects.filter(pk=identity.pk).update(doubt="shared")
        identity.refresh_from_db()
    say(shop, identity, code_in(ask(shop, identity)))
    assert Contact.objects.count() == 2
    identity.refresh_from_db()
    assert identity.proof == "verified"


def test_the_code_typed_in_the_talk_proves_and_any_other_number_only_counts(
    shop: walk.Shop,
) -> None:
    message = walk.arrive(shop.fake, walk.fake_body(("m1", "ada", "Buongiorno")))
    identity = Identity.objects.create(
        contact=message.ticket.contact, kind="email", address=HOME, proof="claimed"
    )
    code = code_in(ask(shop, identity))
    walk.arrive(shop.fake, walk.fake_body(("m2", "eva", code)))
    walk.arrive(shop.fake, walk.fake_body(("m3", "ada", other_than(code))))
    walk.arrive(shop.fake, walk.fake_body(("m4", "ada", f"ordine {code} grazie")))
    listen()
    identity.refresh_from_db()
    assert identity.proof == "claimed"
    assert Confirmation.objects.get().tries == 1
    walk.arrive(shop.fake, walk.fake_body(("m5", "ada", f"{code[:3]} {code[3:]}")))
    listen()
    identity.refresh_from_db()
    assert (identity.proof, identity.how) == ("verified", "code")
    fact = Event.objects.get(type="identity_verified")
    assert (fact.ticket_id, fact.actor) == (message.ticket_id, f"contact:{identity.contact_id}")


def listen() -> None:
    while consumers.step(consumers._consumers["confirmations"]):
        pass


def test_what_could_not_be_sent_says_so(shop: walk.Shop) -> None:
    person = Contact.objects.create(name="Ada")
    identity = Identity.objects.create(contact=person, kind="fake", address="gone", proof="claimed")
    row = asking.ask(
        identity=identity, way="code", agent=shop.giulia, actor=shop.actor(), now=now()
    )
    asking.send(row.pk, now=now())
    row.refresh_from_db()
    assert row.problem
    assert not confirming.waiting(identity, now=now()).exists()


def test_a_mark_is_cleared_with_audit_and_once(shop: walk.Shop) -> None:
    identity = claimed()
    Identity.objects.update(doubt="recycled")
    for _ in range(2):
        doubts.clear(identity=identity, actor=shop.actor(), now=now())
    identity.refresh_from_db()
    assert identity.doubt == ""
    entry = AuditEntry.objects.get(action="identity.cleared")
    assert entry.changes == {"doubt": ["recycled", ""]}
    assert entry.actor == str(shop.actor())
    assert Event.objects.filter(type="identity_cleared").count() == 1
