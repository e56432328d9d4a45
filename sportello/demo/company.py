"""Bottega Aurora's own set-up: brand, hours, teams, agents, channels, replies, tags, fields, customers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password

from sportello.accounts import actions as accounts
from sportello.accounts.backends import DEMO_PASSWORD
from sportello.accounts.models import Agent, Brand, Company, Role, Team
from sportello.accounts.queries import forget_company
from sportello.automation.actions import save_reply
from sportello.automation.models import SavedReply
from sportello.channels import queries
from sportello.channels.actions import create_channel
from sportello.channels.models import Channel, Engage
from sportello.contacts.models import Contact, Identity, Organization, Proof
from sportello.core.actors import SYSTEM
from sportello.demo import elsewhere, names, offering, profiles, purchases
from sportello.demo.people import ORGANIZATIONS, PEOPLE
from sportello.demo.replies import REPLIES
from sportello.demo.script import Times
from sportello.demo.stage import Stage
from sportello.hours.models import Calendar
from sportello.tickets import catalogue
from sportello.tickets.models import CustomField, Tag

TEAMS = (
    ("assistenza", "Assistenza", False),
    ("macchine", "Macchine", False),
    ("resi", "Resi e rimborsi", False),
    ("lucca", "Negozio di Lucca", False),
    ("direzione", "Direzione", True),
)
AGENTS = (
    ("aurora", "admin", "Aurora Conti", Role.ADMINISTRATOR),
    ("giulia", "giulia", "Giulia Ferri", Role.AGENT),
    ("marco", "marco", "Marco Conti", Role.AGENT),
    ("sara", "sara", "Sara Bianchi", Role.AGENT),
    ("elio", "elio", "Elio Magri", Role.LIGHT),
)
TAGS = (
    ("garanzia", "Riparazioni e ricambi in garanzia"),
    ("b2b", "Alberghi, bar, rivenditori"),
    ("danno trasporto", "Merce arrivata rotta"),
    ("fattura", "Fatture e dati fiscali"),
    ("spedizione", "Corrieri e consegne"),
    ("ricambi", "Guarnizioni, filtri, portafiltri"),
    ("ritiro in negozio", "Via Fillungo 112"),
    ("recensione", "Giudizi pubblici"),
    ("estero", "Fuori dall'Italia"),
    ("lotto 0925", "Guarnizioni difettose, settembre"),
)
FIELDS: tuple[tuple[str, str, str, list[str]], ...] = (
    ("ordine", "Numero d'ordine", CustomField.FieldType.TEXT, []),
    (
        "modello",
        "Modello",
        CustomField.FieldType.CHOICE,
        ["Aurora Uno", "Aurora Due", "Moka Aurora", "Macinino Brera", "Tazzine Alba"],
    ),
    ("matricola", "Matricola", CustomField.FieldType.TEXT, []),
)
SIGNATURE = "{{agent.name}}\n{{brand.name}} – Via Fillungo 112, Lucca\nTel. 0583 555 0110 · bottega-aurora.example"


def move_in(times: Times) -> Stage:
    """Everything but the tickets."""
    company = accounts.save_company(
        values={
            "name": names.COMPANY,
            "language": "it",
            "time_zone": "Europe/Rome",
            "require_second_factor": True,
        },
        actor=SYSTEM,
    )
    Company.objects.filter(pk=company.pk).update(is_demo=True)
    forget_company()
    brand = accounts.save_brand(
        brand=Brand(),
        values={
            "name": names.COMPANY,
            "slug": "aurora",
            "colour": "#335a43",
            "language": "it",
            "signature": SIGNATURE,
            "website": f"https://{names.DOMAIN}",
            "privacy_url": f"https://{names.DOMAIN}/privacy",
        },
        actor=SYSTEM,
    )
    hours = _hours(times)
    teams = {
        slug: accounts.save_team(
            team=Team(), values={"name": name, "slug": slug, "is_private": private}, actor=SYSTEM
        )
        for slug, name, private in TEAMS
    }
    agents = _agents()
    boxes = _boxes(brand, hours, teams)
    _words(agents["aurora"])
    customers = _customers(times)
    purchases.move_in(brand, times)
    return Stage(agents, teams, boxes, customers)


def _hours(times: Times) -> Calendar:
    week: dict[str, list[list[str]]] = {str(day): [["09:00", "19:00"]] for day in range(5)}
    values = {
        "name": "Orari di assistenza",
        "time_zone": "Europe/Rome",
        "weekly": week | {"5": [["09:00", "13:00"]]},
        "holidays": holidays(times.now.year) + holidays(times.now.year + 1),
    }
    return accounts.save_calendar(calendar=Calendar(), values=values, actor=SYSTEM)


def holidays(year: int) -> list[str]:
    """The public holidays of Italy, with Easter Monday, and those of Lucca's patron."""
    fixed = (
        "01-01",
        "01-06",
        "04-25",
        "05-01",
        "06-02",
        "07-12",
        "08-15",
        "11-01",
        "12-08",
        "12-25",
        "12-26",
    )
    days = [f"{year}-{day}" for day in fixed]
    return sorted([*days, (easter(year) + timedelta(days=1)).isoformat()])


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _agents() -> dict[str, Agent]:
    """All share the demo's password, hashed once: hashing is slow on purpose."""
    password = make_password(DEMO_PASSWORD)
    made: dict[str, Agent] = {}
    for key, local, name, role in AGENTS:
        agent = accounts.create_agent(
            email=f"{local}@{names.DOMAIN}", name=name, role=role, language="it"
        )
        agent.password = password
        agent.save(update_fields=["password"])
        made[key] = agent
    return made


