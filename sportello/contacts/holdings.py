"""What this room holds of a person: the name and notes, and the addresses."""

from __future__ import annotations

from typing import Any

from sportello.contacts.models import Contact, Identity
from sportello.core.personal import Holding, register

_RANK = {"claimed": 0, "none": 1, "verified": 2}


def _move_nothing(source: int, target: int) -> None:
    """`contacts.privacy.merge` fills the contact itself."""


def _export_contact(contact_id: int) -> list[dict[str, Any]]:
    rows = Contact.objects.filter(pk=contact_id).select_related("organization")
    return [
        {
            "id": c.pk,
            "name": c.name,
            "organization": c.organization.name if c.organization else None,
            "language": c.language,
            "notes": c.notes,
            "custom": c.custom,
            "blocked": c.blocked,
            "created_at": c.created_at.isoformat(),
        }
        for c in rows
    ]


def _erase_contact(contact_id: int) -> None:
    Contact.objects.filter(pk=contact_id).update(
        name="", notes="", custom={}, language="", organization=None
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
    for relation in Identity._meta.related_objects:
        rows: Any = relation.related_model
        name = relation.field.name
        rows._base_manager.filter(**{name: identity.pk}).update(**{name: twin.pk})
    identity.delete()
    if _RANK[identity.proof] > _RANK[twin.proof]:
        twin.proof, twin.how, twin.proved_at = identity.proof, identity.how, identity.proved_at
        twin.save(update_fields=["proof", "how", "proved_at"])


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


register(Holding("contacts.Contact", _move_nothing, _export_contact, _erase_contact))
register(Holding("contacts.Identity", _move_identities, _export_identities, _erase_identities))
