"""Messages to an account's owner about what happened to it."""

from bastide.core.accounts import Account
from bastide.core.client import Client
from bastide.core.errors import StoreUnavailable
from bastide.core.events import EventKind, Outcome, Recorder
from bastide.core.mail import Mailer, Message


class Notices:
    """Tells owners by mail (V6.3.7)."""

    def __init__(self, *, mailer: Mailer, recorder: Recorder) -> None:
        self._mailer = mailer
        self._recorder = recorder

    def send(self, account: Account, client: Client, *, subject: str, what: str) -> None:
        """Tell the owner; what happened stands even if the mail cannot go out, and the log says so.

        Args:
            account: whose owner is told.
            client: the caller, for the log.
            subject: of the message.
            what: one sentence without a full stop, in the middle of the text.
        """
        body = (
            f"Hello {account.username},\n\n{what}.\n"
            "If this was not you, answer this message or contact an administrator at once.\n"
        )
        try:
            self._mailer.send(Message(to=account.email, subject=subject, body=body))
        except StoreUnavailable:
            target = f"account:{account.id}"
            self._recorder.record(EventKind.NOTICE_UNDELIVERED, Outcome.FAILURE, client, target=target)
