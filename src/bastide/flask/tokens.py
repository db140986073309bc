"""API tokens of whoever acts, for pages of the application's own."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from bastide.core.api_tokens import IssuedToken
from bastide.core.records import TokenSummary
from bastide.core.request import issue_own_token, list_own_tokens, revoke_own_token
from bastide.flask.state import current_exchange


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
    return issue_own_token(current_exchange(), name, scopes, lifetime=lifetime)


def own_tokens() -> Sequence[TokenSummary]:
    """Return the API tokens of whoever acts, the newest first.

    Raises:
        AccessDenied: nobody is signed in.
    """
    return list_own_tokens(current_exchange())


def revoke_token(token_id: str) -> bool:
    """Revoke one of the API tokens of whoever acts; tell whether they had it.

    Raises:
        AccessDenied: nobody is signed in.
    """
    return revoke_own_token(current_exchange(), token_id)
