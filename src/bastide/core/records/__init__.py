"""Records: what the stores keep of accounts, sessions, tokens and factors.

Plain rows, and in `ports` the verbs that keep them: atomic, named for their outcome, the same for every
store. Whoever writes a store reads this room first.
"""

from bastide.core.records.accounts import (
    Account,
    AccountExists,
    AccountKeys,
    LastHolder,
    NewAccount,
    TicketSpent,
    account_key,
)
from bastide.core.records.factors import Added, FactorSettings, StoredPasskey, StoredTotp
from bastide.core.records.lookalikes import BLANK_LETTERS, username_skeleton
from bastide.core.records.ports import AccountStore, FactorStore, PasskeyStore, SessionStore, TokenStore
from bastide.core.records.sessions import NewSession, SessionSummary, StoredSession
from bastide.core.records.tokens import NewToken, StoredToken, TokenSummary, join_scopes, split_scopes

__all__ = [
    "BLANK_LETTERS",
    "Account",
    "AccountExists",
    "AccountKeys",
    "AccountStore",
    "Added",
    "FactorSettings",
    "FactorStore",
    "LastHolder",
    "NewAccount",
    "NewSession",
    "NewToken",
    "PasskeyStore",
    "SessionStore",
    "SessionSummary",
    "StoredPasskey",
    "StoredSession",
    "StoredToken",
    "StoredTotp",
    "TicketSpent",
    "TokenStore",
    "TokenSummary",
    "account_key",
    "join_scopes",
    "split_scopes",
    "username_skeleton",
]
