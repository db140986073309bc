"""Configuration of the app."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_save


class AccountsConfig(AppConfig):
    """Keeps identities in step with users, and the stores on connections of their own."""

    name = "bastide.django.accounts"
    label = "bastide_accounts"
    verbose_name = "Security"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to saved users and register the stores' database alias."""
        from bastide.django.accounts.identities import keep_identity  # noqa: PLC0415 -- needs the models
        from bastide.django.accounts.stores.connection import register_alias  # noqa: PLC0415

        post_save.connect(keep_identity, sender=settings.AUTH_USER_MODEL, dispatch_uid="bastide.identity")
        register_alias()
