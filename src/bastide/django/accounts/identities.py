"""The unique keys of a user's name and address, kept beside the user model."""

from typing import Any

from bastide.core.accounts import account_key
from bastide.django.accounts.models import Identity


def keep_identity(instance: Any, using: str, *, raw: bool = False, **_: Any) -> None:
    """Write the keys of a saved user; a name or address that is taken fails the save.

    Threat: look-alike names made past the registration, by the admin or a shell (V6.3.8).
    """
    if raw:
        return
    email = getattr(instance, instance.get_email_field_name(), "") or ""
    keys = {"username_key": account_key(instance.get_username()), "email_key": account_key(email) or None}
    Identity.objects.using(using).update_or_create(user_id=instance.pk, defaults=keys)
