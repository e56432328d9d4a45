from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "sportello.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sportello.api import facts, holdings, idempotency  # noqa: F401  (they register themselves)
