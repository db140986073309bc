"""API tokens of whoever acts, for pages of the application's own."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from bastide.core.api_tokens import MAX_TOKEN_NAME_LENGTH, IssuedToken, account_of, session_of
from bastide.core.foundation import AccessDenied, DenialReason, Denied, Principal
from bastide.core.inputs import TextRule
from bastide.core.records import TokenSummary
from bastide.core.request.exchange import Exchange

TOKEN_NAME: Final = TextRule(field="name", max_length=MAX_TOKEN_NAME_LENGTH)


def issue_own_token(
    exchange: Exchange, name: str, scopes: Collection[str], *, lifetime: timedelta | None = None
) -> IssuedToken | None:
    """Return a new API token of whoever acts; None where they have as many as they may.

    Args:
        exchange: the request.
        name: as the owner calls it, untrusted.
        scopes: permissions that the owner holds, untrusted, at least one.
        lifetime: how long it is good; None for the settings' own.

    Raises:
        AccessDenied: nobody is signed in.
        InvalidInput: a name, scope or lifetime that may not be.
    """
    owner = _owner(exchange)
    return exchange.services.api_tokens.issue(
        exchange.active or session_of(owner), account_of(owner), exchange.client,
        name=TOKEN_NAME.parse(name) or "", scopes=frozenset(scopes), lifetime=lifetime,
    )  # fmt: skip


def list_own_tokens(exchange: Exchange) -> Sequence[TokenSummary]:
    """Return the API tokens of whoever acts, the newest first.

    Raises:
        AccessDenied: nobody is signed in.
    """
    return exchange.services.api_tokens.list_own(account_of(_owner(exchange)).id)


def revoke_own_token(exchange: Exchange, token_id: str) -> bool:
    """Revoke one of the API tokens of whoever acts; tell whether they had it.

    Raises:
        AccessDenied: nobody is signed in.
    """
    owner = _owner(exchange)
    return exchange.services.api_tokens.revoke(
        exchange.active or session_of(owner), account_of(owner), token_id, exchange.client
    )


def _owner(exchange: Exchange) -> Principal:
    acting = exchange.principal
    # A token makes no other tokens (T1): only who signed in does.
    if not acting.is_signed_in or exchange.is_by_token:
        raise AccessDenied(Denied(DenialReason.SIGN_IN_REQUIRED))
    return acting
