"""Configuration of the app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from bastide.django.around import tripwires
from bastide.django.connection import register_alias
from bastide.django.requests import caching


class AccountsConfig(AppConfig):
    """Keeps identities in step with users, and the stores on connections of their own."""

    name = "bastide.django.accounts"
    label = "bastide_accounts"
    verbose_name: str = "Security"
    default_auto_field: str = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to saved users and register the stores' database alias; watch statements and caches."""
        from bastide.django.accounts import following, upgrades  # noqa: PLC0415 -- need the models
        from bastide.django.accounts.receivers import adopt_after_migrating, connect  # noqa: PLC0415 -- likewise

        connect()
        following.install()
        upgrades.install()
        register_alias()
        post_migrate.connect(adopt_after_migrating, sender=self, dispatch_uid="bastide.adopt")
        tripwires.install()
        caching.install()
