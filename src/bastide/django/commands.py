"""What the management commands share."""

from django.core.management import CommandError
from django.urls import reverse

from bastide.core.foundation import Client
from bastide.core.records import Account, account_key
from bastide.django.wiring import bastide

SHELL = Client(address="shell", route="manage.py")


def find_account(name: str) -> Account:
    """Return the account, or raise ``CommandError``."""
    account = bastide().services.stores.accounts.find_account(account_key(name))
    if account is None:
        msg = f"nobody is called {name!r}"
        raise CommandError(msg)
    return account


def invitation_link(*, role: str, email: str | None, base_url: str) -> str:
    """Return a one-time address that makes an account with the role."""
    token = bastide().services.registration.invite(role=role, email=email, client=SHELL, by=None)
    return base_url.rstrip("/") + reverse("accounts:invitation", kwargs={"token": token.reveal()})
