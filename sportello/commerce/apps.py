from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "sportello.commerce"
    label = "commerce"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sportello.commerce import (  # noqa: F401  (they register themselves)
            events,
            holdings,
            operations,
            recognising,
            subscribers,
            timers,
        )
