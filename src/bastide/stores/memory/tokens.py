"""API tokens in memory."""

from collections.abc import Sequence
from datetime import datetime

from bastide.core.foundation import AccountId
from bastide.core.records import NewToken, StoredToken, TokenSummary
from bastide.stores.memory.data import Data, TokenRow, end_tokens
from bastide.stores.memory.factors import has_factor


class MemoryTokens:
    """See ``TokenStore``."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def add_token(self, new: NewToken, *, limit: int) -> bool:
        """See ``TokenStore``."""
        with self._data.lock:
            own = (row.token for row in self._data.tokens.values() if row.token.account_id == new.account_id)
            if sum(token.expires_at > new.created_at for token in own) >= limit:
                return False
            self._data.tokens[new.id] = TokenRow(new)
            return True

    def find_token(self, token_id: str) -> StoredToken | None:
        """See ``TokenStore``."""
        with self._data.lock:
            row = self._data.tokens.get(token_id)
            if row is None:
                return None
            token, owner = row.token, self._data.accounts[row.token.account_id].account
            return StoredToken(
                digest=token.digest, account_id=owner.id, scopes=token.scopes, expires_at=token.expires_at,
                last_used_at=row.last_used_at, account_is_active=owner.is_active,
                has_factor=has_factor(self._data, owner.id), username=owner.username, roles=owner.roles,
                permissions=frozenset().union(*(self._data.roles[role] for role in owner.roles)),
            )  # fmt: skip

    def touch_token(self, token_id: str, *, now: datetime, used_before: datetime) -> bool:
        """See ``TokenStore``."""
        with self._data.lock:
            row = self._data.tokens.get(token_id)
            if row is None or (row.last_used_at is not None and row.last_used_at > used_before):
                return False
            row.last_used_at = now
            return True

    def list_tokens(self, account_id: AccountId) -> Sequence[TokenSummary]:
        """See ``TokenStore``."""
        with self._data.lock:
            rows = [row for row in self._data.tokens.values() if row.token.account_id == account_id]
        rows.sort(key=lambda row: row.token.id)
        rows.sort(key=lambda row: row.token.created_at, reverse=True)
        return [
            TokenSummary(
                id=row.token.id, name=row.token.name, scopes=row.token.scopes,
                created_at=row.token.created_at, expires_at=row.token.expires_at,
                last_used_at=row.last_used_at,
            )
            for row in rows
        ]  # fmt: skip

    def revoke_token(self, account_id: AccountId, token_id: str) -> bool:
        """See ``TokenStore``."""
        with self._data.lock:
            row = self._data.tokens.get(token_id)
            if row is None or row.token.account_id != account_id:
                return False
            del self._data.tokens[token_id]
            return True

    def revoke_tokens(self, account_id: AccountId) -> int:
        """See ``TokenStore``."""
        with self._data.lock:
            return end_tokens(self._data, account_id)

    def purge_tokens(self, *, now: datetime) -> int:
        """See ``TokenStore``."""
        with self._data.lock:
            expired = [key for key, row in self._data.tokens.items() if row.token.expires_at <= now]
            for key in expired:
                del self._data.tokens[key]
            return len(expired)
