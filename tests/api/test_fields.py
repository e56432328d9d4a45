"""Custom fields and organizations, as a program reads and writes them."""

from __future__ import annotations

from typing import Any

import pytest

from sportello.contacts import fields
from sportello.contacts.models import Organization, ProfileField
from sportello.core.actors import SYSTEM
from sportello.tickets.models import CustomField
from tests.api.company import Firm

pytestmark = pytest.mark.django_db


def define(of: str, key: str, type: str, **more: Any) -> None:
    values = {"of": of, "key": key, "label": key.title(), "type": type, "position": 0} | more
    fields.save_field(field=ProfileField(), values=values, actor=SYSTEM)


def test_fields_are_listed_written_and_refused(firm: Firm) -> None:
    CustomField.objects.create(key="shop", label="Negozio")
    define("contact", "punti", "number")
    define("organization", "piano", "choice", choices=["oro", "argento"])
    api = firm.giulia
    assert [(f["of"], f["key"]) for f in api.get("/fields").json()["items"]] == [
        ("ticket", "shop"), ("contact", "punti"), ("organization", "piano"),
    ]  # fmt: skip
    (only,) = api.get("/fields?of=organization").json()["items"]
    assert (only["type"], only["choices"]) == ("choice", ["oro", "argento"])
    made = api.post("/contacts", {"name": "Ada", "custom": {"punti": "12"}}).json()
    assert made["custom"] == {"punti": 12}
    where = f"/contacts/{made['id']}"
    refused = api.patch(where, {"name": "Eve", "custom": {"punti": "tanti", "else": 1}})
    assert refused.status_code == 422
    assert {e["field"] for e in refused.json()["errors"]} == {"custom.punti", "custom.else"}
    assert api.get(where).json()["name"] == "Ada", "nothing of it"
    assert api.patch(where, {"custom": {"punti": None}}).json()["custom"] == {}
    assert api.post("/contacts", {"name": "Bob", "custom": {"punti": []}}).status_code == 422


def test_organizations_are_added_read_changed_and_listed(firm: Firm) -> None:
    define("organization", "piano", "choice", choices=["oro", "argento"])
    api = firm.giulia
    body = {"name": " Bar  Kranz ", "domains": ["@Kranz.example"], "custom": {"piano": "oro"}}
    answer = api.post("/organizations", body)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["name"], made["domains"], made["custom"]) == ("Bar Kranz", ["kranz.example"], {"piano": "oro"})  # fmt: skip
    where = f"/organizations/{made['id']}"
    assert api.get(where).json() == made
    assert api.patch(where, {"notes": "Sconto 10 %"}).json()["notes"] == "Sconto 10 %"
    assert api.get(where).json()["custom"] == {"piano": "oro"}
    for wrong in (
        {"name": None},
        {"name": "  "},
        {"domains": ["gmail.com"]},
        {"custom": {"piano": "rame"}},
    ):
        assert api.patch(where, wrong).status_code == 422, wrong
    api.post("/organizations", {"name": "Hotel"})
    page = api.get("/organizations?limit=1").json()
    assert [o["name"] for o in page["items"]] == ["Hotel"]
    rest = api.get(f"/organizations?limit=1&cursor={page['next_cursor']}").json()
    assert [o["name"] for o in rest["items"]] == ["Bar Kranz"]
    assert [o["name"] for o in api.get("/organizations?q=kranz.example").json()["items"]] == [
        "Bar Kranz"
    ]
    assert api.get("/organizations/999999").status_code == 404
    contact = api.post("/contacts", {"name": "Ada", "organization": {"id": made["id"]}}).json()
    assert contact["organization"]["name"] == "Bar Kranz"


def test_a_light_agent_reads_organizations_and_changes_none(firm: Firm) -> None:
    bar = Organization.objects.create(name="Bar")
    light = firm.light
    assert light.get(f"/organizations/{bar.pk}").status_code == 200
    assert light.patch(f"/organizations/{bar.pk}", {"name": "X"}).status_code == 403
    assert light.post("/organizations", {"name": "X"}).status_code == 403
