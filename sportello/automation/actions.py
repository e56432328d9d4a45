"""Verbs about saved replies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from sportello.automation.models import SavedReply
from sportello.core import audit
from sportello.core.actors import Actor

FIELDS = ("shortcut", "title", "text", "language", "team", "brand")


@transaction.atomic
def save_reply(*, reply: SavedReply, values: Mapping[str, Any], actor: Actor) -> SavedReply:
    """Create or change it; what is not one of `FIELDS` is ignored."""
    before = {name: getattr(reply, name) for name in FIELDS} if reply.pk else {}
    after = {name: values[name] for name in FIELDS if name in values}
    if not reply.pk:
        reply.created_by_id = actor.agent_id
    for name, value in after.items():
        setattr(reply, name, value)
    reply.save()
    changes = audit.differences(before, after)
    if changes:
        audit.note(actor, "saved_reply.saved", reply.title, changes)
    return reply


@transaction.atomic
def delete_reply(*, reply: SavedReply, actor: Actor) -> None:
    audit.note(actor, "saved_reply.deleted", reply.title, {"text": [reply.text, None]})
    reply.delete()
