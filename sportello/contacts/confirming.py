"""Is this address yours? A link or six digits are sent there; who comes back with them reads it.

What is sent exists in the clear only while it is sent. What an answer proves is in `contacts.proving`.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate.contrib.django import app

from sportello.contacts import events
from sportello.contacts.confirmation import Confirmation
from sportello.contacts.models import Contact, Identity, Proof
from sportello.contacts.proving import prove, shadows_of
from sportello.core.actors import Actor
from sportello.core.compiled import Among, compiled
from sportello.core.events import record

GOOD_FOR = {
    Confirmation.Way.CODE: timedelta(minutes=10),
    Confirmation.Way.LINK: timedelta(hours=24),
}
TRIES = 5
"""Guesses at one code. With `PER_HOUR` codes an hour a guesser has 1 chance in 66,000 an hour."""
DIGITS = 6
PER_HOUR = 3
"""Sent to one address, whoever asks: nobody's mailbox is filled with our questions."""


class CannotConfirm(ValueError):
    """Nothing is sent; the message says why."""


class WrongCode(ValueError):
    """It proves nothing; the message says what to do. `left`: how many tries there are still."""

    def __init__(self, left: int) -> None:
        super().__init__(_tries_left(left))
        self.left = left


def _tries_left(left: int) -> str:
    if not left:
        return _("No code is waiting here any more. Have a new one sent.")
    return ngettext(
        "This is not the code. One try is left.",
        "This is not the code. %(left)s tries are left.",
        left,
    ) % {"left": left}


# --- Asking ---------------------------------------------------------------------------------------
def ask(
    *, identity: Identity, way: str, channel_id: int, language: str, actor: Actor, now: datetime
) -> Confirmation:
    """Have a link or a code sent to the address. An earlier one is worth nothing from now on."""
    chosen = Confirmation.Way(way)
    with transaction.atomic():
        _hold([identity.contact_id])
        found = Identity.objects.get(pk=identity.pk)
        _check(found, now=now)
        waiting(found, now=now).update(expires_at=now)
        row = Confirmation.objects.create(
            identity=found,
            way=chosen,
            channel_id=channel_id,
            language=language,
            asked_by=str(actor),
            asked_at=now,
            expires_at=now + GOOD_FOR[chosen],
        )
        payload = {"identity": found.pk, "way": str(chosen)}
        record(
            events.IDENTITY_ASKED,
            contact_id=found.contact_id,
            actor=actor,
            now=now,
            payload=payload,
        )
        app.configure_task("tickets.confirm", queue="deliveries").defer(confirmation_id=row.pk)
    return row


def _check(identity: Identity, *, now: datetime) -> None:
    if identity.proof == Proof.VERIFIED:
        raise CannotConfirm(_("This address is proved already."))
    if identity.opted_out_at is not None:
        raise CannotConfirm(_("They asked not to be written to at this address."))
    lately = Confirmation.objects.filter(
        identity__kind=identity.kind,
        identity__address=identity.address,
        asked_at__gt=now - timedelta(hours=1),
    )
    if lately.count() >= PER_HOUR:
        raise CannotConfirm(
            _("This address was asked several times just now. Try again in an hour.")
        )


def issue(confirmation_id: int, *, now: datetime) -> tuple[Confirmation, str] | None:
    """What to send, in the clear, once; None when it was sent before or is too old."""
    with transaction.atomic():
        rows = Confirmation.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        row = (
            rows.select_related("identity", "channel__brand")
            .filter(pk=confirmation_id, secret_hash="", expires_at__gt=now)
            .first()
        )
        if row is None:
            return None
        is_code = row.way == Confirmation.Way.CODE
        secret = (
            f"{secrets.randbelow(10**DIGITS):0{DIGITS}}" if is_code else secrets.token_urlsafe(32)
        )
        row.secret_hash = _code_hash(row, secret) if is_code else _hash(secret)
        row.save(update_fields=["secret_hash"])
    return row, secret


