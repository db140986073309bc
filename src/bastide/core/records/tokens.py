"""API tokens as they are kept, and the port to what keeps them."""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from bastide.core.foundation import AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token about to be stored.

    Attributes:
        id: 11 letters and digits, unique; may be shown.
        digest: SHA-256 of the text; the text itself is never stored.
        account_id: whose it is.
        name: as its owner calls it.
        scopes: the permissions it may use, as long as its owner holds them.
        created_at: aware UTC.
        expires_at: aware UTC; there is no token without an end.
    """

    id: str
    digest: bytes
    account_id: AccountId
    name: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime


class StoredToken(NamedTuple):
    """A token with its account as of now, read in one keyed look-up.

    Attributes:
        last_used_at: to the touch interval; None for never.
        account_is_active: False when disabled.
        has_factor: the account has a confirmed second factor.
        roles: the account's roles, as of this read.
        permissions: what they grant, as of this read.
    """

    digest: bytes
    account_id: AccountId
    scopes: frozenset[str]
    expires_at: datetime
    last_used_at: datetime | None
    account_is_active: bool
    has_factor: bool
    username: str
    roles: frozenset[str]
    permissions: AbstractSet[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSummary:
    """A token as its owner sees it; nothing in it opens anything."""

    id: str
    name: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None


def join_scopes(scopes: Collection[str]) -> str:
    """Return the scopes as one column holds them (RFC 6749, 3.3: divided by spaces)."""
    return " ".join(sorted(scopes))


@lru_cache(maxsize=1024)
def split_scopes(joined: str) -> frozenset[str]:
    """Return the scopes of one column."""
    return frozenset(joined.split())
