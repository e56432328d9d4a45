"""People, organizations and their identities: resolve, claim, verify, merge."""
