"""``sportello mail``: the built-in SMTP receiver."""

from __future__ import annotations

import threading

from sportello.config import heartbeat
from sportello.config.loops import Loops
from sportello.config.stopping import stop_event, wait


def main() -> int:
    """Run until SIGTERM."""
    import django

    stop = stop_event()
    django.setup()
    from django.conf import settings

    loops = Loops(stop)
    loops.start_named("sportello.intake.smtp.serve")
    beat = threading.Thread(
        target=heartbeat.beat,
        args=("mail", stop),
        kwargs={"dsn": settings.DATABASE_DSN, "alive": loops.alive},
        name="heartbeat",
        daemon=True,
    )
    beat.start()
    wait(stop)
    loops.join(timeout=2)
    return 0
