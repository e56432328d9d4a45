"""Verbs about who answers: people and their rights, invitations, API tokens, the company itself."""

from sportello.accounts.actions.company import (
    TeamIsPrivate,
    delete_team,
    save_brand,
    save_calendar,
    save_company,
    save_team,
)
from sportello.accounts.actions.invitations import (
    InvitationRefused,
    accept_invitation,
    invitation_link,
    invite,
    withdraw_invitation,
)
from sportello.accounts.actions.people import (
    LastAdministrator,
    create_agent,
    deactivate,
    note_presence,
    reactivate,
    reset_second_factor,
    save_profile,
    set_grants,
)
from sportello.accounts.actions.tokens import authenticate_token, create_token, revoke_token

__all__ = [
    "InvitationRefused",
    "LastAdministrator",
    "TeamIsPrivate",
    "accept_invitation",
    "authenticate_token",
    "create_agent",
    "create_token",
    "deactivate",
    "delete_team",
    "invitation_link",
    "invite",
    "note_presence",
    "reactivate",
    "reset_second_factor",
    "revoke_token",
    "save_brand",
    "save_calendar",
    "save_company",
    "save_profile",
    "save_team",
    "set_grants",
    "withdraw_invitation",
]
