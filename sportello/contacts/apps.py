from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "sportello.contacts"
    label = "contacts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sportello.contacts import (  # noqa: F401  (they register themselves)
            events,
            holdings,
            ledger_holdings,
            subscribers,
            touchpoint_holdings,
        )
