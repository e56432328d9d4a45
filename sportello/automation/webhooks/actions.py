"""Verbs about webhooks. Secrets are shown once; the audit log says only that they changed."""

from __future__ import annotations

import base64
import secrets as random
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from sportello.automation.webhooks import jobs
from sportello.automation.webhooks.models import TellState, Webhook, WebhookDelivery
from sportello.channels import secrets
from sportello.core import audit
from sportello.core.actors import Actor
from sportello.core.events import event_types
from sportello.core.net import Net, NetError
from sportello.core.net.judge import HTTP_PORTS

FIELDS = ("url", "description", "types", "is_active")


class BadWebhook(ValueError):
    """A value that a webhook cannot have: `field` and a sentence."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


def check_url(url: str, net: Net | None = None) -> str:
    """Judged when it is saved and again at each sending. Resolves the name. Raises `BadWebhook`."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise BadWebhook("url", "This is not a usable address.") from error
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.username
        or parts.password
    ):
        raise BadWebhook(
            "url", "An address like https://example.org/hook, without a password in it."
        )
    try:
        (net or Net.from_environ()).judge.addresses(parts.hostname, port, HTTP_PORTS)
    except NetError as error:
        raise BadWebhook("url", "This address cannot be reached from here.") from error
    return url


def check_types(types: Iterable[str]) -> list[str]:
    """Raises `BadWebhook` for a type that nobody declared."""
    wanted = list(dict.fromkeys(types))
    unknown = [name for name in wanted if name not in event_types()]
    if unknown:
        raise BadWebhook("types", f"There are no events of type {', '.join(unknown)}.")
    return wanted


def new_secret() -> str:
    """256 random bits, as Standard Webhooks writes them."""
    return "whsec_" + base64.b64encode(random.token_bytes(32)).decode()


@transaction.atomic
def create_webhook(
    *, url: str, types: Iterable[str], actor: Actor, now: datetime, description: str = ""
) -> tuple[Webhook, str]:
    """The webhook and its secret, in clear for the only time. Raises `BadWebhook`."""
    secret = new_secret()
    hook = Webhook.objects.create(
        url=check_url(url),
        types=check_types(types),
        description=description,
        sealed_secrets=secrets.seal({"current": secret, "previous": ""}),
        created_by_id=actor.agent_id,
        created_at=now,
    )
    audit.note(actor, "webhook.created", hook.url, {"types": [None, hook.types]})
    return hook, secret


@transaction.atomic
def update_webhook(
    *, hook: Webhook, values: Mapping[str, Any], actor: Actor, now: datetime
) -> Webhook:
    """Change some of `FIELDS`. Switching it on wakes a paused one."""
    hook = Webhook.objects.select_for_update(no_key=True).get(pk=hook.pk)
    before = {name: getattr(hook, name) for name in FIELDS}
    after = {name: values[name] for name in FIELDS if name in values}
    if "url" in after:
        after["url"] = check_url(after["url"])
    if "types" in after:
        after["types"] = check_types(after["types"])
    for name, value in after.items():
        setattr(hook, name, value)
    if after.get("is_active"):
        hook.paused_at, hook.paused_reason, hook.failures = None, "", 0
    hook.save()
    changes = audit.differences(before, after)
    if changes:
        audit.note(actor, "webhook.saved", hook.url, changes)
    if after.get("is_active"):
        resume(hook, now=now)
    return hook


def resume(hook: Webhook, *, now: datetime) -> None:
    """Tell what has waited."""
    waiting = hook.deliveries.filter(state=TellState.WAITING).order_by("pk")
    waiting.update(due_at=now)
    for delivery in waiting:
        jobs.tell_later(delivery.pk)


@transaction.atomic
def rotate_secret(*, hook: Webhook, actor: Actor) -> str:
    """A new secret; the old one signs beside it until the next rotation."""
    secret = new_secret()
    hook = Webhook.objects.select_for_update(no_key=True).get(pk=hook.pk)
    hook.sealed_secrets = secrets.seal({"current": secret, "previous": hook.secrets["current"]})
    hook.save(update_fields=["sealed_secrets", "updated_at"])
    audit.note(actor, "webhook.secret", hook.url, {"secret": audit.CHANGED})
    return secret


@transaction.atomic
def delete_webhook(*, hook: Webhook, actor: Actor) -> None:
    """With its log."""
    audit.note(actor, "webhook.deleted", hook.url)
    hook.delete()


@transaction.atomic
def replay(*, delivery: WebhookDelivery, actor: Actor, now: datetime) -> WebhookDelivery:
    """Tell it again under the same webhook-id, whatever came of it."""
    row = WebhookDelivery.objects.select_for_update(no_key=True).get(pk=delivery.pk)
    row.state, row.attempts, row.due_at = TellState.WAITING, 0, now
    row.status_code, row.error, row.settled_at = None, "", None
    row.save()
    jobs.tell_later(row.pk)
    audit.note(actor, "webhook.replayed", row.webhook.url, {"event": row.event_id})
    return row
