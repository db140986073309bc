"""Showing and changing what is sealed: each time an event, and a notice to its owner (E4)."""

from bastide.core.accounts import Account, AccountStore
from bastide.core.client import Client
from bastide.core.notices import Notices
from bastide.core.proofs import Proofs
from bastide.core.sessions import ActiveSession, Sessions
from bastide.core.units import Units
from bastide.core.vocabulary import EventKind, Outcome


class Reveals:
    """Notes what an owner is shown of their own sealed values, before it is shown.

    Threat: a value read by whoever sits at an open session, without a trace (V14.2.6, V16.3.2).
    """

    def __init__(
        self, *, accounts: AccountStore, proofs: Proofs, sessions: Sessions, notices: Notices, units: Units
    ) -> None:
        self._accounts = accounts
        self._proofs = proofs
        self._sessions = sessions
        self._notices = notices
        self._units = units

    def note_shown(self, session: ActiveSession, account: Account, client: Client, *, value: str) -> None:
        """Record that the owner is shown the value in full; call it first.

        Args:
            session: fresh, of the account.
            account: whose value it is.
            client: the caller.
            value: what it is called, such as ``social security number``; never the value itself.

        Raises:
            AccessDenied: the session ended meanwhile.
        """
        self._note(EventKind.VALUE_REVEALED, session, account, client, value=value, happened="was shown")

    def note_changed(self, session: ActiveSession, account: Account, client: Client, *, value: str) -> None:
        """Record that the owner set or removed the value."""
        self._note(EventKind.VALUE_CHANGED, session, account, client, value=value, happened="was changed")

    def _note(
        self,
        kind: EventKind,
        session: ActiveSession,
        account: Account,
        client: Client,
        *,
        value: str,
        happened: str,
    ) -> None:
        with self._units():
            self._accounts.lock_account(account.id)
            self._sessions.require_live(session)
            self._proofs.record(
                kind, client, account, Outcome.SUCCESS, session_digest=session.digest, value=value
            )
            what = f"The {value} of your account {happened}"
            self._notices.send(account, client, subject=f"Your {value}", what=what)
