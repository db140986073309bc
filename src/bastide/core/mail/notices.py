"""Messages to an account's owner about what happened to it."""

from bastide.core.foundation import Client, Clock, agent_family, minute_text
from bastide.core.mail.message import Message
from bastide.core.mail.outbox import Outbox
from bastide.core.records import Account


class Notices:
    """Tells owners by mail, as part of the unit that changes what they are told of (V6.3.7)."""

    def __init__(self, *, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    def send(
        self, account: Account, client: Client, *, subject: str, what: str, to: str | None = None
    ) -> None:
        """Tell the owner.

        Args:
            account: whose owner is told.
            client: the caller; the message says from where it was.
            subject: of the message.
            what: one sentence without a full stop, in the middle of the text.
            to: an address that is no longer the account's, or None for the account's own.

        Raises:
            StoreUnavailable: the message could not be kept; the unit fails with it.
        """
        where = f"{minute_text(self._clock.now())}, {agent_family(client.user_agent)}, {client.address}"
        body = (
            f"Hello {account.username},\n\n{what}.\nWhen and where from: {where}\n\n"
            "If this was not you, answer this message or contact an administrator at once.\n"
        )
        self._outbox.send(Message(to=to or account.email, subject=subject, body=body))
