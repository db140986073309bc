"""Showing and changing what is sealed: each time an event, and a notice to its owner (E4)."""

from collections.abc import Iterator
from contextlib import contextmanager

from bastide.core.foundation import Client
from bastide.core.mail import MailText, Notices
from bastide.core.records import Account
from bastide.core.security_log import EventKind
from bastide.core.sessions import Acting, ActiveSession


class Reveals:
    """Notes what an owner is shown of their own sealed values, and what they change of them.

    Threat: a value read or replaced by whoever sits at an open session, without a trace (V14.2.6, V16.3.2).
    """

    def __init__(self, *, acting: Acting, notices: Notices) -> None:
        self._acting = acting
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
            self._notices.tell(
                EventKind.VALUE_REVEALED, MailText.VALUE_REVEALED, account, client, by=session,
                facts={"value": value}, value=value,
            )  # fmt: skip

    @contextmanager
    def note_change(
        self, session: ActiveSession, account: Account, client: Client, *, value: str
    ) -> Iterator[None]:
        """Open the unit in which the owner sets or removes the value: it is kept and told, or nothing is."""
        with self._acting(account.id, session):
            yield
            self._notices.tell(
                EventKind.VALUE_CHANGED, MailText.VALUE_CHANGED, account, client, by=session,
                facts={"value": value}, value=value,
            )  # fmt: skip
