"""Organizations and who belongs to them: by a proved address at their domain, or because an agent says so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.contacts import events, fields, mailboxes
from sportello.contacts.models import Contact, Membership, Organization, ProfileField
from sportello.core import sql
from sportello.core.actors import Actor
from sportello.core.events import record

FIELDS = ("name", "domains", "notes", "custom")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class BadDomain(ValueError):
    """Not a domain that tells an organization; the message says why."""


_JOIN = """
WITH theirs AS (
  SELECT DISTINCT ON (i.contact_id, o.id) i.contact_id, o.id AS organization_id
  FROM contacts_identity i
  JOIN contacts_organization o ON o.domains @> ARRAY[split_part(i.address, '@', 2)]::varchar[]
  WHERE i.id = ANY(%s) AND i.kind = 'email' AND i.proof = 'verified'
), joined AS (
  INSERT INTO contacts_membership (contact_id, organization_id, how, created_at)
  SELECT contact_id, organization_id, 'domain', %s FROM theirs ORDER BY 1, 2
  ON CONFLICT DO NOTHING
)
UPDATE contacts_contact c SET organization_id = t.organization_id
FROM (SELECT contact_id, min(organization_id) AS organization_id FROM theirs GROUP BY contact_id) t
WHERE c.id = t.contact_id AND c.organization_id IS NULL
"""


def join_by_domain(identity_ids: Sequence[int], *, now: datetime) -> None:
    """Contacts of these addresses become members of the organizations at whose domains they are proved.

    Set-based, inside the caller's transaction. A claimed or forged sender makes nobody a colleague.
    """
    if identity_ids:
        sql.fetch(_JOIN, [sorted(identity_ids), now])


def clean_domains(domains: Sequence[str]) -> list[str]:
    """Lower case, each once. Raises `BadDomain` for what is none, and for free mail: half the world is there."""
    clean: list[str] = []
    for domain in domains:
        text = domain.strip().lower().removeprefix("@").rstrip(".")
        if not _DOMAIN.fullmatch(text):
            raise BadDomain(_("%(domain)s is not a domain.") % {"domain": domain})
        if mailboxes.is_free(text):
            raise BadDomain(
                _("Anybody may have a mailbox at %(domain)s: it tells no organization.")
                % {"domain": text}
            )
        clean.append(text)
    return list(dict.fromkeys(clean))


def save_organization(
    *, organization: Organization, values: Mapping[str, Any], actor: Actor, now: datetime
) -> Organization:
    """Make it or change some of `FIELDS`. Who has a proved address at one of its domains belongs to it at once.

    Of `custom` only what is named changes. Raises `BadDomain` and `fields.Unfit`.
    """
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    with transaction.atomic():
        for name, value in values.items():
            if name == "domains":
                value = clean_domains(value)
            elif name == "custom":
                value = fields.filled(ProfileField.Of.ORGANIZATION, organization.custom, value)
            setattr(organization, name, value)
        organization.save()
        if organization.domains:
            sql.fetch(_JOIN_ALL, [organization.pk, now])
        payload = {"organization": organization.pk}
        record(events.ORGANIZATION_SAVED, actor=actor, now=now, payload=payload)
    return organization


_JOIN_ALL = _JOIN.replace(
    "WHERE i.id = ANY(%s) AND", "WHERE o.id = %s AND i.address LIKE '%%@%%' AND"
)


def join(*, contact: Contact, organization: Organization, actor: Actor, now: datetime) -> None:
    """An agent says that he belongs there too. His first organization is the one that tickets show."""
    with transaction.atomic():
        locked = Contact.objects.select_for_update(no_key=True, of=("self",)).get(pk=contact.pk)
        Membership.objects.get_or_create(
            contact=locked, organization=organization, defaults={"how": "agent"}
        )
        if locked.organization_id is None:
            locked.organization = organization
            locked.save(update_fields=["organization"])
        record(events.CONTACT_CHANGED, contact_id=locked.pk, actor=actor, now=now)


def leave(*, contact: Contact, organization: Organization, actor: Actor, now: datetime) -> None:
    """Not there any more; the next of his organizations counts."""
    with transaction.atomic():
        locked = Contact.objects.select_for_update(no_key=True, of=("self",)).get(pk=contact.pk)
        locked.memberships.filter(organization=organization).delete()
        if locked.organization_id == organization.pk:
            following = locked.memberships.order_by("pk").first()
            locked.organization_id = following.organization_id if following else None
            locked.save(update_fields=["organization"])
        record(events.CONTACT_CHANGED, contact_id=locked.pk, actor=actor, now=now)
