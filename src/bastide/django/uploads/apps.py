"""Configuration of the app."""

from django.apps import AppConfig

from bastide.django.connection import register_alias


class UploadsConfig(AppConfig):
    """Keeps its table on the stores' own connection."""

    name = "bastide.django.uploads"
    label = "bastide_uploads"
    verbose_name: str = "Uploads"
    default_auto_field: str = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the stores' database alias."""
        register_alias()