def note_failure(confirmation: Confirmation, reason: str, *, now: datetime) -> None:
    """It did not leave: nobody can come back with it."""
    Confirmation.objects.filter(pk=confirmation.pk).update(problem=reason[:500], expires_at=now)


def waiting(identity: Identity, *, now: datetime) -> QuerySet[Confirmation]:
    """What was asked and may still be answered."""
    return Confirmation.objects.filter(identity=identity, used_at=None, expires_at__gt=now)


def newest(identities: Iterable[Identity]) -> dict[int, Confirmation]:
    """Identity → what was asked last and not answered, also when it is too late or failed."""
    rows = _unanswered(identities=[identity.pk for identity in identities])
    return {row.identity_id: row for row in rows}


@compiled
def _unanswered(*, identities: Any) -> QuerySet[Confirmation]:
    rows = Confirmation.objects.filter(Among("identity_id", identities), used_at=None)
    return rows.order_by("pk")


# --- Answering ------------------------------------------------------------------------------------
def check_code(
    *, identity: Identity, code: str, actor: Actor, now: datetime, ticket_id: int | None = None
) -> Identity:
    """Somebody says the code. Raises `WrongCode`; each try counts, right or wrong.

    The identity comes back `verified`, or still claimed when somebody else has the address.
    """
    digits = "".join(code.split())
    with transaction.atomic():
        _hold([identity.contact_id, *shadows_of(identity)])
        row = waiting(identity, now=now).filter(way=Confirmation.Way.CODE).order_by("-pk").first()
        tried = row and _count_try(row)
        right = bool(
            row and tried and hmac.compare_digest(row.secret_hash, _code_hash(row, digits))
        )
        if row and right and _use(row, now=now):
            return prove(_asked(row), how=row.way, actor=actor, now=now, ticket_id=ticket_id)
    raise WrongCode(TRIES - row.tries - 1 if row and tried else 0)


def _count_try(row: Confirmation) -> bool:
    """One statement: fifty guesses side by side are five tries as well."""
    rows = Confirmation.objects.filter(pk=row.pk, tries__lt=TRIES).exclude(secret_hash="")
    return bool(rows.update(tries=F("tries") + 1))


def confirmation_of(token: str, *, now: datetime) -> Confirmation | None:
    """What the link asks, while it is good. Reading it changes nothing."""
    if len(token) != 43:
        return None
    rows = Confirmation.objects.select_related("identity__contact", "channel__brand")
    return rows.filter(
        secret_hash=_hash(token), way=Confirmation.Way.LINK, used_at=None, expires_at__gt=now
    ).first()


def confirm_link(*, token: str, now: datetime) -> Confirmation | None:
    """The button behind the link: once."""
    row = confirmation_of(token, now=now)
    if row is None:
        return None
    with transaction.atomic():
        contact_id = row.identity.contact_id
        _hold([contact_id, *shadows_of(row.identity)])
        if not _use(row, now=now):
            return None
        prove(_asked(row), how=row.way, actor=Actor.contact(contact_id), now=now)
    return row


def _asked(row: Confirmation) -> int:
    """The address as it is now: a merge may have united it with its twin."""
    return Identity.objects.get(confirmations=row.pk).pk


def _use(row: Confirmation, *, now: datetime) -> bool:
    return bool(Confirmation.objects.filter(pk=row.pk, used_at=None).update(used_at=now))


# --- Locks and hashes ------------------------------------------------------------------------------
def _hold(contact_ids: Iterable[int]) -> None:
    """Lock them in order of id; whole, when some may go."""
    ids = sorted(set(contact_ids))
    rows = Contact.objects.select_for_update(no_key=len(ids) == 1)
    list(rows.filter(pk__in=ids).order_by("pk").values_list("pk"))


def _code_hash(row: Confirmation, code: str) -> str:
    return _hash(f"{row.pk}:{code}")


def _hash(text: str) -> str:
    return salted_hmac("sportello.contacts.confirming", text, algorithm="sha256").hexdigest()
