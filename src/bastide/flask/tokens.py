"""API tokens of whoever acts, for pages of the application's own."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from bastide.core.api_tokens import MAX_TOKEN_NAME_LENGTH, IssuedToken, account_of, session_of
from bastide.core.foundation import AccessDenied, DenialReason, Denied, Principal
from bastide.core.inputs import TextRule
from bastide.core.records import TokenSummary
from bastide.flask.state import current_exchange

TOKEN_NAME: Final = TextRule(field="name", max_length=MAX_TOKEN_NAME_LENGTH)


def issue_token(
    name: str, scopes: Collection[str], *, lifetime: timedelta | None = None
) -> IssuedToken | None:
    """Return a new API token of whoever acts; None where they have as many as they may.

    Its text is shown now and never again. Views under ``@api`` take it; it acts with its scopes as far as
    its owner still holds them.

    Args:
        name: as the owner calls it, 1 to 60 characters on one line.
        scopes: permissions that the owner holds, at least one.
        lifetime: how long it is good; None for the settings' own.

    Raises:
        AccessDenied: nobody is signed in.
        InvalidInput: a name, scope or lifetime that may not be.
    """
    exchange, owner = current_exchange(), _owner()
    return exchange.services.api_tokens.issue(
        exchange.active or session_of(owner), account_of(owner), exchange.client,
        name=TOKEN_NAME.parse(name) or "", scopes=frozenset(scopes), lifetime=lifetime,
    )  # fmt: skip


def own_tokens() -> Sequence[TokenSummary]:
    """Return the API tokens of whoever acts, the newest first.

    Raises:
        AccessDenied: nobody is signed in.
    """
    owner = account_of(_owner())
    return current_exchange().services.api_tokens.list_own(owner.id)


def revoke_token(token_id: str) -> bool:
    """Revoke one of the API tokens of whoever acts; tell whether they had it.

    Raises:
        AccessDenied: nobody is signed in.
    """
    exchange, owner = current_exchange(), _owner()
    return exchange.services.api_tokens.revoke(
        exchange.active or session_of(owner), account_of(owner), token_id, exchange.client
    )


def _owner() -> Principal:
    acting = current_exchange().principal
    # A token makes no other tokens (T1): only who signed in does.
    if not acting.is_signed_in or current_exchange().is_by_token:
        raise AccessDenied(Denied(DenialReason.SIGN_IN_REQUIRED))
    return acting
