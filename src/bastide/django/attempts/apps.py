"""Configuration of the app."""

from django.apps import AppConfig

from bastide.django.connection import register_alias


class AttemptsConfig(AppConfig):
    """Keeps its table on the stores' own connection."""

    name = "bastide.django.attempts"
    label = "bastide_attempts"
    verbose_name: str = "Attempts"
    default_auto_field: str = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the stores' database alias."""
        register_alias()
