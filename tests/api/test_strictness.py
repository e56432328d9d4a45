"""What is not named is refused, wherever it is tried, and nothing changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sportello.accounts.models import Agent, Grant
from sportello.api import cursors
from sportello.api.problems import Problem
from sportello.contacts.models import Contact
from sportello.tickets.models import Ticket
from tests.api.company import Firm

FIELDS = sorted(
    {f.name for label in ("tickets.Ticket", "tickets.Message", "contacts.Contact", "contacts.Identity", "accounts.Agent",
                          "accounts.Grant", "channels.Channel", "automation.Webhook")
     for f in apps.get_model(label)._meta.get_fields()}
    | {"id", "pk", "account_id", "ignore_permissions", "role", "is_superuser", "__class__", "author", "direction"}
)  # fmt: skip

WRITES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "open": ("POST", "/tickets", {"subject": "s", "contact": {"email": "new@home.example"}}),
    "patch": ("PATCH", "/tickets/{number}", {}),
    "reply": ("POST", "/tickets/{number}/reply", {"text": "x"}),
    "note": ("POST", "/tickets/{number}/note", {"text": "x"}),
    "assign": ("POST", "/tickets/{number}/assign", {}),
    "solve": ("POST", "/tickets/{number}/solve", {}),
    "snooze": ("POST", "/tickets/{number}/snooze", {"until": "2036-01-01T00:00:00Z"}),
    "spam": ("POST", "/tickets/{number}/spam", {}),
    "tags": ("POST", "/tickets/{number}/tags", {}),
    "merge": ("POST", "/tickets/{number}/merge", {"into": 1}),
    "split": ("POST", "/tickets/{number}/split", {"message": 1}),
    "contact": ("POST", "/contacts", {}),
    "contact patch": ("PATCH", "/contacts/{contact}", {}),
    "identity": (
        "POST",
        "/contacts/{contact}/identities",
        {"kind": "email", "address": "z@home.example"},
    ),
    "contact merge": ("POST", "/contacts/{contact}/merge", {"into": 1}),
    "channel": ("POST", "/channels", {"provider": "fake", "name": "x"}),
    "event": ("POST", "/events", {"id": "e", "type": "a.b"}),
    "webhook": ("POST", "/webhooks", {"url": "http://127.0.0.1:9/x"}),
}


def snapshot() -> tuple[Any, ...]:
    return (
        list(Ticket.objects.order_by("pk").values()),
        list(Contact.objects.order_by("pk").values()),
        list(Agent.objects.order_by("pk").values_list("pk", "is_superuser", "email", "password")),
        list(Grant.objects.order_by("pk").values()),
        [
            apps.get_model(m).objects.count()
            for m in ("tickets.Message", "channels.Channel", "automation.Webhook", "core.Event")
        ],
    )


@pytest.mark.parametrize("name", WRITES)
def test_no_field_of_any_model_can_be_assigned_unnamed(firm: Firm, name: str) -> None:
    method, path, body = WRITES[name]
    ticket = firm.tickets["own"]
    url = path.format(number=ticket.number, contact=ticket.contact_id)
    schema = firm.admin.client.get("/api/v1/openapi.json").json()
    named = allowed_fields(schema, method.lower(), f"/api/v1{path}")
    unnamed = set(FIELDS) - named
    before = snapshot()
    answer = firm.admin.call(method, url, body | dict.fromkeys(unnamed, 1))
    assert answer.status_code == 422
    assert refused(answer.json()) == unnamed
    assert snapshot() == before


def refused(problem: Any) -> set[str]:
    """The fields that were refused for not being named, each for itself."""
    return {
        error["field"]
        for error in problem["errors"]
        if error["message"] == "Extra inputs are not permitted"
    }


def allowed_fields(schema: Any, method: str, path: str) -> set[str]:
    path = path.replace("{contact}", "{id}")
    shape = schema["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    while "$ref" not in shape:
        shape = next(one for one in shape["anyOf"] if "$ref" in one)
    return set(
        schema["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]].get("properties", {})
    )


def test_everything_that_is_sent_in_is_forbidden_unless_named(firm: Firm) -> None:
    """Holds for shapes inside shapes too: no input schema is open."""
    schema = firm.admin.client.get("/api/v1/openapi.json").json()
    wanted, seen = [], set()
    for path in schema["paths"].values():
        for operation in path.values():
            wanted += [
                c["schema"]
                for kind, c in operation.get("requestBody", {}).get("content", {}).items()
                if kind == "application/json"
            ]
    while wanted:
        shape = wanted.pop()
        if isinstance(shape, dict):
            name = shape.get("$ref", "").rsplit("/", 1)[-1]
            if name and name not in seen:
                seen.add(name)
                target = schema["components"]["schemas"][name]
                if target.get("type") == "object":
                    assert target["additionalProperties"] is False, name
                wanted.append(target)
            wanted += [v for k, v in shape.items() if k != "$ref"]
        elif isinstance(shape, list):
            wanted += shape
    assert len(seen) > 15


@pytest.mark.parametrize("limit", ["0", "-1", "101", "1e3", "abc", "", "9" * 30])
def test_limits_have_bounds(firm: Firm, limit: str) -> None:
    for path in (
        "/tickets",
        "/contacts",
        "/events",
        f"/tickets/{firm.tickets['own'].number}/messages",
    ):
        assert firm.admin.get(f"{path}?limit={limit}").status_code == 422


def test_a_cursor_of_one_list_does_not_open_another(firm: Firm) -> None:
    cursor = firm.admin.get("/tickets?limit=1").json()["next_cursor"]
    assert firm.admin.get(f"/contacts?cursor={cursor}").status_code == 400
    assert (
        firm.admin.get(f"/tickets?updated_since=2020-01-01T00:00:00Z&cursor={cursor}").status_code
        == 400
    )
    assert firm.admin.get(f"/tickets?cursor={cursor}").status_code == 200


def test_a_cursor_that_was_tampered_with_is_refused(firm: Firm) -> None:
    cursor = firm.admin.get("/tickets?limit=1").json()["next_cursor"]
    for at in range(0, len(cursor), 7):
        wrong = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
        assert firm.admin.get(f"/tickets?cursor={wrong}").status_code == 400


@given(st.text(max_size=80))
def test_no_text_is_a_cursor(text: str) -> None:
    with pytest.raises(Problem) as caught:
        cursors.read("tickets", text, 2)
    assert caught.value.status == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_body_brings_the_door_down(firm: Firm, data: st.DataObject) -> None:
    method, path, body = WRITES[data.draw(st.sampled_from(sorted(set(WRITES) - {"webhook"})))]
    ticket = firm.tickets["own"]
    url = path.format(number=ticket.number, contact=ticket.contact_id)
    keys = [
        "subject",
        "text",
        "contact",
        "tags",
        "priority",
        "custom",
        "name",
        "identities",
        "settings",
        "data",
        "until",
        "add",
        "into",
    ]
    changed = body | data.draw(st.dictionaries(st.sampled_from(keys), JSON, max_size=3))
    answer = firm.admin.client.generic(
        method, f"/api/v1{url}", json.dumps(changed), "application/json"
    )
    assert answer.status_code < 500, answer.content


@pytest.mark.parametrize("q", ["%", "_", "'", '" ) -- ;', "%s", "\\", "a" * 200, "(((", "!&|"])
def test_words_to_look_for_are_letters_and_no_commands(firm: Firm, q: str) -> None:
    from urllib.parse import quote

    for path in ("/tickets", "/contacts"):
        answer = firm.admin.get(f"{path}?q={quote(q)}")
        assert answer.status_code == 200
        assert answer.json()["items"] == []
