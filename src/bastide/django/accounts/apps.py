"""Configuration of the app."""

from django.apps import AppConfig

from bastide.django import caching, tripwires
from bastide.django.connection import register_alias


class AccountsConfig(AppConfig):
    """Keeps identities in step with users, and the stores on connections of their own."""

    name = "bastide.django.accounts"
    label = "bastide_accounts"
    verbose_name: str = "Security"
    default_auto_field: str = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to saved users and register the stores' database alias; watch statements and caches."""
        from bastide.django.accounts.receivers import connect  # noqa: PLC0415 -- needs the models

        connect()
        register_alias()
        tripwires.install()
        caching.install()
