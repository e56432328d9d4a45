"""What an agent may see and do, computed from his grants. Pure: no database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ADMINISTRATOR = "administrator"
SUPERVISOR = "supervisor"
AGENT = "agent"
LIGHT = "light"
ANSWERING = frozenset({ADMINISTRATOR, SUPERVISOR, AGENT})
AT_LEAST = {
    AGENT: ANSWERING,
    SUPERVISOR: frozenset({ADMINISTRATOR, SUPERVISOR}),
    ADMINISTRATOR: frozenset({ADMINISTRATOR}),
}
"""A role → itself and those above it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One grant. No team: every public team and tickets without one; no brand: every brand."""

    role: str
    team_id: int | None = None
    brand_id: int | None = None

    def covers(self, team_id: int | None, team_is_private: bool, brand_id: int | None) -> bool:
        """Whether a ticket of that team and brand lies within this grant."""
        if self.brand_id is not None and self.brand_id != brand_id:
            return False
        if self.role == ADMINISTRATOR:
            return True
        if self.team_id is not None:
            return self.team_id == team_id
        return team_id is None or not team_is_private


@dataclass(frozen=True, slots=True)
class Rights:
    """All grants of one agent, and the questions asked of them. No scope: sees nothing."""

    agent_id: int | None = None
    scopes: tuple[Scope, ...] = ()
    private_teams: tuple[int, ...] | None = None
    """All private teams of the company, where somebody has asked already; whom they admit is in the scopes."""

    @classmethod
    def of(
        cls,
        agent_id: int | None,
        grants: Iterable[tuple[str, int | None, int | None]],
        private_teams: tuple[int, ...] | None = None,
    ) -> Rights:
        """From rows of (role, team id, brand id)."""
        return cls(agent_id, tuple(Scope(*grant) for grant in grants), private_teams)

    @property
    def is_administrator(self) -> bool:
        """Of the whole company: a grant bound to one brand does not open the settings."""
        return any(s.role == ADMINISTRATOR and s.brand_id is None for s in self.scopes)

    @property
    def is_supervisor(self) -> bool:
        return self.is_administrator or any(s.role == SUPERVISOR for s in self.scopes)

    @property
    def can_answer(self) -> bool:
        """Anywhere at all; for one ticket ask `answers`."""
        return any(s.role in ANSWERING for s in self.scopes)

    @property
    def is_light(self) -> bool:
        """Reads and writes notes, never raw mail or export."""
        return bool(self.scopes) and not self.can_answer

    @property
    def may_manage(self) -> bool:
        """Every page of the settings."""
        return self.is_administrator

    @property
    def may_supervise(self) -> bool:
        """The pages that shape the daily work: saved replies, tags."""
        return self.is_supervisor

    @property
    def teams(self) -> frozenset[int]:
        """Teams he is a member of."""
        return frozenset(s.team_id for s in self.scopes if s.team_id is not None)

    def sees(self, team_id: int | None, team_is_private: bool, brand_id: int | None) -> bool:
        """Whether he may read a ticket of that team and brand."""
        return any(s.covers(team_id, team_is_private, brand_id) for s in self.scopes)

    def answers(self, team_id: int | None, team_is_private: bool, brand_id: int | None) -> bool:
        """Whether he may write to the customer there, and read what a light agent may not."""
        return any(
            s.role in ANSWERING and s.covers(team_id, team_is_private, brand_id)
            for s in self.scopes
        )

    def reaches(
        self, role: str, team_id: int | None, team_is_private: bool, brand_id: int | None
    ) -> bool:
        """Whether he has this role or a higher one there."""
        return any(
            s.role in AT_LEAST[role] and s.covers(team_id, team_is_private, brand_id)
            for s in self.scopes
        )
