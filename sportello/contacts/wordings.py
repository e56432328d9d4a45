"""The texts that people agree to: written in versions, never changed, found again by who agreed to them."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Count, ProtectedError, Q, QuerySet
from django.utils.translation import gettext as _

from sportello.accounts.queries import company
from sportello.contacts.ledger import Purpose, Wording
from sportello.core import audit
from sportello.core.actors import Actor
from sportello.core.plain import storable

LONGEST = 20_000


class BadWording(ValueError):
    """A wording that cannot be kept, or not let go of; the message says why."""


def current(purpose: str, language: str, *, now: datetime) -> Wording | None:
    """What is shown now: in this language, else in the company's."""
    rows = Wording.objects.filter(purpose=purpose, valid_from__lte=now)
    newest = rows.order_by("-valid_from", "-pk")
    own = newest.filter(language=language).first() if language else None
    return own or newest.filter(language=company().language).first()


def find(purpose: str, version: str, language: str = "") -> Wording | None:
    """By its name; in this language, else in the company's, else in the only one it has."""
    rows = {w.language: w for w in Wording.objects.filter(purpose=purpose, version=version)}
    only = next(iter(rows.values())) if len(rows) == 1 else None
    return rows.get(language) or rows.get(company().language) or only


def every() -> QuerySet[Wording]:
    """All of them, by purpose and language, the newest first, with how many have agreed."""
    said = Count("consents", filter=Q(consents__given=True))
    return Wording.objects.annotate(agreed=said).order_by(
        "purpose", "language", "-valid_from", "-pk"
    )


def write(
    *,
    purpose: str,
    language: str,
    version: str,
    text: str,
    actor: Actor,
    now: datetime,
    valid_from: datetime | None = None,
) -> Wording:
    """A new version, valid from now or from a later moment. Raises `BadWording`."""
    version, text = " ".join(storable(version).split())[:64], storable(text).strip()[:LONGEST]
    if purpose not in Purpose.values:
        raise BadWording(_("There is no such purpose."))
    if not version or not text:
        raise BadWording(_("A wording needs its version and its text."))
    start = max(valid_from or now, now)
    try:
        with transaction.atomic():
            made = Wording.objects.create(
                purpose=purpose, language=language[:8], version=version, text=text,
                valid_from=start, actor=str(actor), created_at=now,
            )  # fmt: skip
            audit.note(actor, "wording.written", _name(made), {"from": [None, start]})
    except IntegrityError as error:
        raise BadWording(
            _("There is a version of this name already: what people agreed to never changes.")
        ) from error
    return made


def withdraw(*, wording: Wording, actor: Actor) -> None:
    """Only while nobody has said anything to it. Raises `BadWording`."""
    try:
        with transaction.atomic():
            audit.note(actor, "wording.withdrawn", _name(wording))
            wording.delete()
    except ProtectedError as error:
        raise BadWording(_("People have answered to it: it stays as their proof.")) from error


def _name(wording: Wording) -> str:
    return f"{wording.purpose} {wording}"
