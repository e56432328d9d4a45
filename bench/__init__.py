"""The benchmark suite: one command, one table, JSON beside it. Load goes to loopback only, bounded in count and time."""
