"""Two contacts become one, and two again: nothing is lost on either way.

Before anything moves, what pointed at the contact that goes is written down in a `Merge`. Taking it
apart gives back what each brought; whatever came later stays with the survivor.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.translation import gettext as _

from sportello.contacts import events
from sportello.contacts.models import Contact, Identity, Membership, Merge, Organization, Suggestion
from sportello.core import personal
from sportello.core.actors import Actor
from sportello.core.events import record

FILLED = (
    "name", "language", "preferred_channel", "segments", "organization_id", "notes", "custom", "blocked",
)  # fmt: skip
PROOF = ("proof", "how", "proved_at", "doubt", "opted_out_at")

type Json = dict[str, Any]


class CannotMergeContacts(ValueError):
    """These two cannot become one, or not two again; the message says why."""


class HeldElsewhere(RuntimeError):
    """A model that nobody registered in `core.personal` still points at the contact."""


def merge(*, contact: Contact, into: Contact, actor: Actor, now: datetime) -> Contact:
    """All that is `contact`'s becomes `into`'s; what `into` lacks is filled in. `unmerge` takes it back."""
    if contact.pk == into.pk:
        raise CannotMergeContacts(_("A contact cannot be merged into itself."))
    with transaction.atomic():
        # Whole locks: nobody may attach anything to a row that is about to go.
        rows = (
            Contact.objects.select_for_update().filter(pk__in=[contact.pk, into.pk]).order_by("pk")
        )
        found = {row.pk: row for row in rows}
        if len(found) < 2:
            raise CannotMergeContacts(_("One of them is gone."))
        contact, into = found[contact.pk], found[into.pk]
        moved, frozen = _points_at(contact.pk)
        twins = _twins(contact.pk, into.pk)
        before = _filled(into)
        for holding in personal.holdings():
            holding.move(contact.pk, into.pk)
        _fill(into, contact)
        _check_empty(contact)
        kept = Merge.objects.create(
            survivor=into,
            gone_id=contact.pk,
            gone_name=contact.name,
            record=_plain(
                {
                    "contact": _filled(contact) | {"created_at": contact.created_at},
                    "into": into.pk,
                    "moved": moved,
                    "vanished": _vanished(frozen),
                    "twins": twins,
                    "before": before,
                    "after": _filled(into),
                }
            ),
            actor=str(actor),
            created_at=now,
        )
        payload = {"contact": contact.pk, "into": into.pk, "merge": kept.pk}
        contact.delete()
        record(events.CONTACT_MERGED, contact_id=into.pk, actor=actor, now=now, payload=payload)
    return into


def unmerge(*, merge: Merge, actor: Actor, now: datetime) -> Contact:
    """The contact that went comes back, under its old id, with what it brought. Returns it."""
    with transaction.atomic():
        survivor = Contact.objects.select_for_update().get(pk=merge.survivor_id)
        kept = Merge.objects.select_for_update().filter(
            pk=merge.pk, survivor=survivor, undone_at=None
        )
        found = kept.first()
        if found is None or Contact.objects.filter(pk=merge.gone_id).exists():
            raise CannotMergeContacts(_("This has been taken back already."))
        back = _restore(found)
        for twin in found.record["twins"]:
            Identity.objects.filter(pk=twin["twin"], contact=survivor).update(**twin["was"])
        _recreate(found.record["vanished"])
        _give_back(found, survivor)
        _empty_again(found, survivor)
        Merge.objects.filter(pk=found.pk).update(undone_at=now)
        not_the_same(back.pk, survivor.pk, actor=actor, now=now)
        payload = {"contact": back.pk, "into": survivor.pk, "merge": found.pk}
        record(events.CONTACT_UNMERGED, contact_id=back.pk, actor=actor, now=now, payload=payload)
    return back


def not_the_same(one: int, other: int, *, actor: Actor, now: datetime) -> None:
    """Somebody knows better: these two are not suggested again. Inside the caller's transaction."""
    Suggestion.objects.update_or_create(
        first_id=min(one, other),
        second_id=max(one, other),
        defaults={
            "state": Suggestion.State.DISMISSED,
            "decided_by": str(actor),
            "decided_at": now,
        },
        create_defaults={
            "state": Suggestion.State.DISMISSED,
            "decided_by": str(actor),
            "decided_at": now,
            "created_at": now,
        },
    )


