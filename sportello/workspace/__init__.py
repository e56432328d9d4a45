"""Door for agents: inbox, ticket page, settings."""
