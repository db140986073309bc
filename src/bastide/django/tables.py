"""What the apps of layers that keep a table have in common."""

from django.apps import AppConfig

from bastide.django.connection import register_alias


class TableConfig(AppConfig):
    """Keeps its tables on the stores' own connection."""

    default_auto_field: str = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the stores' database alias."""
        register_alias()
