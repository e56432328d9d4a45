"""Approved templates: fetched from the vendor, kept here, offered where free text is not allowed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app

from sportello.channels.contract import Template
from sportello.channels.models import ApprovedText, Channel
from sportello.core.net import Net
from sportello.core.sweeps import sweep

FRESH = timedelta(hours=6)
"""How long a list is trusted before the vendor is asked again."""
APPROVED = "approved"

log = structlog.get_logger(__name__)


class NotFetched(Exception):
    """The vendor did not give the list; the message says why. What was known stays."""


def sync(channel: Channel, *, now: datetime, net: Net | None = None) -> int:
    """Ask the vendor and keep what he says; returns how many are approved. Raises `NotFetched`."""
    try:
        found = channel.code.templates(channel.settings, net or Net.from_environ())
    except Exception as error:
        log.warning("channel.templates_not_fetched", channel=channel.pk, error=type(error).__name__)
        raise NotFetched(str(error) or type(error).__name__) from error
    keep(channel, found, now=now)
    return sum(template.status == APPROVED for template in found)


@transaction.atomic
def keep(channel: Channel, found: Iterable[Template], *, now: datetime) -> None:
    """What the vendor has now replaces what he had."""
    Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    rows = {
        (one.name, one.language): ApprovedText(
            channel=channel,
            name=one.name[:512],
            language=one.language[:16],
            body=one.body,
            parameters=one.parameters,
            status=one.status[:32],
            synced_at=now,
        )
        for one in found
    }
    ApprovedText.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["channel", "name", "language"],
        update_fields=["body", "parameters", "status", "synced_at"],
    )
    ApprovedText.objects.filter(channel=channel).exclude(synced_at=now).delete()
    Channel.objects.filter(pk=channel.pk).update(templates_at=now)


def offered(channel_id: int, language: str = "") -> list[ApprovedText]:
    """Those that may be sent now, first those in this language (``it`` fits ``it_IT``)."""
    found = list(ApprovedText.objects.filter(channel_id=channel_id, status=APPROVED))
    wanted = language.lower()[:2]
    return sorted(found, key=lambda one: bool(wanted) and one.language.lower()[:2] != wanted)


def chosen(channel_id: int, name: str, language: str = "") -> ApprovedText | None:
    """The approved template of that name; without a language the only one, or none."""
    fitting = [
        one
        for one in offered(channel_id)
        if one.name == name and (not language or one.language == language)
    ]
    return fitting[0] if len(fitting) == 1 else None


@sweep("templates", every=300)
def ask_again(now: datetime) -> None:
    """Channels whose list is old get a job that fetches it: the sweep itself calls nobody."""
    for channel in Channel.objects.filter(is_active=True).exclude(templates_at__gt=now - FRESH):
        if not channel.code.capabilities.templates:
            continue
        Channel.objects.filter(pk=channel.pk).update(templates_at=now)
        sync_later(channel)


def sync_later(channel: Channel) -> None:
    """Fetch this channel's list soon. Asking twice is harmless."""
    try:
        app.configure_task("channels.sync_templates", queue="channels", lock=f"templates-{channel.pk}").defer(
            channel_id=channel.pk
        )  # fmt: skip
    except exceptions.AlreadyEnqueued:
        return
