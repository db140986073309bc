"""Sessions as they are kept, and the port to what keeps them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from bastide.core.foundation import AccountId

HANDLE_LENGTH: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session about to be stored.

    Attributes:
        digest: SHA-256 of the id; the id itself is never stored.
        account_id: None for a stranger's session (it holds messages, not rights).
        is_pending: the password was right, and a second factor is still to be shown.
        state: JSON object as text.
        confirmed_at: when a factor was last shown; None for strangers.
        agent_family: browser family, not the header.
        network: address, or /64.
    """

    digest: bytes
    account_id: AccountId | None
    state: str
    confirmed_at: datetime | None
    agent_family: str
    network: str
    is_pending: bool = False


class StoredSession(NamedTuple):
    """A session with its account as of now, read in one keyed look-up.

    Attributes:
        must_rotate: the account's rights changed; the id is replaced at the next answer.
        is_pending: see ``NewSession``.
        has_factor: the account has a confirmed second factor.
        account_is_active: False when disabled or deleted; a stranger's session has True.
        roles: the account's roles, as of this read.
        permissions: what they grant, as of this read.
    """

    digest: bytes
    account_id: AccountId | None
    state: str
    created_at: datetime
    last_seen_at: datetime
    confirmed_at: datetime | None
    agent_family: str
    must_rotate: bool
    is_pending: bool
    has_factor: bool
    account_is_active: bool
    username: str
    roles: frozenset[str]
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """A session as its owner sees it.

    Attributes:
        digest: its key in the store.
        created_at: when its owner signed in.
        last_seen_at: when it was last used, to the touch interval.
        agent_family: browser and platform.
        network: address, or /64.
    """

    digest: bytes
    created_at: datetime
    last_seen_at: datetime
    agent_family: str
    network: str

    @property
    def handle(self) -> str:
        """What a form calls it by: part of the digest, which opens nothing."""
        return self.digest.hex()[:HANDLE_LENGTH]
