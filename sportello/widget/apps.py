from django.apps import AppConfig


class WidgetConfig(AppConfig):
    name = "sportello.widget"
    label = "widget"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sportello.widget import holdings  # noqa: F401  (it registers itself)
