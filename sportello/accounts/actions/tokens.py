"""Keys for programs that act as an agent."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from sportello.accounts import tokens
from sportello.accounts.models import Agent, ApiToken
from sportello.accounts.queries import agent_by_email, is_past
from sportello.core import audit, clock
from sportello.core.actors import SYSTEM, Actor

USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def create_token(
    *,
    email: str,
    name: str = "API",
    expires_at: datetime | None = None,
    actor: Actor = SYSTEM,
) -> str:
    """A new token of that agent, in clear for the only time. Raises `Agent.DoesNotExist`."""
    agent = agent_by_email(email)
    if agent is None:
        raise Agent.DoesNotExist(f"No active agent has the address {email}.")
    raw = tokens.new(tokens.API_PREFIX)
    ApiToken.objects.create(
        agent=agent,
        name=name[:100],
        prefix=raw[:8],
        token_hash=tokens.digest(raw),
        expires_at=expires_at,
    )
    audit.note(
        actor, "token.created", agent.email, {"name": [None, name], "prefix": [None, raw[:8]]}
    )
    return raw


@transaction.atomic
def revoke_token(*, token: ApiToken, actor: Actor, now: datetime | None = None) -> None:
    """It stops working with the next request."""
    token.revoked_at = now or clock.now()
    token.save(update_fields=["revoked_at"])
    audit.note(actor, "token.revoked", token.agent.email, {"name": [token.name, None]})


def authenticate_token(raw: object, *, now: datetime | None = None) -> Agent | None:
    """The active agent behind a token, or None: malformed, unknown, expired, revoked are alike."""
    now = now or clock.now()
    if not isinstance(raw, str) or not tokens.looks_right(raw, tokens.API_PREFIX):
        return None
    wanted = tokens.digest(raw)
    found = ApiToken.objects.select_related("agent").filter(token_hash=wanted).first()
    if found is None or not tokens.same(found.token_hash, wanted):
        return None
    if found.revoked_at or is_past(found.expires_at, now) or not found.agent.is_active:
        return None
    ApiToken.objects.filter(pk=found.pk).filter(
        Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    ).update(last_used_at=now)
    return found.agent
