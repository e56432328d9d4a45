"""One folder per provider: code, payloads, tests, README."""
