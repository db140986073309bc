"""Server-side sessions: opaque ids, hashed keys, two limits, immediate ends."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from bastide.core.foundation import (
    STRANGER,
    AccessDenied,
    AccountId,
    Client,
    Clock,
    ConfigurationError,
    DenialReason,
    Denied,
    Entropy,
    Principal,
    Secret,
    agent_family,
    decode_token,
    digest,
    encode_token,
    network_of,
)
from bastide.core.records import Account, NewSession, SessionStore, SessionSummary, StoredSession
from bastide.core.sessions.session_state import DropOldest, keep_all, save_state

ID_SIZE_BYTES: Final = 32
EMPTY_STATE: Final = "{}"
UNKNOWN_SESSION: Final = "unknown"


class AgentChange(StrEnum):
    """What to do when the browser family changes mid-session (S5)."""

    STEP_UP = "step_up"
    END = "end"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """Limits of a session.

    Attributes:
        idle_timeout: unused for this long, it ends.
        absolute_timeout: this old, it ends however busy.
        touch_interval: ``last_seen_at`` is written at most this often.
        freshness: how long a shown factor counts for sensitive actions.
        on_agent_change: answer to a changed browser family.
        pending_timeout: how long a session waits for its second factor.
        max_state_bytes: most bytes of JSON state a session may keep; the oldest messages waiting for a page
            make room.
        max_per_account: sessions an account may have, and as many that wait for a second factor; a new one
            ends those unused the longest.
        dropped_at_sign_in: names of values that end with a stranger's session; all others go along when the
            stranger signs in. For what names an owner, or must not be handed from one to another.
    """

    idle_timeout: timedelta = timedelta(hours=1)
    absolute_timeout: timedelta = timedelta(hours=12)
    touch_interval: timedelta = timedelta(minutes=1)
    freshness: timedelta = timedelta(minutes=10)
    on_agent_change: AgentChange = AgentChange.STEP_UP
    pending_timeout: timedelta = timedelta(minutes=10)
    max_state_bytes: int = 16_384
    max_per_account: int = 30
    dropped_at_sign_in: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not timedelta() < self.touch_interval < self.idle_timeout <= self.absolute_timeout:
            msg = "sessions need 0 < touch_interval < idle_timeout <= absolute_timeout"
            raise ConfigurationError(msg)
        if min(self.freshness, self.pending_timeout) <= timedelta():
            msg = "the freshness of a factor and the wait for one must be positive"
            raise ConfigurationError(msg)
        if self.max_per_account < 1:
            msg = "an account needs at least one session"
            raise ConfigurationError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveSession:
    """A session that is good for this request.

    Attributes:
        session_id: the id, secret; only ever sent in the cookie.
        digest: its SHA-256.
        principal: who it speaks for.
        state: JSON object as text.
        must_rotate: replace the id with this answer.
        pending_account: whose second factor it waits for; such a session speaks for a stranger.
    """

    session_id: Secret
    digest: bytes
    principal: Principal
    state: str = EMPTY_STATE
    must_rotate: bool = False
    pending_account: AccountId | None = None


class Resumed(NamedTuple):
    """What came of a presented id.

    Attributes:
        session: the session, or None.
        reason: why there is none, or why it is suspect; empty when all is well.
    """

    session: ActiveSession | None
    reason: str = ""


class Sessions:
    """Starts, resumes, rotates and ends sessions.

    Spec: V7.2.1 to V7.4.3; OWASP session ids of 128 bits or more (here 256).
    """

    def __init__(
        self,
        *,
        store: SessionStore,
        clock: Clock,
        entropy: Entropy,
        settings: SessionSettings,
        demands_factor: Callable[[frozenset[str]], bool] = lambda _: False,
    ) -> None:
        self._store = store
        self._demands_factor = demands_factor
        self._clock = clock
        self._entropy = entropy
        self.settings = settings

    def start(self, principal: Principal, client: Client, *, state: str = EMPTY_STATE) -> ActiveSession:
        """Store a new session for ``principal`` and return it with its id."""
        return self._start(principal, client, state=state, pending_account=None)

    def start_pending(
        self, account_id: AccountId, client: Client, *, state: str = EMPTY_STATE
    ) -> ActiveSession:
        """Store a session that waits for the account's second factor; until then it is a stranger's."""
        return self._start(STRANGER, client, state=state, pending_account=account_id)

    def end_before_sign_in(self, previous: ActiveSession | None) -> str:
        """End the session that the browser came with; return the values that go on: a stranger's only.

        Threat: what one person's session held, shown to the next who signs in at the same browser.
        """
        if previous is None:
            return EMPTY_STATE
        self.end(previous.digest)
        if previous.principal.is_signed_in or previous.state == EMPTY_STATE:
            return EMPTY_STATE
        dropped = self.settings.dropped_at_sign_in
        values = json.loads(previous.state).items()
        return json.dumps({name: value for name, value in values if name not in dropped})

    def _start(
        self, principal: Principal, client: Client, *, state: str, pending_account: AccountId | None
    ) -> ActiveSession:
        raw = self._entropy.token_bytes(ID_SIZE_BYTES)
        now = self._clock.now()
        new = NewSession(
            digest=digest(raw),
            account_id=principal.account_id if pending_account is None else pending_account,
            is_pending=pending_account is not None,
            state=state,
            confirmed_at=now if principal.is_signed_in else None,
            agent_family=agent_family(client.user_agent),
            network=network_of(client.address),
        )
        self._store.create_session(new, now=now)
        if new.account_id is not None:
            self._end_surplus(new.account_id, new.digest, is_pending=new.is_pending)
        return ActiveSession(
            session_id=Secret(encode_token(raw)), digest=new.digest, principal=principal, state=state,
            pending_account=pending_account,
        )  # fmt: skip

    def complete(self, session: ActiveSession, account: Account, client: Client) -> ActiveSession | None:
        """Return a session that waited for its second factor, signed in, under a new id."""
        rotated = self.rotate(session, client, confirmed=True)
        if rotated is None:
            return None
        self._end_surplus(account.id, rotated.digest, is_pending=False)
        principal = Principal(account_id=account.id, name=account.username)
        return replace(rotated, principal=principal, pending_account=None)

    def _end_surplus(self, account_id: AccountId, new: bytes, *, is_pending: bool) -> None:
        """End what is beyond the account's number: who knows a password must not fill the store with it.

        The new one stays, whatever the times say: clocks of several machines differ.
        """
        own = self._store.list_sessions(account_id, is_pending=is_pending)
        others = [session for session in own if session.digest != new]
        for surplus in others[self.settings.max_per_account - 1 :]:
            self._store.end_session(surplus.digest)

    def resume(self, presented_id: str, user_agent: str | None) -> Resumed:
        """Return the session that ``presented_id`` opens, with the account's rights as of now.

        1. The id must be 32 canonical base64url bytes; its digest must be stored.
        2. Neither limit may have passed, and the account must be active.
        3. A changed browser family ends the session, marks it suspect, or is ignored.
        4. ``last_seen_at`` moves at most once per touch interval.

        Args:
            presented_id: the cookie's value, untrusted.
            user_agent: header as sent, untrusted, or None where nobody can tell, as in a shell.
        """
        raw = decode_token(presented_id, size_bytes=ID_SIZE_BYTES)
        stored = None if raw is None else self._store.load_session(digest(raw))
        if stored is None:
            return Resumed(None, UNKNOWN_SESSION)
        now = self._clock.now()
        ended = self._reason_to_end(stored, now)
        changed = (
            user_agent is not None
            and self.settings.on_agent_change is not AgentChange.IGNORE
            and stored.agent_family != agent_family(user_agent)
        )
        if not ended and changed and self.settings.on_agent_change is AgentChange.END:
            ended = "agent_changed"
        if ended:
            self._store.end_session(stored.digest)
            return Resumed(None, ended)
        if now - stored.last_seen_at >= self.settings.touch_interval:
            self._store.touch_session(stored.digest, now=now, seen_before=now - self.settings.touch_interval)
        session = ActiveSession(
            session_id=Secret(presented_id),
            digest=stored.digest,
            principal=self._principal_of(stored, is_suspect=changed, now=now),
            state=stored.state,
            must_rotate=stored.must_rotate,
            pending_account=stored.account_id if stored.is_pending else None,
        )
        return Resumed(session, "agent_changed" if changed else "")

    def rotate(self, session: ActiveSession, client: Client, *, confirmed: bool) -> ActiveSession | None:
        """Return the session under a new id; None when another request replaced the id first.

        Args:
            session: the session to go on with.
            client: the caller; its browser family is adopted when ``confirmed``.
            confirmed: a factor was shown just now, which makes the session fresh.
        """
        raw = self._entropy.token_bytes(ID_SIZE_BYTES)
        done = self._store.rotate_session(
            session.digest,
            new_digest=digest(raw),
            confirmed_at=self._clock.now() if confirmed else None,
            agent_family=agent_family(client.user_agent) if confirmed else None,
        )
        if not done:
            return None
        return replace(session, session_id=Secret(encode_token(raw)), digest=digest(raw), must_rotate=False)

    def save_state(
        self, session: ActiveSession, values: Mapping[str, Any], *, drop_oldest: DropOldest = keep_all
    ) -> ActiveSession | None:
        """Keep the values of a session that still exists; see ``session_state.save_state``.

        Return the session as this request sees it from now on; None where it has ended.
        """
        is_kept = save_state(
            self._store, session.digest, values, base=session.state,
            max_size_bytes=self.settings.max_state_bytes, drop_oldest=drop_oldest,
        )  # fmt: skip
        return replace(session, state=json.dumps(values, separators=(",", ":"))) if is_kept else None

    def end(self, session_digest: bytes) -> bool:
        """End the session; tell whether it existed."""
        return self._store.end_session(session_digest)

    def require_live(self, session: ActiveSession) -> None:
        """Raise unless the session is still there, with the rights it had when the request began.

        For the beginning of a unit that acts in its name: the body of a request may arrive long after
        its session was looked at, and the session may have ended meanwhile.

        Raises:
            AccessDenied: it ended, or its account lost a right or was disabled.
        """
        stored = self._store.load_session(session.digest)
        if stored is None or stored.must_rotate or not stored.account_is_active:
            raise session_gone()

    def renew(self, session: ActiveSession, client: Client, *, confirmed: bool) -> ActiveSession:
        """Return the session under a new id; see ``rotate``.

        Raises:
            AccessDenied: it ended under way; the unit at hand is undone.
        """
        rotated = self.rotate(session, client, confirmed=confirmed)
        if rotated is None:
            raise session_gone()
        return rotated

    def end_others(self, account_id: AccountId, *, keep: bytes | None) -> int:
        """End every session of the account but ``keep``; return how many ended."""
        return self._store.end_account_sessions(account_id, keep=keep)

    def list_live(self, account_id: AccountId) -> list[SessionSummary]:
        """Return the account's sessions within their limits, the one used last first (V7.5.2)."""
        now, settings = self._clock.now(), self.settings
        return [
            session for session in self._store.list_sessions(account_id)
            if now - session.created_at < settings.absolute_timeout
            and now - session.last_seen_at < settings.idle_timeout
        ]  # fmt: skip

    def end_one(self, account_id: AccountId, handle: str) -> bool:
        """End one of the account's own sessions by its handle; tell whether it existed."""
        own = self._store.list_sessions(account_id)
        digest_of = {entry.handle: entry.digest for entry in own}
        return handle in digest_of and self._store.end_session(digest_of[handle])

    def purge(self) -> int:
        """Delete sessions past their limits; return how many went."""
        now = self._clock.now()
        return self._store.purge_sessions(
            created_before=now - self.settings.absolute_timeout,
            seen_before=now - self.settings.idle_timeout,
        )

    def _reason_to_end(self, stored: StoredSession, now: datetime) -> str:
        if not stored.account_is_active:
            return "account_disabled"
        if stored.is_pending and now - stored.created_at >= self.settings.pending_timeout:
            return "pending_timeout"
        if now - stored.created_at >= self.settings.absolute_timeout:
            return "absolute_timeout"
        if now - stored.last_seen_at >= self.settings.idle_timeout:
            return "idle_timeout"
        return ""

    def _principal_of(self, stored: StoredSession, *, is_suspect: bool, now: datetime) -> Principal:
        if stored.account_id is None or stored.is_pending:
            return STRANGER
        lacks_factor = not stored.has_factor and self._demands_factor(stored.roles)
        has_rights = not is_suspect and not lacks_factor
        confirmed_at = stored.confirmed_at
        is_fresh = confirmed_at is not None and now - confirmed_at < self.settings.freshness
        return Principal(
            account_id=stored.account_id,
            name=stored.username,
            roles=stored.roles if has_rights else frozenset(),
            permissions=stored.permissions if has_rights else frozenset(),
            is_fresh=is_fresh and not is_suspect,
            is_suspect=is_suspect,
            lacks_factor=lacks_factor,
        )


def session_gone() -> AccessDenied:
    """Return the refusal of a request whose session ended under way; raised in a unit, it undoes it."""
    return AccessDenied(Denied(DenialReason.SIGN_IN_REQUIRED))