class _Exact(DjangoJSONEncoder):
    """Times keep their microseconds: a row comes back as it was."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def pointing_at(model: type[models.Model]) -> list[Any]:
    """All relations that point at a model, those without a name on its side included."""
    return [
        field
        for field in model._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete and (field.one_to_many or field.one_to_one)
    ]


# --- Writing down ---------------------------------------------------------------------------------
def _relations(model: type[models.Model]) -> list[tuple[str, Any, str, bool]]:
    """(label, model, name of the key, whether its rows can vanish) of all that points at the model."""
    return [
        (
            f"{relation.related_model._meta.label}.{relation.field.name}",
            relation.related_model,
            relation.field.name,
            relation.on_delete is not models.PROTECT,
        )
        for relation in pointing_at(model)
    ]


def _points_at(contact_id: int) -> tuple[dict[str, list[Any]], list[Json]]:
    """Keys of the rows that point at the contact by relation, and the rows that a move may unite away."""
    moved: dict[str, list[Any]] = {}
    frozen: list[Json] = []
    for label, rows, name, may_vanish in _relations(Contact):
        theirs = rows._base_manager.filter(**{name: contact_id}).order_by("pk")
        keys = list(theirs.values_list("pk", flat=True))
        if keys:
            moved[label] = keys
        if keys and may_vanish:
            frozen += serializers.serialize("python", theirs)
    return moved, frozen


def _vanished(frozen: list[Json]) -> list[Json]:
    """Rows that are not there any more: united with one that the survivor had."""
    by_model: dict[str, list[Json]] = {}
    for row in frozen:
        by_model.setdefault(row["model"], []).append(row)
    gone: list[Json] = []
    for label, rows in by_model.items():
        manager = apps.get_model(label)._base_manager
        there = set(manager.filter(pk__in=[r["pk"] for r in rows]).values_list("pk", flat=True))
        gone += [row for row in rows if row["pk"] not in there]
    return gone


def _twins(source: int, target: int) -> list[Json]:
    """Addresses that both have: what pointed at the one, and how the other was proved."""
    twins = []
    for identity in Identity.objects.filter(contact_id=source):
        twin = Identity.objects.filter(
            contact_id=target, kind=identity.kind, address=identity.address
        ).first()
        if twin is None:
            continue
        pointers = {
            label: list(
                rows._base_manager.filter(**{name: identity.pk}).values_list("pk", flat=True)
            )
            for label, rows, name, _vanishes in _relations(Identity)
        }
        was = {name: getattr(twin, name) for name in PROOF}
        twins.append({"identity": identity.pk, "twin": twin.pk, "was": was, "pointers": pointers})
    return twins


def _filled(contact: Contact) -> Json:
    return {name: getattr(contact, name) for name in FILLED}


def _plain(value: Json) -> Json:
    """As it will be read back: times become text."""
    plain: Json = json.loads(json.dumps(value, cls=_Exact))
    return plain


def _fill(into: Contact, other: Contact) -> None:
    if other.organization_id and other.organization_id != into.organization_id:
        Membership.objects.get_or_create(
            contact=into, organization_id=other.organization_id, defaults={"how": "agent"}
        )
    into.name = into.name or other.name
    into.language = into.language or other.language
    into.preferred_channel = into.preferred_channel or other.preferred_channel
    into.segments = list(dict.fromkeys([*into.segments, *other.segments]))
    into.organization_id = into.organization_id or other.organization_id
    into.notes = "\n\n".join(filter(None, [into.notes, other.notes]))
    into.custom = {**other.custom, **into.custom}
    into.blocked = into.blocked or other.blocked
    into.save()


def _check_empty(contact: Contact) -> None:
    """Deleting cascades: better to fail than to lose what nobody moved."""
    for label, rows, name, _vanishes in _relations(Contact):
        if rows._base_manager.filter(**{name: contact.pk}).exists():
            raise HeldElsewhere(label)


# --- Taking apart ---------------------------------------------------------------------------------
def _restore(merge: Merge) -> Contact:
    own = dict(merge.record["contact"])
    created = own.pop("created_at")
    if not Organization.objects.filter(pk=own["organization_id"]).exists():
        own["organization_id"] = None
    back = Contact(pk=merge.gone_id, **own)
    back.save(force_insert=True)
    Contact.objects.filter(pk=back.pk).update(created_at=created)
    return back


def _recreate(rows: list[Json]) -> None:
    """Rows that were united away, as they were. An address that somebody else owns by now is only claimed."""
    for found in serializers.deserialize("python", rows):
        row: Any = found.object
        if isinstance(row, Identity) and row.proof != "claimed":
            owned = Identity.objects.filter(kind=row.kind, address=row.address)
            if owned.exclude(proof="claimed").exists():
                row.proof = "claimed"
        if isinstance(row, Suggestion) and not _both_there(row):
            continue
        found.save()


def _both_there(row: Suggestion) -> bool:
    return Contact.objects.filter(pk__in=[row.first_id, row.second_id]).count() == 2


def _give_back(merge: Merge, survivor: Contact) -> None:
    for label, keys in merge.record["moved"].items():
        rows, name = _named(label)
        theirs = rows._base_manager.filter(pk__in=keys, **{name: survivor.pk})
        locked = theirs.select_for_update(no_key=True).order_by("pk")
        own = list(locked.values_list("pk", flat=True))
        rows._base_manager.filter(pk__in=own).update(**{name: merge.gone_id})
    for twin in merge.record["twins"]:
        for label, keys in twin["pointers"].items():
            rows, name = _named(label)
            theirs = rows._base_manager.filter(pk__in=keys, **{name: twin["twin"]})
            theirs.update(**{name: twin["identity"]})


def _named(label: str) -> tuple[Any, str]:
    model, _dot, name = label.rpartition(".")
    return apps.get_model(model), name


def _empty_again(merge: Merge, survivor: Contact) -> None:
    """What was filled in leaves again, where nobody has changed it since."""
    if merge.record["into"] != survivor.pk:
        return
    before, after, now = merge.record["before"], merge.record["after"], _plain(_filled(survivor))
    for name in FILLED:
        if name in before and after[name] != before[name] and now[name] == after[name]:
            setattr(survivor, name, before[name])
    survivor.save()
