"""Stores in this process's memory: for tests and for a single process that may forget."""

from bastide.core.foundation import Units
from bastide.core.request import Stores
from bastide.stores.memory.accounts import MemoryAccounts
from bastide.stores.memory.attempts import MemoryAttempts
from bastide.stores.memory.data import Data
from bastide.stores.memory.events import MemoryEvents
from bastide.stores.memory.factors import MemoryFactors
from bastide.stores.memory.identities import MemoryIdentities
from bastide.stores.memory.mail import MemoryMail
from bastide.stores.memory.passkeys import MemoryPasskeys
from bastide.stores.memory.sessions import MemorySessions
from bastide.stores.memory.tickets import MemoryTickets
from bastide.stores.memory.tokens import MemoryTokens
from bastide.stores.memory.uploads import MemoryUploads
from bastide.stores.memory.violations import MemoryViolations

__all__ = [
    "MemoryAccounts",
    "MemoryAttempts",
    "MemoryEvents",
    "MemoryFactors",
    "MemoryIdentities",
    "MemoryMail",
    "MemoryPasskeys",
    "MemorySessions",
    "MemoryTickets",
    "MemoryTokens",
    "MemoryUploads",
    "MemoryViolations",
    "memory_stores",
]


def memory_stores() -> Stores:
    """Return empty stores that share one lock."""
    data = Data()
    return Stores(
        accounts=MemoryAccounts(data),
        attempts=MemoryAttempts(data),
        sessions=MemorySessions(data),
        tickets=MemoryTickets(data),
        identities=MemoryIdentities(data),
        factors=MemoryFactors(data),
        passkeys=MemoryPasskeys(data),
        tokens=MemoryTokens(data),
        events=MemoryEvents(data),
        violations=MemoryViolations(data),
        mail=MemoryMail(data),
        uploads=MemoryUploads(data),
        units=Units(data.unit),
    )
