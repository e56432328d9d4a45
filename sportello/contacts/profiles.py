"""Names that a vendor tells only when he is asked: asked once somebody new has written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import structlog
from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app

from sportello.channels import registry
from sportello.channels.contract import Address, Profile, Provider
from sportello.channels.models import Channel
from sportello.contacts import actions, events
from sportello.contacts.models import Identity
from sportello.contacts.resolve import claim
from sportello.core.actors import SYSTEM
from sportello.core.events import record
from sportello.core.net import Net, NetError
from sportello.core.plain import storable

log = structlog.get_logger(__name__)


def kinds() -> dict[str, set[str]]:
    """Kind of identity → kinds of channels whose vendor can be asked."""
    found: dict[str, set[str]] = {}
    for provider in registry.all_providers().values():
        if type(provider).profile is not Provider.profile:
            found.setdefault(provider.identity_kind, set()).add(provider.kind)
    return found


def ask_for(contact_ids: Iterable[int]) -> None:
    """A job for each address of these contacts that has no name yet. Inside the caller's transaction."""
    nameless = Identity.objects.filter(
        contact_id__in=set(contact_ids), kind__in=kinds(), display=""
    )
    for pk in nameless.values_list("pk", flat=True):
        task = app.configure_task("contacts.learn_profile", queue="channels", queueing_lock=f"profile-{pk}")  # fmt: skip
        try:
            with transaction.atomic():
                task.defer(identity_id=pk)
        except exceptions.AlreadyEnqueued:
            continue


def learn(identity_id: int, *, now: datetime, net: Net | None = None) -> None:
    """Ask the vendor and note what he tells. A vendor who is away is asked at the person's next ticket."""
    identity = Identity.objects.filter(pk=identity_id, display="").first()
    if identity is None:
        return
    who = Address(identity.kind, identity.address)
    ways = kinds().get(identity.kind, set())
    for channel in Channel.objects.filter(provider__in=ways, is_active=True).order_by("pk"):
        try:
            found = channel.code.profile(who, channel.settings, net or Net.from_environ())
        except NetError as error:
            log.warning("profile.not_told", channel=channel.pk, error=type(error).__name__)
            continue
        if found is not None and found.name:
            _note(identity_id, found, now=now)
            return


def _note(identity_id: int, found: Profile, *, now: datetime) -> None:
    """Fills what is empty; the mail address is claimed, not proved: it is the vendor's word about somebody."""
    with transaction.atomic():
        identity = Identity.objects.select_related("contact").filter(pk=identity_id).first()
        if identity is None:
            return
        contact = actions.lock(identity.contact)
        name = actions.one_line(storable(found.name))
        Identity.objects.filter(pk=identity_id, display="").update(display=name)
        if not contact.name:
            contact.name = name
            contact.save(update_fields=["name"])
        if "@" in found.email:
            claim([(contact.pk, Address("email", found.email))], now=now)
        record(events.CONTACT_CHANGED, contact_id=contact.pk, actor=SYSTEM, now=now)
