"""Configuration of the app."""

from django.apps import AppConfig

from bastide.django.connection import register_alias


class LogConfig(AppConfig):
    """Keeps its table on the stores' own connection."""

    name = "bastide.django.log"
    label = "bastide_log"
    verbose_name: str = "Security log"
    default_auto_field: str = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the stores' database alias."""
        register_alias()
