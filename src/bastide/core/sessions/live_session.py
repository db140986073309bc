"""An act on an account: one unit, in the name of a session that is still there."""

from collections.abc import Iterator
from contextlib import contextmanager

from bastide.core.foundation import AccountId, Units
from bastide.core.records import AccountStore
from bastide.core.sessions.sessions import ActiveSession, Sessions


class Acting:
    """Opens the unit of whatever changes an account.

    The account's row is locked first, so that no two acts on it interleave; then the session is looked at
    once more, since the body of a request may arrive long after its session was.

    Threat: an act in the name of a session that ended, or of an owner who was disabled, meanwhile (V2.3.3,
    V7.4.1, V7.4.2).
    """

    def __init__(self, *, accounts: AccountStore, sessions: Sessions, units: Units) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._units = units

    @contextmanager
    def __call__(self, account_id: AccountId, by: ActiveSession | None) -> Iterator[None]:
        """Open the unit.

        Args:
            account_id: the account that is acted on.
            by: the session of who acts; None for a shell command.

        Raises:
            AccessDenied: the session ended, or its account lost a right or was disabled; nothing is changed.
        """
        with self._units():
            self._accounts.lock_account(account_id)
            if by is not None:
                self._sessions.require_live(by)
            yield
