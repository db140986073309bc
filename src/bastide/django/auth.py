"""Django's authentication over Bastide's: one attempt budget for every way in, rights from the session."""

from typing import Any

from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from bastide.core.foundation import STRANGER, Client, Principal, Secret
from bastide.core.request import Exchange
from bastide.core.sign_in import Refused
from bastide.django.connection import users_as_written
from bastide.django.current import find_exchange
from bastide.django.wiring import bastide


class BastideBackend(BaseBackend):
    """``authenticate`` draws from the attempt budget; ``has_perm`` asks roles and policies."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> Any:
        """Return the user whom name and password open, or None; both are counted before they are checked."""
        if username is None or password is None:
            return None
        exchange = getattr(request, "bastide", None) or find_exchange()
        client = Client(address="shell") if exchange is None else exchange.client
        account = bastide().services.login.check_credentials(username, Secret(password), client)
        return None if isinstance(account, Refused) else self.get_user(account.id)

    def get_user(self, user_id: Any) -> Any:
        """Return the active user, or None."""
        user = users_as_written().filter(pk=user_id).first()
        return user if user is not None and user.is_active else None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Tell whether the user holds the permission; with an object, whether its policy allows it."""
        principal = principal_of(user_obj)
        if obj is None:
            return principal.has(perm) or principal.has(perm.removeprefix("bastide_accounts."))
        policy = bastide().policies.get(perm)
        return policy is not None and policy.allows(principal, obj)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return every permission of the user; rights to single objects are asked one by one."""
        return set() if obj is not None else set(principal_of(user_obj).permissions)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Tell whether the user holds any permission of the app."""
        return any(name.startswith(f"{app_label}.") for name in principal_of(user_obj).permissions)


def principal_of(user: Any) -> Principal:
    """Return the principal of a user: the request's own, or one with the rights that are stored."""
    if not user.is_active or user.is_anonymous:
        return STRANGER
    exchange = find_exchange()
    if exchange is not None and exchange.principal.account_id == user.pk:
        return exchange.principal
    stored = ModelBackend().get_all_permissions(user)
    permissions = frozenset(name.removeprefix("bastide_accounts.") for name in stored)
    return Principal(account_id=user.pk, name=user.get_username(), permissions=permissions)


def user_of(exchange: Exchange) -> Any:
    """Return the user of a request, loaded when it is first looked at."""
    account_id = exchange.principal.account_id
    user = None if account_id is None else BastideBackend().get_user(account_id)
    return AnonymousUser() if user is None else user
