"""The buttons by which an agent has an address confirmed, and clears a mark; the API does the same."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sportello.contacts.confirmation import Confirmation
from sportello.contacts.models import Identity
from sportello.core.clock import now
from sportello.core.models import SentMail
from sportello.tickets.identifying import confirming
from tests.api.company import Api
from tests.workspace.conftest import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def identity(desk: Desk, settings: Any) -> Identity:
    settings.EMAIL_URL = ""
    contact = desk.tickets["public"].contact
    return Identity.objects.create(
        contact=contact, kind="email", address="ada@casa.example", proof="claimed", doubt="shared"
    )


def sent_code() -> str:
    row = Confirmation.objects.latest("pk")
    confirming.send(row.pk, now=now())
    mail = bytes(SentMail.objects.latest("pk").raw).decode().replace("=\r\n", "")
    return re.findall(r"\b\d{6}\b", mail.partition("\r\n\r\n")[2])[0]


def test_an_agent_asks_types_the_code_and_the_page_says_so(desk: Desk, identity: Identity) -> None:
    client, page = desk.client("agent"), f"/app/contacts/{identity.contact_id}"
    form: dict[str, Any] = {"identity": identity.pk}
    assert 'name="way" value="code"' in client.get(page).content.decode()
    assert client.post(f"{page}/edit/ask", form | {"way": "pigeon"}).status_code == 404
    assert client.post(f"{page}/edit/ask", form | {"way": "code"}).status_code == 302
    assert 'name="code"' in client.get(page).content.decode()
    code = sent_code()
    assert code not in client.get(page).content.decode()
    wrong = client.post(f"{page}/edit/code", form | {"code": f"{(int(code) + 1) % 10**6:06}"})
    assert (wrong.status_code, 'role="alert"' in wrong.content.decode()) == (422, True)
    assert client.post(f"{page}/edit/code", form | {"code": code}).status_code == 302
    identity.refresh_from_db()
    assert identity.proof == "verified"
    shown = client.get(page).content.decode()
    assert 'name="code"' not in shown
    assert 'name="way"' not in shown


def test_a_mark_goes_by_its_button(desk: Desk, identity: Identity) -> None:
    client, page = desk.client("agent"), f"/app/contacts/{identity.contact_id}"
    assert f"{page}/edit/clear" in client.get(page).content.decode()
    assert client.post(f"{page}/edit/clear", {"identity": identity.pk}).status_code == 302
    identity.refresh_from_db()
    assert identity.doubt == ""
    assert f"{page}/edit/clear" not in client.get(page).content.decode()
    form = {"identity": identity.pk, "doubt": "recycled"}
    assert client.post(f"{page}/edit/mark", form | {"doubt": "odd"}).status_code == 404
    assert client.post(f"{page}/edit/mark", form).status_code == 302
    identity.refresh_from_db()
    assert identity.doubt == "recycled"


@pytest.mark.parametrize("verb", ["ask", "code", "clear", "mark"])
@pytest.mark.parametrize("who", ["light", "elsewhere", "nothing", "nobody"])
def test_who_may_not_answer_may_not_ask(
    desk: Desk, identity: Identity, who: str, verb: str
) -> None:
    form = {"identity": identity.pk, "way": "code", "code": "123456"}
    answer = desk.client(who).post(f"/app/contacts/{identity.contact_id}/edit/{verb}", form)
    assert answer.status_code in {302, 403, 404}
    identity.refresh_from_db()
    assert (identity.proof, identity.doubt) == ("claimed", "shared")
    assert not Confirmation.objects.exists()


def test_an_address_of_somebody_else_is_not_asked_in_his_place(
    desk: Desk, identity: Identity
) -> None:
    other = desk.tickets["secret"].contact
    form = {"identity": identity.pk, "way": "code"}
    answer = desk.client("member").post(f"/app/contacts/{other.pk}/edit/ask", form)
    assert answer.status_code == 404


def test_the_api_asks_and_checks(desk: Desk, identity: Identity) -> None:
    api = Api(desk.agents["agent"])
    path = f"/contacts/{identity.contact_id}/identities/{identity.pk}/confirm"
    assert api.post(path, {}).status_code == 422
    assert api.post(path, {"way": "code", "code": "123456"}).status_code == 422
    asked = api.post(path, {"way": "code"})
    assert (asked.status_code, asked.json()["way"]) == (202, "code")
    code = sent_code()
    assert api.post(path, {"code": f"{(int(code) + 1) % 10**6:06}"}).status_code == 422
    answer = api.post(path, {"code": code})
    assert (answer.status_code, answer.json()["proof"]) == (200, "verified")
    assert api.post(path, {"way": "link"}).status_code == 422
    assert Api(desk.agents["elsewhere"]).post(path, {"way": "code"}).status_code == 404