def _boxes(brand: Brand, hours: Calendar, teams: dict[str, Team]) -> dict[str, Channel]:
    mail = create_channel(
        provider="email",
        name="Assistenza",
        brand=brand,
        settings={"address": names.MAILBOX, "from_name": names.COMPANY},
        team=teams["assistenza"],
        calendar=hours,
    )
    returns = create_channel(
        provider="email",
        name="Resi",
        brand=brand,
        settings={"address": names.RETURNS, "from_name": f"{names.COMPANY}, resi"},
        team=teams["resi"],
        calendar=hours,
    )
    chat = create_channel(
        provider="webchat",
        name="Chat del sito",
        brand=brand,
        settings={"greeting": "Ciao! Come possiamo aiutarti?"},
        team=teams["lucca"],
    )  # no calendar: whoever tries the demo on a Sunday night finds the chat open
    chat.public_id = names.CHAT_PUBLIC_ID
    chat.save(update_fields=["public_id"])
    phone = create_channel(
        provider="phone",
        name="Telefono",
        brand=brand,
        settings={"number": "+39 0583 5550110"},
        team=teams["assistenza"],
        calendar=hours,
    )
    networks = {
        box: create_channel(
            provider=provider,
            name=name,
            brand=brand,
            settings=elsewhere.settings_of(box),
            team=teams["macchine"],
        )
        for box, (provider, name, _settings) in elsewhere.SETTINGS.items()
    }
    gram = networks["instagram"]
    gram.engage = Engage.ADDRESSED
    gram.save(update_fields=["engage"])
    boxes = {"mail": mail, "returns": returns, "chat": chat, "phone": phone, **networks}
    offering.offer(boxes)
    queries.forget()
    return boxes


def _words(aurora: Agent) -> None:
    for shortcut, language, title, text in REPLIES:
        values: dict[str, Any] = {
            "shortcut": shortcut,
            "language": language,
            "title": title,
            "text": text,
        }
        save_reply(reply=SavedReply(), values=values, actor=SYSTEM)
    SavedReply.objects.update(created_by=aurora)
    for name, description in TAGS:
        catalogue.save_tag(
            tag=Tag(), values={"name": name, "description": description}, actor=SYSTEM
        )
    for position, (key, label, kind, choices) in enumerate(FIELDS):
        values = {
            "key": key,
            "label": label,
            "type": kind,
            "choices": choices,
            "position": position,
        }
        catalogue.save_custom_field(field=CustomField(), values=values, actor=SYSTEM)


def _customers(times: Times) -> dict[str, Contact]:
    """Those whom the company knows from earlier orders: their addresses are proved."""
    organizations = {
        key: Organization.objects.create(name=name, domains=domains, notes=notes)
        for key, (name, domains, notes) in ORGANIZATIONS.items()
    }
    made: dict[str, Contact] = {}
    for key, person in PEOPLE.items():
        if not person.known:
            continue
        contact = Contact.objects.create(
            name=person.name,
            organization=organizations.get(person.organization),
            language=person.language,
            notes=person.notes,
        )
        addresses = [
            ("email", person.email, Proof.VERIFIED),
            ("phone", person.phone, Proof.CLAIMED),
        ]
        Identity.objects.bulk_create(
            [
                Identity(
                    contact=contact, kind=kind, address=address, display=person.name, proof=proof
                )
                for kind, address, proof in addresses
                if address
            ]
        )
        made[key] = contact
    profiles.move_in(made, organizations, times.now)
    return made
