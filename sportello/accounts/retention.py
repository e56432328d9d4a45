"""The privacy policy: read, changed, and carried out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext_noop

from sportello.accounts.models import PrivacyPolicy
from sportello.core import audit, retention
from sportello.core.actors import Actor
from sportello.core.models import AuditEntry, SentMail
from sportello.core.retention import BATCH, Rule
from sportello.core.sweeps import sweep

TTL = 2.0
ROUNDS = 20
"""Batches of one rule in one sweep: the rest waits for the next, and nobody waits for us."""
FIELDS = ("covered_kinds", "reveal_role", "days")
_policy: tuple[float, PrivacyPolicy] | None = None
log = structlog.get_logger(__name__)


def policy() -> PrivacyPolicy:
    """The company's policy, at most two seconds old."""
    global _policy
    if _policy is not None and time.monotonic() - _policy[0] < TTL:
        return _policy[1]
    found = PrivacyPolicy.objects.filter(id=1).first() or PrivacyPolicy(id=1)
    _policy = (time.monotonic(), found)
    return found


def forget_policy() -> None:
    """After a change in this process: the next `policy()` asks the database."""
    global _policy
    _policy = None


@transaction.atomic
def save_policy(*, values: Mapping[str, Any], actor: Actor) -> PrivacyPolicy:
    """Change some of `FIELDS`; the audit log keeps the before and after."""
    row = PrivacyPolicy.objects.filter(id=1).first() or PrivacyPolicy(id=1)
    before = {name: getattr(row, name) for name in FIELDS}
    after = {name: values[name] for name in FIELDS if name in values}
    for name, value in after.items():
        setattr(row, name, value)
    row.save()
    changes = audit.differences(before, after)
    if changes:
        audit.note(actor, "privacy.policy", "", changes)
    transaction.on_commit(forget_policy)
    return row


def days_of(rule: Rule, days: Mapping[str, int]) -> int:
    return int(days.get(rule.name, rule.days))


@dataclass(frozen=True, slots=True)
class Due:
    """What one rule would let go of now."""

    rule: Rule
    days: int
    count: int


def due(days: Mapping[str, int], *, now: datetime) -> list[Due]:
    """Of every rule, under these days."""
    found = []
    for rule in retention.rules():
        kept = days_of(rule, days)
        count = rule.count(now - timedelta(days=kept)) if kept else 0
        found.append(Due(rule, kept, count))
    return found


@sweep("retention", every=600)
def let_go(now: datetime) -> dict[str, int]:
    """Carry the rules out, in batches; one that fails does not hinder the others."""
    gone: dict[str, int] = {}
    days = policy().days
    for rule in retention.rules():
        kept = days_of(rule, days)
        if not kept:
            continue
        try:
            gone[rule.name] = _clear(rule, now - timedelta(days=kept))
        except Exception:
            log.exception("retention.failed", rule=rule.name)
    if any(gone.values()):
        log.info("retention.cleared", **gone)
    return gone


def _clear(rule: Rule, before: datetime) -> int:
    total = 0
    for _ in range(ROUNDS):
        went = rule.clear(before, BATCH)
        total += went
        if went < BATCH:
            break
    return total


def _old_mails(before: datetime) -> Any:
    return SentMail.objects.filter(created_at__lt=before)


def _old_entries(before: datetime) -> Any:
    return AuditEntry.objects.filter(created_at__lt=before)


def _delete(rows: Any, most: int) -> int:
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:most])
    rows.model.objects.filter(pk__in=ids).delete()
    return len(ids)


retention.register(
    Rule(
        "sent_mail",
        gettext_noop("Copies of sent mail"),
        gettext_noop("Mail kept in the outbox because no relay is set up."),
        90,
        lambda before: _old_mails(before).count(),
        lambda before, most: _delete(_old_mails(before), most),
    )
)
retention.register(
    Rule(
        "audit",
        gettext_noop("Audit log"),
        gettext_noop("Who changed which setting, who looked at covered data, exported or erased."),
        1095,
        lambda before: _old_entries(before).count(),
        lambda before, most: _delete(_old_entries(before), most),
    )
)
