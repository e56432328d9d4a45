"""The tags and custom fields on offer. Tickets keep names and keys: removing one here rewrites nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from sportello.core import audit
from sportello.core.actors import Actor
from sportello.tickets.models import CustomField, Tag

TAG_FIELDS = ("name", "description")
CUSTOM_FIELD_FIELDS = ("key", "label", "type", "choices", "position")


@transaction.atomic
def save_tag(*, tag: Tag, values: Mapping[str, Any], actor: Actor) -> Tag:
    _save(tag, TAG_FIELDS, values, action="tag.saved", actor=actor)
    return tag


@transaction.atomic
def delete_tag(*, tag: Tag, actor: Actor) -> None:
    """No longer on offer; tickets that carry it keep it."""
    audit.note(actor, "tag.deleted", tag.name, {"name": [tag.name, None]})
    tag.delete()


@transaction.atomic
def save_custom_field(
    *, field: CustomField, values: Mapping[str, Any], actor: Actor
) -> CustomField:
    """The key of an existing field never changes: tickets are filed under it."""
    if field.pk:
        values = {name: value for name, value in values.items() if name != "key"}
    _save(field, CUSTOM_FIELD_FIELDS, values, action="field.saved", actor=actor)
    return field


@transaction.atomic
def delete_custom_field(*, field: CustomField, actor: Actor) -> None:
    """No longer asked for; what tickets hold under its key stays."""
    audit.note(actor, "field.deleted", field.label, {"key": [field.key, None]})
    field.delete()


def _save(
    row: models.Model,
    allowed: tuple[str, ...],
    values: Mapping[str, Any],
    *,
    action: str,
    actor: Actor,
) -> None:
    before = {name: getattr(row, name) for name in allowed} if row.pk else {}
    after = {name: values[name] for name in allowed if name in values}
    for name, value in after.items():
        setattr(row, name, value)
    row.save()
    changes = audit.differences(before, after)
    if changes:
        audit.note(actor, action, str(row), changes)
