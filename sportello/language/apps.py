from django.apps import AppConfig


class LanguageConfig(AppConfig):
    name = "sportello.language"
    label = "language"
    default_auto_field = "django.db.models.BigAutoField"
