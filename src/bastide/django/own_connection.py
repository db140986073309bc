"""What the apps have in common that work on the stores' own connection."""

from django.apps import AppConfig

from bastide.django.connection import register_alias


class OwnConnectionConfig(AppConfig):
    """Makes the stores' own connection known."""

    default_auto_field: str = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the stores' database alias."""
        register_alias()
