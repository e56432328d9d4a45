"""The company's own fields on a page: shown, typed into, and what came back with an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from sportello.contacts import fields
from sportello.contacts.fields import Detail
from sportello.contacts.models import Contact, ProfileField

KIND_OF_INPUT = {"number": "number", "date": "date"}


@dataclass(frozen=True, slots=True)
class Blank:
    """One place to type in."""

    field: ProfileField
    value: Any
    error: str = ""

    @property
    def name(self) -> str:
        return name_of(self.field.key)

    @property
    def type(self) -> str:
        return KIND_OF_INPUT.get(self.field.type, "text")


def name_of(key: str) -> str:
    """Under which the form sends a field."""
    return f"custom:{key}"


def given(form: QueryDict) -> dict[str, str]:
    """What the page sent for each field that it showed; an unticked box is empty."""
    keys = [key[:200] for key in form.getlist("field")[:200]]
    return {key: form.get(name_of(key), "").strip() for key in keys}


def page(
    kind: str,
    custom: Mapping[str, Any],
    typed: QueryDict | None = None,
    errors: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What `contacts/details.html` and `contacts/fields.html` need."""
    said, wrong = given(typed) if typed else {}, errors or {}
    details = fields.details(kind, custom)
    return {
        "details": [one for one in details if one.shown],
        "blanks": [_blank(one, said, wrong) for one in details],
        "others": fields.others(details, custom),
        "errors": wrong,
        "homeless": [
            why for key, why in wrong.items() if key not in {d.field.key for d in details}
        ],
    }


def card(contact: Contact) -> dict[str, Any]:
    """What is known of a customer and his organization, beside the ticket."""
    firm = contact.organization
    agreement = firm.custom if firm else {}
    # Of most customers nothing is noted: then nothing is asked for.
    known = fields.details(ProfileField.Of.CONTACT, contact.custom) if contact.custom else []
    agreed = fields.details(ProfileField.Of.ORGANIZATION, agreement) if agreement else []
    return {
        "details": [one for one in known if one.shown],
        "others_noted": fields.others(known, contact.custom),
        "agreed": [one for one in agreed if one.shown],
    }


def _blank(one: Detail, said: Mapping[str, str], wrong: Mapping[str, str]) -> Blank:
    key = one.field.key
    return Blank(one.field, said.get(key, one.value), wrong.get(key, ""))
