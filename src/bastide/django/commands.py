"""What the management commands share."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import CommandError
from django.urls import reverse

from bastide.core.api_tokens import account_of
from bastide.core.foundation import Client
from bastide.core.records import Account, account_key
from bastide.django.connection import users_as_written
from bastide.django.requests.beside import principal_of_user
from bastide.django.wiring import bastide

SHELL = Client(address="shell", route="manage.py")


def find_account(name: str) -> Account:
    """Return the account, or raise ``CommandError``."""
    services = bastide().services
    accounts = services.stores.accounts
    if services.owns_accounts:
        account = accounts.find_account(account_key(name))
    else:
        users: Any = get_user_model()
        user = users_as_written().filter(**{users.USERNAME_FIELD: name}).first()
        account = None if user is None else account_of(principal_of_user(user))
    if account is None:
        msg = f"nobody is called {name!r}"
        raise CommandError(msg)
    return account


def invitation_link(*, role: str, email: str | None, base_url: str) -> str:
    """Return a one-time address that makes an account with the role."""
    token = bastide().services.registration.invite(role=role, email=email, client=SHELL, by=None)
    return base_url.rstrip("/") + reverse("accounts:invitation", kwargs={"token": token.reveal()})
