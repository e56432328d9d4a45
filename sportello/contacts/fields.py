"""The company's own fields of people and organizations: define them, fill them, find by them.

Before there were any, agents noted free pairs of name and value. Those stay where they are, as other
details; `adopt` takes them into a field.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from sportello.contacts.custom import ProfileField
from sportello.contacts.models import Contact, Organization
from sportello.core import audit, sql
from sportello.core.actors import Actor
from sportello.core.fields import Unfit, fill, fit, shown

FIELDS = ("of", "key", "label", "type", "choices", "position")
FIXED = ("of", "key")
"""Of a field that is there already: values are filed under them."""
CHUNK = 500
TABLES: dict[str, type[Contact] | type[Organization]] = {
    ProfileField.Of.CONTACT: Contact,
    ProfileField.Of.ORGANIZATION: Organization,
}


@dataclass(frozen=True, slots=True)
class Detail:
    """One line of a profile."""

    field: ProfileField
    value: Any
    shown: str


def of(kind: str) -> list[ProfileField]:
    return list(ProfileField.objects.filter(of=kind))


def details(kind: str, custom: Mapping[str, Any]) -> list[Detail]:
    """Every field of this kind, with what is known of it."""
    known = of(kind)
    return [Detail(f, custom.get(f.key, ""), shown(f, custom.get(f.key))) for f in known]


def others(known: list[Detail], custom: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was noted under a name that no field has."""
    keys = {one.field.key for one in known}
    return sorted((name, str(value)) for name, value in custom.items() if name not in keys)


def filled(kind: str, was: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """`was` with what is given; see `core.fields.fill`. Raises `Unfit`."""
    return fill(of(kind), was, given) if given else dict(was)


def saying(words: str) -> list[str]:
    """For each field that can say just this, what `Contact.custom` then contains, as JSON."""
    found: list[str] = []
    for field in of(ProfileField.Of.CONTACT):
        if field.type in {ProfileField.FieldType.CHECKBOX, ProfileField.FieldType.DATE}:
            continue
        try:
            found.append(json.dumps({field.key: fit(field, words)}))
        except Unfit:
            continue
    return found


@transaction.atomic
def save_field(*, field: ProfileField, values: Mapping[str, Any], actor: Actor) -> ProfileField:
    """Define it or change it; to whom it belongs and its key never change."""
    allowed = [name for name in FIELDS if not (field.pk and name in FIXED)]
    before = {name: getattr(field, name) for name in allowed} if field.pk else {}
    after = {name: values[name] for name in allowed if name in values}
    for name, value in after.items():
        setattr(field, name, value)
    field.save()
    if changes := audit.differences(before, after):
        audit.note(actor, "field.saved", str(field), changes)
    return field


@transaction.atomic
def delete_field(*, field: ProfileField, actor: Actor) -> None:
    """No longer asked for; what is known stays, among the other details."""
    audit.note(actor, "field.deleted", field.label, {"key": [field.key, None]})
    field.delete()


_LOOSE = """
SELECT noted.name, count(*) FROM {table}, jsonb_object_keys(custom) AS noted(name)
WHERE custom <> '{{}}' AND noted.name <> ALL(%s::text[])
GROUP BY noted.name ORDER BY count(*) DESC, noted.name LIMIT 50
"""


def loose(kind: str) -> list[tuple[str, int]]:
    """Names of other details, and of how many: what could become a field. Reads them all."""
    keys = [field.key for field in of(kind)]
    statement = _LOOSE.format(table=TABLES[kind]._meta.db_table)
    return [(row[0], row[1]) for row in sql.fetch(statement, [keys])]


@transaction.atomic
def adopt(*, field: ProfileField, name: str, actor: Actor) -> tuple[int, int]:
    """Take what was noted under `name` into the field: (how many, how many did not fit and stay)."""
    table: Any = TABLES[field.of]
    moved = stayed = last = 0
    while True:
        rows = list(
            table.objects.select_for_update(no_key=True)
            .filter(custom__has_key=name, pk__gt=last)
            .order_by("pk")[:CHUNK]
        )
        if not rows:
            break
        last = rows[-1].pk
        fitting = [row for row in rows if _takes(field, row.custom, name)]
        table.objects.bulk_update(fitting, ["custom"])
        moved, stayed = moved + len(fitting), stayed + len(rows) - len(fitting)
    if moved:
        audit.note(actor, "field.adopted", field.label, {"key": [name, field.key], "count": moved})
    return moved, stayed


def _takes(field: ProfileField, custom: dict[str, Any], name: str) -> bool:
    """Moves it within `custom`, unless it does not fit or the field says something already."""
    if name == field.key or field.key in custom:
        return False
    try:
        custom[field.key] = fit(field, custom[name])
    except Unfit:
        return False
    del custom[name]
    return True
