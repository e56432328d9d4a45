"""Asking somebody to join. The link carries 256 random bits, works once, and for seven days."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from sportello.accounts import tokens
from sportello.accounts.actions.people import create_agent
from sportello.accounts.models import Agent, Invitation, Role, Team
from sportello.accounts.queries import company, find_invitation
from sportello.core import audit, clock
from sportello.core.actors import Actor

LIFETIME = timedelta(days=7)


class InvitationRefused(Exception):
    """The address belongs to an agent already, or the link is used up, expired or never was."""


@transaction.atomic
def invite(
    *,
    email: str,
    name: str = "",
    role: str = Role.AGENT,
    team: Team | None = None,
    actor: Actor,
    now: datetime | None = None,
) -> Invitation:
    """Send the link to that address; an earlier open invitation of the same address ends."""
    invitation, raw = _open(email, name, role, team, actor, now or clock.now())
    letter = _letter(invitation, raw)
    transaction.on_commit(letter.send)
    return invitation


@transaction.atomic
def invitation_link(
    *, email: str, role: str = Role.AGENT, actor: Actor, now: datetime | None = None
) -> str:
    """The link itself, and no mail: for whoever stands at the machine and has no mail yet.

    Raises `InvitationRefused`, and `ValidationError` for what is no address.
    """
    validate_email(email.strip())
    _invitation, raw = _open(email, "", role, None, actor, now or clock.now())
    return _address(raw)


def _open(
    email: str, name: str, role: str, team: Team | None, actor: Actor, now: datetime
) -> tuple[Invitation, str]:
    email = email.strip().lower()
    if Agent.objects.filter(email=email).exists():
        raise InvitationRefused(email)
    Invitation.objects.filter(email=email, accepted_at=None).delete()
    raw = tokens.new()
    invitation = Invitation.objects.create(
        email=email,
        name=name,
        role=Role(role),
        team=team,
        token_hash=tokens.digest(raw),
        invited_by_id=actor.agent_id,
        expires_at=now + LIFETIME,
    )
    audit.note(actor, "invitation.sent", email, {"role": [None, str(role)]})
    return invitation, raw


def _address(raw: str) -> str:
    return str(settings.SPORTELLO_URL) + reverse("accept_invitation", args=[raw])


@transaction.atomic
def accept_invitation(
    *, token: str, name: str, password: str, now: datetime | None = None
) -> Agent:
    """Make the agent. Raises `InvitationRefused`; the token works once even for two at a time."""
    now = now or clock.now()
    found = find_invitation(token, now=now)
    locked = (
        Invitation.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk=found.pk, accepted_at=None)
        .first()
        if found
        else None
    )
    if locked is None or Agent.objects.filter(email=locked.email).exists():
        raise InvitationRefused
    locked.accepted_at = now
    locked.save(update_fields=["accepted_at"])
    actor = Actor.agent(locked.invited_by_id) if locked.invited_by_id else Actor("system")
    return create_agent(
        email=locked.email,
        name=name,
        role=locked.role,
        team=locked.team,
        password=password,
        language=translation.get_language() or "",
        actor=actor,
        now=now,
    )


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, actor: Actor) -> None:
    """The link stops working."""
    audit.note(actor, "invitation.withdrawn", invitation.email)
    invitation.delete()


def _letter(invitation: Invitation, raw: str) -> EmailMessage:
    host = company()
    with translation.override(host.language):
        body = render_to_string(
            "accounts/mail/invitation.txt",
            {
                "link": _address(raw),
                "company": host,
                "invitation": invitation,
                "days": LIFETIME.days,
            },
        )
        subject = _("%(company)s invites you to Sportello") % {"company": host.name}
    return EmailMessage(subject=" ".join(subject.split()), body=body, to=[invitation.email])
