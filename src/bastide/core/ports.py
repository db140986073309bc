"""Everything that Bastide keeps, as one value to hand around."""

from dataclasses import dataclass

from bastide.core.accounts import AccountStore
from bastide.core.csp import ViolationStore
from bastide.core.factors import FactorStore, PasskeyStore
from bastide.core.lanes import AttemptStore
from bastide.core.log import EventLog
from bastide.core.outbox import MailStore
from bastide.core.stored_sessions import SessionStore
from bastide.core.stored_tokens import TokenStore
from bastide.core.tickets import TicketStore
from bastide.core.units import Units
from bastide.core.uploads import UploadStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The stores of one application, all over one kind of storage.

    Attributes:
        units: contexts in which everything the calling thread writes is kept, or nothing. Attempts are
            never drawn in one: they count also when what follows fails.
    """

    accounts: AccountStore
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
