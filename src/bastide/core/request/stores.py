"""Everything that Bastide keeps, as one value to hand around."""

from contextlib import nullcontext
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from bastide.core.accounts import IdentityStore
from bastide.core.attempts import AttemptStore
from bastide.core.foundation import ConfigurationError, Units
from bastide.core.http import ViolationStore
from bastide.core.mail import MailStore
from bastide.core.records import AccountStore, FactorStore, PasskeyStore, SessionStore, TokenStore
from bastide.core.request.layers import Absent, Layer
from bastide.core.security_log import EventLog
from bastide.core.sign_in import TicketStore
from bastide.core.uploads import UploadStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The stores of one application, all over one kind of storage.

    Attributes:
        units: contexts in which everything the calling thread writes is kept, or nothing. Attempts are
            never drawn in one: they count also when what follows fails.
    """

    accounts: AccountStore
    identities: IdentityStore
    attempts: AttemptStore
    sessions: SessionStore
    tickets: TicketStore
    factors: FactorStore
    passkeys: PasskeyStore
    tokens: TokenStore
    events: EventLog
    violations: ViolationStore
    mail: MailStore
    uploads: UploadStore
    units: Units


def absent_stores() -> dict[str, Any]:
    """Return every store of ``Stores`` as it is where its layer is off; what is on takes its place."""
    kept_by = {
        "attempts": Layer.ATTEMPTS, "events": Layer.LOG, "uploads": Layer.UPLOADS, "tokens": Layer.API_TOKENS,
        "violations": Layer.REPORTS,
    }  # fmt: skip
    stores = {store.name: Absent(kept_by.get(store.name, Layer.ACCOUNTS)) for store in fields(Stores)}
    return {**stores, "units": Units(nullcontext)}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """How long the stores wait for their database; after that the answer is 503.

    Attributes:
        lock_timeout: for what another transaction holds, such as a row that the request itself locked.
        statement_timeout: for the end of one statement; SQLite knows none.

    Threat: requests that wait for each other until no worker is left (V13.2.6).
    """

    lock_timeout: timedelta = timedelta(seconds=5)
    statement_timeout: timedelta = timedelta(seconds=30)

    def __post_init__(self) -> None:
        # To a database, 0 means for ever.
        if not timedelta(milliseconds=1) <= self.lock_timeout <= self.statement_timeout:
            msg = "the stores need 1 ms <= lock_timeout <= statement_timeout"
            raise ConfigurationError(msg)

    @property
    def lock_timeout_ms(self) -> int:
        """The time for locks as databases read it."""
        return self.lock_timeout // timedelta(milliseconds=1)

    @property
    def statement_timeout_ms(self) -> int:
        """The time for a statement as databases read it."""
        return self.statement_timeout // timedelta(milliseconds=1)
