"""What a company wants to know of people and organizations: defined once, typed, found again, never lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sportello.contacts import actions, dossier, fields, merging, privacy, queries
from sportello.contacts.models import Contact, Organization, ProfileField
from sportello.contacts.organizations import save_organization
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.core.fields import Unfit
from sportello.core.models import AuditEntry
from tests.api.company import Firm, found, person

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"actor": SYSTEM}


@pytest.fixture
def firm(db: None) -> Firm:
    return found()


def define(key: str, type: str = "text", of: str = "contact", **more: Any) -> ProfileField:
    values = {"of": of, "key": key, "label": key.title(), "type": type, "position": 0} | more
    return fields.save_field(field=ProfileField(), values=values, actor=SYSTEM)


def tell(contact: Contact, **custom: Any) -> dict[str, Any]:
    changed = actions.update_contact(contact=contact, values={"custom": custom}, now=now(), **BY)
    return dict(changed.custom)


@pytest.mark.parametrize(
    ("type", "value", "kept"),
    [
        ("text", " Aurora Uno ", "Aurora Uno"),
        ("number", "12", 12),
        ("number", "12.5", 12.5),
        ("choice", "Lucca", "Lucca"),
        ("checkbox", "on", True),
        ("checkbox", False, False),
        ("date", "2026-11-21", "2026-11-21"),
    ],
)
def test_what_fits_is_kept_by_its_type(db: None, type: str, value: Any, kept: Any) -> None:
    define("it", type, choices=["Lucca", "Pisa"])
    assert tell(person("Ada"), it=value) == {"it": kept}


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("text", "x" * 2001),
        ("text", {"a": 1}),
        ("number", "dodici"),
        ("number", "nan"),
        ("number", "inf"),
        ("number", True),
        ("choice", "Roma"),
        ("checkbox", "maybe"),
        ("date", "21/11/2026"),
        ("date", 20261121),
    ],
)
def test_what_does_not_fit_is_told_with_its_field(db: None, type: str, value: Any) -> None:
    define("it", type, choices=["Lucca", "Pisa"])
    ada = person("Ada")
    with pytest.raises(Unfit) as refusal:
        tell(ada, it=value, other="x")
    assert set(refusal.value.errors) == {"it", "other"}, "both at once"
    ada.refresh_from_db()
    assert ada.custom == {}


def test_only_what_is_named_changes_and_nothing_empties(firm: Firm) -> None:
    define("tessera")
    define("punti", "number")
    ada = person("Ada")
    tell(ada, tessera="A-1", punti=3)
    assert tell(ada, punti=4) == {"tessera": "A-1", "punti": 4}
    assert tell(ada, tessera="") == {"punti": 4}


def test_free_pairs_of_before_stay_and_can_be_emptied(firm: Firm) -> None:
    define("tessera")
    ada = person("Ada")
    Contact.objects.filter(pk=ada.pk).update(custom={"Macchina di casa": "Uno", "old": [1]})
    assert tell(ada, tessera="A-1") == {"Macchina di casa": "Uno", "old": [1], "tessera": "A-1"}
    assert tell(ada, **{"Macchina di casa": "Due"})["Macchina di casa"] == "Due"
    assert "old" not in tell(ada, old=None)
    with pytest.raises(Unfit):
        tell(ada, old="back again")


def test_a_field_takes_over_what_was_noted_by_hand(firm: Firm) -> None:
    ada, bob, eve = person("Ada"), person("Bob"), person("Eve")
    for contact, noted in ((ada, "12"), (bob, "many"), (eve, "7")):
        Contact.objects.filter(pk=contact.pk).update(custom={"Punti!": noted, "else": "x"})
    assert fields.loose("contact") == [("Punti!", 3), ("else", 3)]
    points = define("punti", "number")
    Contact.objects.filter(pk=eve.pk).update(custom={"Punti!": "7", "punti": 9})
    assert fields.adopt(field=points, name="Punti!", actor=SYSTEM) == (1, 2)
    kept = {c.name: c.custom for c in Contact.objects.filter(pk__in=[ada.pk, bob.pk, eve.pk])}
    assert kept["Ada"] == {"punti": 12, "else": "x"}
    assert kept["Bob"] == {"Punti!": "many", "else": "x"}
    assert kept["Eve"] == {"Punti!": "7", "punti": 9}, "what the field says already goes first"
    assert AuditEntry.objects.get(action="field.adopted").changes["count"] == 1
    fields.delete_field(field=points, actor=SYSTEM)
    assert dict(fields.loose("contact"))["punti"] == 2, "known still, among the other details"


def test_keys_are_one_for_people_and_one_for_organizations(firm: Firm) -> None:
    define("sdi", of="organization")
    define("sdi", "number")
    bar = save_organization(
        organization=Organization(), values={"name": "Bar", "custom": {"sdi": "KRRH6B9"}},
        now=now(), **BY,
    )  # fmt: skip
    assert bar.custom == {"sdi": "KRRH6B9"}
    with pytest.raises(Unfit):
        tell(person("Ada"), sdi="KRRH6B9")


def test_people_are_found_by_what_a_field_says(firm: Firm) -> None:
    define("tessera")
    define("punti", "number")
    ada, bob = person("Ada"), person("Bob")
    tell(ada, tessera="AU-4711", punti=12)
    tell(bob, tessera="AU-4712")
    names = lambda q: [c.name for c in queries.search(Contact.objects.all(), q)]  # noqa: E731
    assert names("AU-4711") == ["Ada"]
    assert names("12") == ["Ada"]
    assert names("AU-47") == [], "just this, no part of it"


def test_exported_with_its_label_merged_and_erased(firm: Firm) -> None:
    define("tessera", label="Tessera Aurora")
    ada, twin = person("Ada", "ada@home.example"), person("Ada B.", "ada@work.example")
    tell(ada, tessera="AU-4711")
    merging.merge(contact=ada, into=twin, now=now(), **BY)
    twin.refresh_from_db()
    assert twin.custom == {"tessera": "AU-4711"}
    data = privacy.export(contact=twin, now=now(), **BY)
    assert data["data"]["contacts.Contact"][0]["custom"] == {"tessera": "AU-4711"}
    page = dossier._page(twin, data, [])
    assert "Tessera Aurora: AU-4711" in page
    privacy.erase(contact=twin, now=now(), **BY)
    assert "AU-4711" not in json.dumps(list(Contact.objects.values("custom")))
