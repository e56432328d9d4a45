"""A request that passed the door."""

from __future__ import annotations

from django.http import HttpRequest

from sportello.accounts.models import Agent
from sportello.accounts.rights import Rights
from sportello.api.problems import Problem
from sportello.core.actors import Actor


class ApiRequest(HttpRequest):
    """Who calls, with which rights; set by `door.guard`."""

    agent: Agent
    rights: Rights
    actor: Actor
    token_hash: str


def require(allowed: bool) -> None:
    """Raises a 403 unless allowed."""
    if not allowed:
        raise Problem(403, "The rights of this token's agent do not reach so far.")
