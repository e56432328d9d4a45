"""One person's page: proofs, one story of tickets and touchpoints, preferences that are kept to, organizations."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sportello.channels import queries, templates
from sportello.channels.actions import create_channel
from sportello.channels.contract import Template
from sportello.channels.models import ApprovedText
from sportello.contacts import fields
from sportello.contacts.models import Contact, Identity, Membership, Organization, ProfileField
from sportello.contacts.touchpoints import Touch, record_touchpoints
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.tickets.models import Ticket
from sportello.tickets.ways.reachable import reachable
from sportello.tickets.ways.switching import bridge
from tests.workspace.conftest import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(desk: Desk) -> Contact:
    return desk.tickets["public"].contact


def seen(client: Client, contact: Contact, **params: str) -> str:
    answer = client.get(f"/app/contacts/{contact.pk}", params)
    assert answer.status_code == 200
    return answer.content.decode()


def edit(client: Client, contact: Contact, verb: str, **form: Any) -> int:
    return client.post(f"/app/contacts/{contact.pk}/edit/{verb}", form).status_code


def test_tickets_and_touchpoints_are_one_story_by_pages(desk: Desk, ada: Contact) -> None:
    at = now()
    record_touchpoints(
        Touch("page", at - timedelta(hours=n), f"Pagina {n}.", contact_id=ada.pk) for n in range(60)
    )
    record_touchpoints([Touch("order", at + timedelta(minutes=1), "BA-7", contact_id=ada.pk)])
    client = desk.client("agent")
    first = seen(client, ada)
    assert first.index("BA-7") < first.index("Guarnizione rotta")
    told: list[str] = []
    page, url = first, ""
    while True:
        told += re.findall(r"Pagina \d+\.", page)
        found = re.search(r'hx-get="([^"]+before=[^"]+)"', page)
        if not found:
            break
        url = found[1].replace("&amp;", "&")
        page = client.get(url).content.decode()
    assert told == [f"Pagina {n}." for n in range(60)], "each once, newest first"
    only = seen(client, ada, show="tickets")
    assert "Guarnizione rotta" in only
    assert "BA-7" not in only
    assert "Guarnizione rotta" not in seen(client, ada, show="orders")
    assert seen(client, ada, show="nonsense", before="nonsense")


def test_hidden_tickets_are_neither_shown_nor_counted(desk: Desk, ada: Contact) -> None:
    Ticket.objects.filter(pk=desk.tickets["secret"].pk).update(contact=ada)
    page = seen(desk.client("agent"), ada)
    assert "Faccenda riservata" not in page
    assert re.search(r"<dt>Tickets?</dt><dd>1</dd>", page)
    assert re.search(r"<dt>Tickets?</dt><dd>2</dd>", seen(desk.client("administrator"), ada))


def test_touchpoints_of_another_brand_are_not_shown(desk: Desk) -> None:
    foreign = desk.tickets["foreign"].contact
    record_touchpoints(
        [
            Touch("order", now(), "AA-1", contact_id=foreign.pk, brand_id=desk.shop.brand.pk),
            Touch("order", now(), "BB-2", contact_id=foreign.pk, brand_id=desk.other_brand.pk),
        ]
    )
    page = seen(desk.client("elsewhere"), foreign)
    assert "BB-2" in page
    assert "AA-1" not in page


def test_what_an_agent_notes_is_kept_and_a_light_agent_may_not(desk: Desk, ada: Contact) -> None:
    form = {
        "name": " Ada  Byron ", "language": "en", "preferred_channel": "email",
        "segments": "VIP, trade, vip", "notes": "Calls in the morning.",
        "field": ["machine"], "custom:machine": "Uno",
    }  # fmt: skip
    field = {"of": "contact", "key": "machine", "label": "Machine"}
    fields.save_field(field=ProfileField(), values=field, actor=SYSTEM)
    assert edit(desk.client("light"), ada, "about", **form) == 403
    assert edit(desk.client("agent"), ada, "about", **form) == 302
    ada.refresh_from_db()
    assert (ada.name, ada.language, ada.preferred_channel) == ("Ada Byron", "en", "email")
    assert ada.segments == ["vip", "trade"]
    assert ada.custom == {"machine": "Uno"}
    found = desk.client("agent").get("/app/contacts", {"segment": "vip"}).content.decode()
    assert "Ada Byron" in found
    assert "Ada Byron" not in desk.client("agent").get("/app/contacts?segment=x").content.decode()
    unknown = form | {"language": "tlh", "preferred_channel": "telex"}
    edit(desk.client("agent"), ada, "about", **unknown)
    ada.refresh_from_db()
    assert (ada.language, ada.preferred_channel) == ("", "")


def test_addresses_are_added_vouched_for_and_forgotten(desk: Desk, ada: Contact) -> None:
    client = desk.client("agent")
    assert edit(client, ada, "address", address="+39 347 555 0182") == 302
    number = ada.identities.get(kind="phone")
    assert (number.address, number.proof) == ("+393475550182", "none")
    assert edit(client, ada, "vouch", identity=number.pk) == 302
    number.refresh_from_db()
    assert number.proof == "verified"
    page = seen(client, ada)
    assert "+39 347 555 0182" in page
    other = desk.open("Altro", name="Bob").contact.identities.get()
    assert edit(client, ada, "address", address=other.address) == 422
    assert edit(client, ada, "forget", identity=other.pk) == 404, "somebody else's"
    assert edit(client, ada, "forget", identity=number.pk) == 302
    assert not ada.identities.filter(kind="phone").exists()


def test_a_preferred_channel_and_language_are_kept_to(desk: Desk) -> None:
    ticket = desk.tickets["public"]
    ada = ticket.contact
    Identity.objects.create(contact=ada, kind="phone", address="+390551234567", proof="verified")
    shop = desk.shop
    create_channel(
        provider="twilio", name="SMS", brand=shop.brand,
        settings={"account_sid": "AC1", "auth_token": "t", "from_number": "+39055"},
    )  # fmt: skip
    other = create_channel(
        provider="email", name="Sales", brand=shop.brand, settings={"address": "sales@shop.example"}
    )
    queries.forget()
    assert next(w.mouth.name for w in reachable(ticket, now=now())) == "Help"
    edit(desk.client("agent"), ada, "about", name="Ada", preferred_channel="phone", language="en")
    ticket = Ticket.objects.get(pk=ticket.pk)
    ways = reachable(ticket, now=now())
    assert [w.mouth.name for w in ways] == ["Help", "SMS", "Sales"], "where he wrote last, then what he wants"  # fmt: skip
    assert ways[1].wanted
    ticket.language = "it"
    assert bridge(ticket, ways[1].mouth).endswith('here we go on about "Guarnizione rotta".')
    texts = [Template("ready", code, f"{code} {{{{1}}}}", 1) for code in ("it", "en_US")]
    templates.keep(other, texts, now=now())
    assert [t.language for t in templates.offered(other.pk, "en")] == ["en_US", "it"]
    assert ApprovedText.objects.count() == 2


def test_a_contact_of_several_organizations(desk: Desk, ada: Contact) -> None:
    client = desk.client("agent")
    for name in ("Bar Sport", "Caffè Kranz", "bar sport"):
        assert edit(client, ada, "join", organization=name) == 302
    assert Organization.objects.count() == 2
    ada.refresh_from_db()
    assert ada.organization is not None
    assert ada.organization.name == "Bar Sport"
    assert "Caffè Kranz" in seen(client, ada)
    assert edit(client, ada, "leave", organization=ada.organization.pk) == 302
    left = Contact.objects.select_related("organization").get(pk=ada.pk)
    assert left.organization is not None
    assert left.organization.name == "Caffè Kranz"


def test_an_organizations_page_shows_what_the_agent_may_see(desk: Desk, ada: Contact) -> None:
    kranz = Organization.objects.create(name="Caffè Kranz", custom={"listino": "A"})
    Membership.objects.create(contact=ada, organization=kranz, how="agent")
    for ticket in desk.tickets.values():
        Ticket.objects.filter(pk=ticket.pk).update(organization=kranz)
    url = f"/app/organizations/{kranz.pk}"
    page = desk.client("agent").get(url).content.decode()
    assert "Guarnizione rotta" in page
    assert "Ada Lovelace" in page
    assert "Faccenda riservata" not in page
    saved = {"name": "Kranz", "domains": "kranz.example", "notes": "Sconto 12 %", "field": "listino", "custom:listino": "B"}  # fmt: skip
    assert desk.client("light").post(url, saved).status_code == 403
    assert desk.client("agent").post(url, saved | {"domains": "gmail.com"}).status_code == 422
    assert desk.client("agent").post(url, saved).status_code == 302
    kranz.refresh_from_db()
    assert (kranz.domains, kranz.notes, kranz.custom) == (["kranz.example"], "Sconto 12 %", {"listino": "B"})  # fmt: skip
    assert "Kranz" in desk.client("agent").get("/app/organizations?q=kranz").content.decode()


def test_an_organization_of_hidden_people_does_not_exist(desk: Desk) -> None:
    hidden = Organization.objects.create(name="Notaio Riservato")
    secret = desk.tickets["secret"]
    Contact.objects.filter(pk=secret.contact_id).update(organization=hidden)
    Ticket.objects.filter(pk=secret.pk).update(organization=hidden)
    for method in ("get", "post"):
        asked = getattr(desk.client("agent"), method)(f"/app/organizations/{hidden.pk}")
        assert asked.status_code == 404
    assert "Notaio" not in desk.client("agent").get("/app/organizations").content.decode()
    assert "Notaio" in desk.client("member").get("/app/organizations").content.decode()
