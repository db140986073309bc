"""API tokens: named, scoped and expiring keys for programs.

Shown once, kept as digests, told from a typo without a look-up and spotted by scanners; they act with no more
than their owner's rights of now.
"""

from bastide.core.api_tokens.outside import (
    LoadOwner,
    OutsideActing,
    OutsideNotices,
    OutsideOwners,
    account_of,
    session_of,
)
from bastide.core.api_tokens.token_sign_in import Admitted, Bearer
from bastide.core.api_tokens.token_text import bearer_of, find_token
from bastide.core.api_tokens.tokens import MAX_TOKEN_NAME_LENGTH, ApiTokens, ApiTokenSettings, IssuedToken

__all__ = [
    "MAX_TOKEN_NAME_LENGTH",
    "Admitted",
    "ApiTokenSettings",
    "ApiTokens",
    "Bearer",
    "IssuedToken",
    "LoadOwner",
    "OutsideActing",
    "OutsideNotices",
    "OutsideOwners",
    "account_of",
    "bearer_of",
    "find_token",
    "session_of",
]
