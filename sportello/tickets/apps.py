from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "sportello.tickets"
    label = "tickets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sportello.tickets import events, holdings, media, moderating, operations, timers  # noqa: F401  (they register themselves)
