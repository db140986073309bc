"""Sessions in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bastide.core.foundation import AccountId
from bastide.core.records import NewSession, SessionSummary, StoredSession
from bastide.stores.memory.data import Data, SessionRow, end_sessions
from bastide.stores.memory.factors import has_factor


class MemorySessions:
    """See ``SessionStore``."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def create_session(self, new: NewSession, *, now: datetime) -> None:
        """See ``SessionStore``."""
        with self._data.lock:
            self._data.sessions[new.digest] = SessionRow(new, now, now)

    def load_session(self, session_digest: bytes) -> StoredSession | None:
        """See ``SessionStore``."""
        with self._data.lock:
            row = self._data.sessions.get(session_digest)
            if row is None:
                return None
            session = row.session
            owner = None if session.account_id is None else self._data.accounts[session.account_id].account
            roles = frozenset() if owner is None else owner.roles
            granted = (self._data.roles[role] for role in roles)
            return StoredSession(
                digest=session.digest, account_id=session.account_id, state=session.state,
                created_at=row.created_at, last_seen_at=row.last_seen_at,
                confirmed_at=session.confirmed_at, agent_family=session.agent_family,
                must_rotate=row.must_rotate, is_pending=session.is_pending,
                has_factor=has_factor(self._data, session.account_id),
                account_is_active=owner is None or owner.is_active,
                username="" if owner is None else owner.username, roles=roles,
                permissions=frozenset().union(*granted),
            )  # fmt: skip

    def touch_session(self, session_digest: bytes, *, now: datetime, seen_before: datetime) -> bool:
        """See ``SessionStore``."""
        with self._data.lock:
            row = self._data.sessions.get(session_digest)
            if row is None or row.last_seen_at > seen_before:
                return False
            row.last_seen_at = now
            return True

    def save_session_state(self, session_digest: bytes, state: str, *, previous: str) -> bool:
        """See ``SessionStore``."""
        with self._data.lock:
            row = self._data.sessions.get(session_digest)
            if row is None or row.session.state != previous:
                return False
            row.session = replace(row.session, state=state)
            return True

    def rotate_session(
        self,
        session_digest: bytes,
        *,
        new_digest: bytes,
        confirmed_at: datetime | None,
        agent_family: str | None,
    ) -> bool:
        """See ``SessionStore``."""
        with self._data.lock:
            row = self._data.sessions.pop(session_digest, None)
            if row is None:
                return False
            row.session = replace(
                row.session,
                digest=new_digest,
                confirmed_at=confirmed_at or row.session.confirmed_at,
                is_pending=row.session.is_pending and confirmed_at is None,
                agent_family=row.session.agent_family if agent_family is None else agent_family,
            )
            row.must_rotate = False
            self._data.sessions[new_digest] = row
            return True

    def end_session(self, session_digest: bytes) -> bool:
        """See ``SessionStore``."""
        with self._data.lock:
            return self._data.sessions.pop(session_digest, None) is not None

    def end_account_sessions(self, account_id: AccountId, *, keep: bytes | None) -> int:
        """See ``SessionStore``."""
        with self._data.lock:
            return end_sessions(self._data, account_id, keep=keep)

    def list_sessions(self, account_id: AccountId, *, is_pending: bool = False) -> Sequence[SessionSummary]:
        """See ``SessionStore``."""
        with self._data.lock:
            rows = [
                row for row in self._data.sessions.values()
                if row.session.account_id == account_id and row.session.is_pending is is_pending
            ]  # fmt: skip
        rows.sort(key=lambda row: (row.last_seen_at, row.session.digest), reverse=True)
        return [
            SessionSummary(
                digest=row.session.digest, created_at=row.created_at, last_seen_at=row.last_seen_at,
                agent_family=row.session.agent_family, network=row.session.network,
            )
            for row in rows
        ]  # fmt: skip

    def purge_sessions(self, *, created_before: datetime, seen_before: datetime) -> int:
        """See ``SessionStore``."""
        with self._data.lock:
            old = [
                key for key, row in self._data.sessions.items()
                if row.created_at <= created_before or row.last_seen_at <= seen_before
            ]  # fmt: skip
            for key in old:
                del self._data.sessions[key]
            return len(old)
