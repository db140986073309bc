"""What is kept, behind one lock, and what more than one store does to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import count
from threading import RLock

from bastide.core.attempts import Lane, LaneKind
from bastide.core.foundation import AccountId
from bastide.core.http import ViolationGroup
from bastide.core.mail import QueuedMail
from bastide.core.records import Account, AccountKeys, NewSession, NewToken, StoredPasskey, StoredTotp
from bastide.core.security_log import ChainEnd, ChainRow, Event
from bastide.core.sign_in import Ticket
from bastide.core.uploads import Upload


@dataclass(slots=True)
class AccountRow:
    """An account with what its name and its address are found by."""

    account: Account
    keys: AccountKeys


@dataclass(slots=True)
class SessionRow:
    """A session with its times."""

    session: NewSession
    created_at: datetime
    last_seen_at: datetime
    must_rotate: bool = False


@dataclass(slots=True)
class TokenRow:
    """An API token and when it was last used."""

    token: NewToken
    last_used_at: datetime | None = None


@dataclass(slots=True)
class LaneRow:
    """A lane and how much of it is used."""

    lane: Lane
    used: int
    ends_at: datetime


@dataclass(slots=True)
class Data:
    """Everything kept, behind one lock."""

    lock: RLock = field(default_factory=RLock)
    ids: "count[int]" = field(default_factory=lambda: count(1))
    accounts: dict[AccountId, AccountRow] = field(default_factory=dict)
    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    sessions: dict[bytes, SessionRow] = field(default_factory=dict)
    lanes: dict[tuple[LaneKind, str], LaneRow] = field(default_factory=dict)
    tickets: dict[bytes, Ticket] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    chain: list[ChainRow] = field(default_factory=list)
    base: ChainEnd | None = None
    head: ChainEnd | None = None
    totp: dict[AccountId, StoredTotp] = field(default_factory=dict)
    backup_codes: dict[AccountId, set[bytes]] = field(default_factory=dict)
    passkeys: dict[bytes, StoredPasskey] = field(default_factory=dict)
    violations: dict[str, ViolationGroup] = field(default_factory=dict)
    mail: dict[bytes, QueuedMail] = field(default_factory=dict)
    tokens: dict[str, TokenRow] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Put everything but the attempts back where the block fails."""
        with self.lock:
            names = [entry.name for entry in fields(self) if entry.name not in {"lock", "ids", "lanes"}]
            before = deepcopy({name: getattr(self, name) for name in names})
            try:
                yield
            except BaseException:
                for name, value in before.items():
                    setattr(self, name, value)
                raise


def end_sessions(data: Data, account_id: AccountId, *, keep: bytes | None) -> int:
    """Delete every session of the account but ``keep``; return how many went."""
    keys = [key for key, row in data.sessions.items() if row.session.account_id == account_id and key != keep]
    for key in keys:
        del data.sessions[key]
    return len(keys)


def end_tokens(data: Data, account_id: AccountId) -> int:
    """Delete every API token of the account; return how many went."""
    keys = [key for key, row in data.tokens.items() if row.token.account_id == account_id]
    for key in keys:
        del data.tokens[key]
    return len(keys)


def end_access(data: Data, account_id: AccountId) -> None:
    """Delete every session and every API token of the account."""
    end_sessions(data, account_id, keep=None)
    end_tokens(data, account_id)
