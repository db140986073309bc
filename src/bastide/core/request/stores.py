"""Everything that Bastide keeps, as one value to hand around."""

from dataclasses import dataclass

from bastide.core.attempts import AttemptStore
from bastide.core.foundation import Units
from bastide.core.http import ViolationStore
from bastide.core.mail import MailStore
from bastide.core.records import AccountStore, FactorStore, PasskeyStore, SessionStore, TokenStore
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
