"""Company, brands, agents, teams, roles, invitations, API tokens, audit."""
