from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "sportello.tickets"
    label = "tickets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # They register themselves.
        from sportello.tickets import events, operations, subscribers, timers  # noqa: F401
        from sportello.tickets.belonging import recognising  # noqa: F401
        from sportello.tickets.confidential import documents, sweeping  # noqa: F401
        from sportello.tickets.inbound import media  # noqa: F401
        from sportello.tickets.notifying import gathering, tasks  # noqa: F401
        from sportello.tickets.outbound import moderating  # noqa: F401
        from sportello.tickets.personal import ageing, covered, holdings  # noqa: F401
