"""The company's own fields on the pages: typed, refused where they stand, beside the ticket, made of what was noted."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from sportello.contacts import fields
from sportello.contacts.models import Contact, Organization, ProfileField
from sportello.core.actors import SYSTEM
from tests.workspace.conftest import Desk

pytestmark = pytest.mark.django_db


def define(key: str, type: str = "text", of: str = "contact", **more: Any) -> None:
    values = {"of": of, "key": key, "label": key.title(), "type": type, "position": 0} | more
    fields.save_field(field=ProfileField(), values=values, actor=SYSTEM)


def test_the_profile_says_which_field_is_wrong_and_keeps_what_was_typed(desk: Desk) -> None:
    define("punti", "number", label="Punti raccolti")
    define("negozio", "choice", choices=["Lucca", "Pisa"])
    ada = desk.tickets["public"].contact
    Contact.objects.filter(pk=ada.pk).update(custom={"Vecchio": "appunto"})
    url, client = f"/app/contacts/{ada.pk}/edit/about", desk.client("agent")
    form = {
        "name": "Ada Byron", "notes": "Chiama la mattina.",
        "field": ["punti", "negozio", "Vecchio"], "custom:punti": "tanti", "custom:negozio": "Pisa", "custom:Vecchio": "appunto",
    }  # fmt: skip
    answer = client.post(url, form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“Punti raccolti”" in page
    assert 'value="tanti"' in page
    assert "Chiama la mattina." in page
    ada.refresh_from_db()
    assert (ada.custom, ada.notes) == ({"Vecchio": "appunto"}, "")
    assert client.post(url, form | {"custom:punti": "1250.5"}).status_code == 302
    ada.refresh_from_db()
    assert ada.custom == {"punti": 1250.5, "negozio": "Pisa", "Vecchio": "appunto"}
    assert 'value="1250.5"' in client.get(f"/app/contacts/{ada.pk}").content.decode()
    beside = client.get(f"/app/tickets/{desk.tickets['public'].number}").content.decode()
    assert "Punti raccolti" in beside
    assert "Ada Byron" in client.get("/app/contacts", {"q": "1250.5"}).content.decode()
    assert "Ada Byron" not in client.get("/app/contacts", {"q": "1250"}).content.decode()
    assert "appunto" in beside
    assert desk.client("light").post(url, form).status_code == 403


def test_an_organizations_fields_are_typed_too(desk: Desk) -> None:
    define("scade", "date", of="organization", label="Contratto fino al")
    contact = desk.tickets["public"].contact
    bar = Organization.objects.create(name="Bar Kranz")
    Contact.objects.filter(pk=contact.pk).update(organization=bar)
    url, client = f"/app/organizations/{bar.pk}", desk.client("agent")
    form = {"name": "Bar Kranz & C.", "field": "scade", "custom:scade": "domani"}
    answer = client.post(url, form)
    assert answer.status_code == 422
    assert "Contratto fino al" in answer.content.decode()
    assert "Bar Kranz &amp; C." in answer.content.decode(), "what was typed"
    bar.refresh_from_db()
    assert bar.name == "Bar Kranz"
    assert client.post(url, form | {"custom:scade": "2027-03-31"}).status_code == 302
    bar.refresh_from_db()
    assert bar.custom == {"scade": "2027-03-31"}
    beside = client.get(f"/app/tickets/{desk.tickets['public'].number}").content.decode()
    assert "Contratto fino al" in beside


@pytest.mark.parametrize(
    "name",
    ["' ) -- ; %s", "\"}]' OR 1=1", "<script>alert(1)</script>", "a.b->>c", "{{ x }}", "è ñ 漢"],
)
def test_names_that_want_to_be_code_are_only_names(desk: Desk, name: str) -> None:
    ada = desk.tickets["public"].contact
    Contact.objects.filter(pk=ada.pk).update(custom={name: name})
    define("else")
    admin, url = desk.client("administrator"), f"/app/contacts/{ada.pk}"
    for page in ("/app/settings/fields", url, f"/app/tickets/{desk.tickets['public'].number}"):
        shown = admin.get(page)
        assert shown.status_code == 200
        assert "<script>alert" not in shown.content.decode()
    assert admin.get("/app/contacts", {"q": name}).status_code == 200
    form = {"name": "Ada", "field": [name], f"custom:{name}": f"{name}!"}
    assert admin.post(f"{url}/edit/about", form).status_code == 302
    new = {"of": "contact", "label": "Nome", "key": "nome", "type": "text", "position": 0}
    made = f"/app/settings/fields/new?{urlencode({'of': 'contact', 'adopt': name})}"
    assert admin.post(made, new).status_code == 302
    ada.refresh_from_db()
    assert ada.custom == {"nome": f"{name}!"}


def test_a_field_is_made_of_other_details_in_the_settings(desk: Desk) -> None:
    ada = desk.tickets["public"].contact
    Contact.objects.filter(pk=ada.pk).update(custom={"Macchina di casa": "Aurora Uno"})
    client = desk.client("administrator")
    page = client.get("/app/settings/fields").content.decode()
    assert "adopt=Macchina%20di%20casa" in page
    url = "/app/settings/fields/new?of=contact&adopt=Macchina di casa"
    assert 'value="macchina-di-casa"' in client.get(url).content.decode()
    form = {"of": "contact", "label": "Macchina", "key": "macchina", "type": "text", "position": 0}
    assert client.post(url, form).status_code == 302
    ada.refresh_from_db()
    assert ada.custom == {"macchina": "Aurora Uno"}
    assert client.post("/app/settings/fields/new", form).status_code == 422, "the key is taken"
    made = ProfileField.objects.get()
    client.post(f"/app/settings/fields/profile/{made.pk}", form | {"of": "organization", "key": "stolen", "label": "In casa"})  # fmt: skip
    made.refresh_from_db()
    assert (made.of, made.key, made.label) == ("contact", "macchina", "In casa")
    assert client.post(f"/app/settings/fields/profile/{made.pk}/delete").status_code == 302
    assert not ProfileField.objects.exists()
    assert desk.client("agent").get("/app/settings/fields").status_code == 403
