"""Django's authentication over Bastide's: one attempt budget for every way in, rights from the session."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.contrib.auth.models import AnonymousUser, Permission
from django.http import HttpRequest

from bastide.core.foundation import STRANGER, Client, Principal, Secret
from bastide.core.request import Exchange
from bastide.core.sign_in import Refused
from bastide.django.conf import declared_permissions
from bastide.django.connection import users_as_written
from bastide.django.requests.current import find_exchange
from bastide.django.wiring import bastide

# The app that declared permissions belong to.
LABEL: Final = "bastide_accounts"


class BastideBackend(BaseBackend):
    """``authenticate`` draws from the attempt budget; ``has_perm`` asks roles and policies."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **named: Any,
    ) -> Any:
        """Return the user whom name and password open, or None; both are counted before they are checked.

        The name, or the address, may come as ``username``, under the model's own names of both, or as
        ``email``, as libraries hand it in.
        """
        users: Any = get_user_model()
        for name in (users.USERNAME_FIELD, users.get_email_field_name(), "email"):
            username = named.get(name) if username is None else username
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
        if obj is None:
            return perm in self.get_all_permissions(user_obj)
        policy = bastide().policies.get(perm)
        return policy is not None and policy.allows(principal_of(user_obj), obj)

    async def ahas_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """See ``has_perm``."""
        return await sync_to_async(self.has_perm)(user_obj, perm, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Tell whether the user holds any permission of the app."""
        return any(name.startswith(f"{app_label}.") for name in self.get_all_permissions(user_obj))

    async def ahas_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """See ``has_module_perms``."""
        return await sync_to_async(self.has_module_perms)(user_obj, app_label)

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return what the user holds without a group; see ``get_all_permissions``."""
        held = ModelBackend().get_user_permissions(user_obj, obj)
        return _spelled(_codenames(held)) & self.get_all_permissions(user_obj, obj)

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return what the user holds by groups; see ``get_all_permissions``."""
        held = ModelBackend().get_group_permissions(user_obj, obj)
        return _spelled(_codenames(held)) & self.get_all_permissions(user_obj, obj)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return every permission of the user; rights to single objects are asked one by one.

        Declared ones are there under both names that ``has_perm`` takes, with the app and without.
        """
        return set() if obj is not None else _spelled(principal_of(user_obj).permissions)

    async def aget_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """See ``get_all_permissions``."""
        return await sync_to_async(self.get_all_permissions)(user_obj, obj)

    def with_perm(
        self,
        perm: str | Permission,
        is_active: bool | None = True,  # noqa: FBT001, FBT002 -- Django's signature
        include_superusers: bool = True,  # noqa: FBT001, FBT002 -- Django's signature
        obj: Any = None,
    ) -> Any:
        """Return the users who hold the permission; with an object, each active one is asked in turn."""
        if obj is None:
            labelled = f"{LABEL}.{perm}" if isinstance(perm, str) and "." not in perm else perm
            backend: Any = ModelBackend()  # the stubs leave out that None means the disabled ones too
            return backend.with_perm(labelled, is_active, include_superusers)
        active: Any = get_user_model()._default_manager.filter(is_active=True)  # noqa: SLF001 -- Django's documented name
        some = active if include_superusers else active.exclude(is_superuser=True)
        held = [] if is_active is False else [user.pk for user in some if user.has_perm(perm, obj)]
        return active.filter(pk__in=held)


def _codenames(names: Iterable[str]) -> frozenset[str]:
    """Return declared permissions by their codename, all others as ``app_label.codename``."""
    return frozenset(name.removeprefix(f"{LABEL}.") for name in names)


def _spelled(permissions: Iterable[str]) -> set[str]:
    held = set(permissions)
    return {*held, *(f"{LABEL}.{name}" for name in held if "." not in name)}


def principal_of(user: Any) -> Principal:
    """Return the principal of a user: the request's own, or one with the rights that are stored."""
    if not user.is_active or user.is_anonymous:
        return STRANGER
    exchange = find_exchange()
    if exchange is not None and exchange.principal.account_id == user.pk:
        return exchange.principal
    held = _codenames(ModelBackend().get_all_permissions(user))
    if getattr(user, "is_superuser", False):
        held |= declared_permissions()
    return Principal(account_id=user.pk, name=user.get_username(), permissions=held)


def user_of(exchange: Exchange) -> Any:
    """Return the user of a request, loaded when it is first looked at."""
    account_id = exchange.principal.account_id
    user = None if account_id is None else BastideBackend().get_user(account_id)
    if user is None:
        return AnonymousUser()
    if getattr(user, "is_superuser", False) and _is_limited(exchange):
        _ask_backend_only(user)
    return user


def _is_limited(exchange: Exchange) -> bool:
    acting = exchange.principal
    return exchange.is_by_token or acting.lacks_factor or acting.is_suspect


def _ask_backend_only(user: Any) -> None:
    """Let the questions about rights go to the backend, which knows the request's; Django's say yes before.

    Threat: a token of few scopes, or a session without its second factor, with all of a superuser's rights.
    """
    for name in ("has_perm", "ahas_perm", "has_module_perms", "ahas_module_perms"):
        setattr(user, name, partial(getattr(BastideBackend(), name), user))
