"""Showing and changing what is sealed: each time an event, and a notice to its owner (E4)."""

from collections.abc import Iterator
from contextlib import contextmanager

from bastide.core.foundation import Client
from bastide.core.mail import Notices
from bastide.core.records import Account
from bastide.core.security_log import EventKind, Outcome
from bastide.core.sessions import Acting, ActiveSession
from bastide.core.sign_in import Proofs


class Reveals:
    """Notes what an owner is shown of their own sealed values, and what they change of them.

    Threat: a value read or replaced by whoever sits at an open session, without a trace (V14.2.6, V16.3.2).
    """

    def __init__(self, *, acting: Acting, proofs: Proofs, notices: Notices) -> None:
        self._acting = acting
        self._proofs = proofs
        self._notices = notices

    def note_reveal(self, session: ActiveSession, account: Account, client: Client, *, value: str) -> None:
        """Record that the owner is shown the value in full; call it first.

        Args:
            session: fresh, of the account.
            account: whose value it is.
            client: the caller.
            value: what it is called, such as ``social security number``; never the value itself.

        Raises:
            AccessDenied: the session ended meanwhile.
        """
        with self._acting(account.id, session):
            self._tell(EventKind.VALUE_REVEALED, session, account, client, value=value, happened="shown")

    @contextmanager
    def note_change(
        self, session: ActiveSession, account: Account, client: Client, *, value: str
    ) -> Iterator[None]:
        """Open the unit in which the owner sets or removes the value: it is kept and told, or nothing is."""
        with self._acting(account.id, session):
            yield
            self._tell(EventKind.VALUE_CHANGED, session, account, client, value=value, happened="changed")

    def _tell(
        self,
        kind: EventKind,
        session: ActiveSession,
        account: Account,
        client: Client,
        *,
        value: str,
        happened: str,
    ) -> None:
        self._proofs.record(
            kind, client, account, Outcome.SUCCESS, session_digest=session.digest, value=value
        )
        what = f"The {value} of your account was {happened}"
        self._notices.send(account, client, subject=f"Your {value}", what=what)
