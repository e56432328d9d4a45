"""What several connectors share: one call to a shop, pages of changes, foreign values."""
