"""Verbs about connections to shops. Secrets are sealed here; audit and events only say that they changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from sportello.accounts.models import Brand
from sportello.channels import schema, secrets
from sportello.commerce import jobs, registry
from sportello.commerce.events import CONNECTION_CHANGED
from sportello.commerce.models import Connection
from sportello.core import audit, events
from sportello.core.actors import Actor


@transaction.atomic
def connect(
    *,
    kind: str,
    name: str,
    brand: Brand | None,
    settings: Mapping[str, Any],
    is_active: bool = True,
    actor: Actor,
    now: datetime,
) -> Connection:
    """A new shop. Raises `registry.UnknownConnector` and `schema.BadSettings`."""
    code = registry.get(kind)
    plain, secret = schema.clean(code, settings)
    row = Connection.objects.create(
        kind=kind,
        name=name[:100],
        brand=brand,
        is_active=is_active,
        plain_settings=plain,
        sealed_settings=secrets.seal(secret),
        poll_at=now if is_active and code.polls_every and not code.is_mapped else None,
    )
    shown = plain | dict.fromkeys(secret, audit.CHANGED)
    audit.note(actor, "connection.created", name, {"kind": [None, kind], "settings": [None, shown]})
    _record(row, actor=actor, now=now)
    return row


@transaction.atomic
def update_connection(
    *,
    connection: Connection,
    name: str,
    brand: Brand | None,
    settings: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> Connection:
    """Change it. A blank secret keeps the stored one. Raises `schema.BadSettings`."""
    row = _lock(connection)
    stored = secrets.unseal(bytes(row.sealed_settings))
    plain, secret = schema.clean(row.code, settings, kept_secrets=frozenset(stored))
    sealed = stored | secret
    before = {"name": row.name, "brand": str(row.brand or "")} | row.plain_settings | stored
    row.name, row.brand, row.plain_settings = name[:100], brand, plain
    row.sealed_settings = secrets.seal(sealed)
    row.last_error = ""
    if row.is_active and row.code.polls_every and _ready(row):
        row.poll_at = now
    row.save()
    after = {"name": row.name, "brand": str(row.brand or "")} | plain | sealed
    hidden = schema.secret_names(row.code) | set(sealed)
    if changes := audit.differences(before, after, secret=hidden):
        audit.note(actor, "connection.saved", row.name, changes)
        _record(row, actor=actor, now=now)
    return row


@transaction.atomic
def change_mapping(
    *, connection: Connection, mapping: Mapping[str, str], actor: Actor, now: datetime
) -> Connection:
    """Which field of theirs is which of ours."""
    row = _lock(connection)
    kept = {name: path.strip()[:300] for name, path in mapping.items() if path.strip()}
    if kept != row.mapping:
        audit.note(actor, "connection.mapped", row.name, audit.differences(row.mapping, kept))
        row.mapping = kept
        if row.is_active and row.code.polls_every:
            row.poll_at = now
        row.save(update_fields=["mapping", "poll_at", "updated_at"])
        _record(row, actor=actor, now=now)
    return row


@transaction.atomic
def switch(*, connection: Connection, on: bool, actor: Actor, now: datetime) -> None:
    """Turn it on or off. Off: nothing is fetched, and what arrives is refused."""
    row = _lock(connection)
    if row.is_active == on:
        return
    row.is_active = on
    row.poll_at = now if on and row.code.polls_every and _ready(row) else None
    row.save(update_fields=["is_active", "poll_at", "updated_at"])
    audit.note(actor, "connection.switched", row.name, {"is_active": [not on, on]})
    _record(row, actor=actor, now=now)


@transaction.atomic
def sync_now(*, connection: Connection, again: bool = False, actor: Actor, now: datetime) -> None:
    """Fetch at once; `again` from the beginning (what is known is recognised and stays)."""
    row = _lock(connection)
    if again:
        row.cursor = {}
        row.save(update_fields=["cursor", "updated_at"])
    audit.note(actor, "connection.synced", row.name, {"again": [None, again]})
    transaction.on_commit(lambda: jobs.poll_later(row.pk))


@transaction.atomic
def disconnect(*, connection: Connection, actor: Actor, now: datetime) -> None:
    """Remove it, with all that came from it."""
    row = _lock(connection)
    pk, name = row.pk, row.name
    row.delete()
    audit.note(actor, "connection.deleted", name)
    events.record(CONNECTION_CHANGED, actor=actor, now=now, payload={"connection": pk})


def _ready(row: Connection) -> bool:
    return bool(row.mapping) or not row.code.is_mapped


def _lock(connection: Connection) -> Connection:
    rows = Connection.objects.select_for_update(no_key=True, of=("self",)).select_related("brand")
    return rows.get(pk=connection.pk)


def _record(row: Connection, *, actor: Actor, now: datetime) -> None:
    events.record(CONNECTION_CHANGED, actor=actor, now=now, payload={"connection": row.pk})
