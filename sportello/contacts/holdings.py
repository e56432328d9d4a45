"""What this room holds of a person: the name and notes, and the addresses."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_noop

from sportello.contacts.confirmation import Confirmation
from sportello.contacts.merging import pointing_at
from sportello.contacts.models import Contact, Identity, Membership, Merge, Suggestion
from sportello.core.personal import Holding, register

_RANK = {"claimed": 0, "none": 1, "verified": 2}


def _move_nothing(source: int, target: int) -> None:
    """`contacts.merging.merge` fills the contact itself."""


def _export_contact(contact_id: int) -> list[dict[str, Any]]:
    rows = Contact.objects.filter(pk=contact_id).select_related("organization")
    return [
        {
            "id": c.pk,
            "name": c.name,
            "organization": c.organization.name if c.organization else None,
            "language": c.language,
            "preferred_channel": c.preferred_channel,
            "segments": c.segments,
            "notes": c.notes,
            "custom": c.custom,
            "blocked": c.blocked,
            "created_at": c.created_at.isoformat(),
        }
        for c in rows
    ]


def _erase_contact(contact_id: int) -> None:
    Contact.objects.filter(pk=contact_id).update(
        name="",
        notes="",
        custom={},
        language="",
        preferred_channel="",
        segments=[],
        organization=None,
    )


def _move_identities(source: int, target: int) -> None:
    for identity in Identity.objects.filter(contact_id=source).order_by("pk"):
        twin = Identity.objects.filter(
            contact_id=target, kind=identity.kind, address=identity.address
        ).first()
        if twin is None:
            Identity.objects.filter(pk=identity.pk).update(contact_id=target)
        else:
            _unite(identity, twin)


def _unite(identity: Identity, twin: Identity) -> None:
    """Two claims to one address become the better one; whoever pointed at the other follows."""
    for relation in pointing_at(Identity):
        rows: Any = relation.related_model
        name = relation.field.name
        rows._base_manager.filter(**{name: identity.pk}).update(**{name: twin.pk})
    identity.delete()
    if _RANK[identity.proof] > _RANK[twin.proof]:
        twin.proof, twin.how, twin.proved_at = identity.proof, identity.how, identity.proved_at
    twin.opted_out_at = twin.opted_out_at or identity.opted_out_at
    twin.doubt = twin.doubt or identity.doubt
    twin.save(update_fields=["proof", "how", "proved_at", "opted_out_at", "doubt"])


def _export_identities(contact_id: int) -> list[dict[str, Any]]:
    return [
        {
            "kind": i.kind,
            "address": i.address,
            "display": i.display,
            "proof": i.proof,
            "how": i.how,
            "proved_at": i.proved_at.isoformat() if i.proved_at else None,
            "created_at": i.created_at.isoformat(),
        }
        for i in Identity.objects.filter(contact_id=contact_id).order_by("pk")
    ]


def _erase_identities(contact_id: int) -> None:
    Identity.objects.filter(contact_id=contact_id).delete()


def _move_confirmations(source: int, target: int) -> None:
    """They follow their address."""


def _export_confirmations(contact_id: int) -> list[dict[str, Any]]:
    rows = Confirmation.objects.filter(identity__contact_id=contact_id).select_related("identity")
    return [
        {"address": c.identity.address, "way": c.way, "asked_at": c.asked_at.isoformat()}
        for c in rows.order_by("pk")
    ]


def _erase_confirmations(contact_id: int) -> None:
    Confirmation.objects.filter(identity__contact_id=contact_id).delete()


def _move_memberships(source: int, target: int) -> None:
    known = Membership.objects.filter(contact_id=target).values("organization_id")
    Membership.objects.filter(contact_id=source, organization__in=known).delete()
    Membership.objects.filter(contact_id=source).update(contact_id=target)


def _export_memberships(contact_id: int) -> list[dict[str, Any]]:
    rows = Membership.objects.filter(contact_id=contact_id).select_related("organization")
    return [
        {"organization": m.organization.name, "since": m.created_at.isoformat()}
        for m in rows.order_by("pk")
    ]


def _erase_memberships(contact_id: int) -> None:
    Membership.objects.filter(contact_id=contact_id).delete()


def _suggestions_of(contact_id: int) -> Any:
    return Suggestion.objects.filter(Q(first_id=contact_id) | Q(second_id=contact_id))


def _move_suggestions(source: int, target: int) -> None:
    """What was said of the one and a third is said of the other now, unless there is a word already."""
    for row in _suggestions_of(source).order_by("pk"):
        third = row.second_id if row.first_id == source else row.first_id
        row.delete()
        if third != target:
            Suggestion.objects.get_or_create(
                first_id=min(third, target),
                second_id=max(third, target),
                defaults={
                    name: getattr(row, name)
                    for name in ("reasons", "state", "decided_by", "decided_at", "created_at")
                },
            )


def _export_suggestions(contact_id: int) -> list[dict[str, Any]]:
    """Who else he may be is the company's guess, and speaks of somebody else: only how many."""
    count = _suggestions_of(contact_id).count()
    return [{"possible_duplicates": count}] if count else []


def _erase_suggestions(contact_id: int) -> None:
    _suggestions_of(contact_id).delete()


def _move_merges(source: int, target: int) -> None:
    Merge.objects.filter(survivor_id=source).update(survivor_id=target)


def _export_merges(contact_id: int) -> list[dict[str, Any]]:
    rows = Merge.objects.filter(survivor_id=contact_id).order_by("pk")
    return [{"name": m.gone_name, "at": m.created_at.isoformat()} for m in rows]


def _erase_merges(contact_id: int) -> None:
    """Also what was kept of those who went back: the record names both."""
    Merge.objects.filter(Q(survivor_id=contact_id) | Q(gone_id=contact_id)).delete()


register(
    Holding(
        "contacts.Contact",
        _move_nothing,
        _export_contact,
        _erase_contact,
        title=gettext_noop("Person"),
    )
)
register(
    Holding(
        "contacts.Confirmation", _move_confirmations, _export_confirmations, _erase_confirmations
    )
)
register(
    Holding(
        "contacts.Identity",
        _move_identities,
        _export_identities,
        _erase_identities,
        title=gettext_noop("Addresses"),
    )
)
register(Holding("contacts.Membership", _move_memberships, _export_memberships, _erase_memberships))
register(Holding("contacts.Suggestion", _move_suggestions, _export_suggestions, _erase_suggestions))
register(Holding("contacts.Merge", _move_merges, _export_merges, _erase_merges))
