from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "sportello.tickets"
    label = "tickets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sportello.tickets import (  # noqa: F401  (they register themselves)
            ageing,
            events,
            holdings,
            media,
            moderating,
            operations,
            recognising,
            subscribers,
            timers,
        )
        from sportello.tickets.confidential import holdings as _holdings  # noqa: F401
        from sportello.tickets.confidential import sweeping  # noqa: F401
        from sportello.tickets.notifying import gathering, tasks  # noqa: F401
