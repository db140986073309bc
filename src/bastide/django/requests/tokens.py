"""API tokens: those of whoever acts, and whom ``request.user`` is where one was shown."""

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from bastide.core.api_tokens import IssuedToken
from bastide.core.records import TokenSummary
from bastide.core.request import Exchange, issue_own_token, list_own_tokens, revoke_own_token
from bastide.django.connection import users_as_written
from bastide.django.requests.context import exchange_of

_LISTS: Final = ("get_user_permissions", "get_group_permissions", "get_all_permissions")


def issue_token(
    request: HttpRequest, name: str, scopes: Collection[str], *, lifetime: timedelta | None = None
) -> IssuedToken | None:
    """Return a new API token of whoever acts; None where they have as many as they may.

    Its text is shown now and never again. Views under ``@api`` take it; it acts with its scopes as far as
    its owner still holds them.

    Args:
        request: the request at hand.
        name: as the owner calls it, 1 to 60 characters on one line.
        scopes: permissions that the owner holds, at least one.
        lifetime: how long it is good; None for the settings' own.

    Raises:
        AccessDenied: nobody is signed in.
        InvalidInput: a name, scope or lifetime that may not be.
    """
    return issue_own_token(exchange_of(request), name, scopes, lifetime=lifetime)


def own_tokens(request: HttpRequest) -> Sequence[TokenSummary]:
    """Return the API tokens of whoever acts, the newest first.

    Raises:
        AccessDenied: nobody is signed in.
    """
    return list_own_tokens(exchange_of(request))


def revoke_token(request: HttpRequest, token_id: str) -> bool:
    """Revoke one of the API tokens of whoever acts; tell whether they had it.

    Raises:
        AccessDenied: nobody is signed in.
    """
    return revoke_own_token(exchange_of(request), token_id)


def act_by_token(request: HttpRequest, exchange: Exchange) -> None:
    """Make ``request.user`` the owner of the token that was shown, whatever a session says.

    No other site can make a browser send a token, so Django asks for no form token.
    """
    request.user = SimpleLazyObject(lambda: user_by_token(exchange))  # type: ignore[assignment]  # as Django does

    async def auser() -> Any:
        return await sync_to_async(user_by_token)(exchange)

    request.auser = auser
    request.csrf_processing_done = True  # type: ignore[attr-defined]  # as Django marks it


def user_by_token(exchange: Exchange) -> Any:
    """Return the owner of the token that was shown, who may do no more than its scopes say."""
    # Only where accounts are there, and their models can be imported.
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415

    acting = exchange.principal
    user = users_as_written().filter(pk=acting.account_id).first()
    if user is None:
        return AnonymousUser()
    _limit(user, frozenset(acting.permissions))
    return user


def _limit(user: Any, scopes: frozenset[str]) -> None:
    """Have the user's rights asked within the scopes only, on this one object.

    Threat: a token of few scopes with all of its owner's rights, or a superuser's (V8.2.1).
    """
    kind = type(user)

    def has_perm(perm: str, obj: Any = None) -> bool:
        return perm in scopes and bool(kind.has_perm(user, perm, obj))

    def has_module_perms(app_label: str) -> bool:
        return any(scope.startswith(f"{app_label}.") for scope in scopes)

    def within(name: str) -> Callable[..., set[str]]:
        return lambda obj=None: getattr(kind, name)(user, obj) & scopes

    limited: dict[str, Callable[..., Any]] = {"has_perm": has_perm, "has_module_perms": has_module_perms}
    limited |= {name: within(name) for name in _LISTS}
    for name, ask in limited.items():
        setattr(user, name, ask)
        setattr(user, f"a{name}", sync_to_async(ask))
