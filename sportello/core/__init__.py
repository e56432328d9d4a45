"""What every room stands on: event log, registries, guarded client, files, clock, embedded database."""
