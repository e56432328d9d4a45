"""Verbs about people. Keyword-only, one transaction each, events last.

Whether the actor may touch this contact is asked by the door with `tickets.people`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from sportello.contacts import addresses, events, fields
from sportello.contacts.models import Contact, Identity, Organization, ProfileField, Proof
from sportello.contacts.organizations import join_by_domain
from sportello.contacts.queries import owner_of
from sportello.core.actors import Actor
from sportello.core.events import Fact, record, record_many

FIELDS = (
    "name", "organization", "language", "preferred_channel", "segments", "notes", "custom", "blocked",
)  # fmt: skip


class AddressRefused(ValueError):
    """The address cannot be this contact's. Says nothing about whose it may be."""

    def __init__(self) -> None:
        super().__init__("This address cannot be added.")


def create_contact(
    *,
    actor: Actor,
    now: datetime,
    name: str = "",
    organization: Organization | None = None,
    language: str = "",
    notes: str = "",
    custom: Mapping[str, Any] | None = None,
) -> Contact:
    """A person without an address yet; `add_identity` gives him some. Raises `fields.Unfit`."""
    with transaction.atomic():
        contact = Contact.objects.create(
            name=one_line(name),
            organization=organization,
            language=language[:8],
            notes=_text(notes),
            custom=fields.filled(ProfileField.Of.CONTACT, {}, custom or {}),
        )
        record(events.CONTACT_CREATED, contact_id=contact.pk, actor=actor, now=now)
    return contact


def update_contact(
    *, contact: Contact, values: Mapping[str, Any], actor: Actor, now: datetime
) -> Contact:
    """Change some of `FIELDS`; other names raise `KeyError`, unfit values of `custom` `fields.Unfit`.

    Of `custom` only what is named changes; None and "" empty a field.
    """
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    with transaction.atomic():
        contact = lock(contact)
        for name, value in values.items():
            if name == "custom":
                value = fields.filled(ProfileField.Of.CONTACT, contact.custom, value)
            setattr(contact, name, _fit(name, value))
        contact.save(update_fields=list(values))
        record(events.CONTACT_CHANGED, contact_id=contact.pk, actor=actor, now=now)
    return contact


def add_identity(
    *,
    contact: Contact,
    kind: str,
    address: str,
    actor: Actor,
    now: datetime,
    verified: bool = False,
) -> Identity:
    """One more address, proved when the actor vouches for it.

    Raises `addresses.BadAddress`, and `AddressRefused` when somebody else owns it, whoever that is.
    """
    kind, address = addresses.clean(kind, address)
    with transaction.atomic():
        contact = lock(contact)
        owner = owner_of(kind, address)
        if owner is not None and owner.contact_id != contact.pk:
            raise AddressRefused
        proof = Proof.VERIFIED if verified else Proof.NONE
        try:
            with transaction.atomic():
                identity, created = Identity.objects.get_or_create(
                    contact=contact,
                    kind=kind,
                    address=address,
                    defaults={"display": address, "proof": proof, **_proved(verified, now)},
                )
                promotes = not created and (verified or identity.proof == Proof.CLAIMED)
                if promotes and identity.proof != Proof.VERIFIED:
                    _set_proof(identity, proof, verified, now)
        except IntegrityError as error:
            raise AddressRefused from error
        if created:
            join_by_domain([identity.pk], now=now)
            payload = {"identity": identity.pk, "kind": kind}
            record(
                events.IDENTITY_ADDED, contact_id=contact.pk, actor=actor, now=now, payload=payload
            )
    return identity


def verify_identity(*, identity: Identity, actor: Actor, now: datetime) -> Identity:
    """An agent vouches for it. Raises `AddressRefused` when somebody else owns the address."""
    with transaction.atomic():
        lock(identity.contact)
        try:
            with transaction.atomic():
                _set_proof(identity, Proof.VERIFIED, True, now)
        except IntegrityError as error:
            raise AddressRefused from error
        payload = {"identity": identity.pk}
        record(
            events.IDENTITY_VERIFIED,
            contact_id=identity.contact_id,
            actor=actor,
            now=now,
            payload=payload,
        )
    return identity


def remove_identity(*, identity: Identity, actor: Actor, now: datetime) -> None:
    """Not his any more. What was written from it stays."""
    with transaction.atomic():
        lock(identity.contact)
        payload = {"identity": identity.pk, "kind": identity.kind}
        contact_id = identity.contact_id
        identity.delete()
        record_many([Fact(events.IDENTITY_REMOVED, None, contact_id, actor, payload)], now=now)


def lock(contact: Contact) -> Contact:
    """The contact as it is now, locked until the transaction ends."""
    rows = Contact.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("organization").get(pk=contact.pk)


def one_line(text: str) -> str:
    """A name: no line breaks, no NUL, at most 200 characters."""
    return " ".join(text.replace("\x00", "").split())[:200]


def _text(text: str) -> str:
    return text.replace("\x00", "")


def segment_names(names: Iterable[str]) -> list[str]:
    """Lower case, each once, twenty at most."""
    clean = (" ".join(_text(name).lower().split())[:64] for name in names)
    return [name for name in dict.fromkeys(clean) if name][:20]


def _fit(name: str, value: Any) -> Any:
    if name == "segments":
        return segment_names(value)
    if name == "name":
        return one_line(value)
    return _text(value) if isinstance(value, str) else value


def _proved(verified: bool, now: datetime) -> dict[str, Any]:
    return {"how": "agent", "proved_at": now} if verified else {}


def _set_proof(identity: Identity, proof: str, verified: bool, now: datetime) -> None:
    identity.proof = proof
    for name, value in _proved(verified, now).items():
        setattr(identity, name, value)
    identity.save(update_fields=["proof", "how", "proved_at"])
    if verified:
        join_by_domain([identity.pk], now=now)
