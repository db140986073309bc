"""Messages to an account's owner about what happened to it."""

from bastide.core.foundation import Client, agent_family, minute_text
from bastide.core.mail.message import Message
from bastide.core.mail.outbox import Outbox
from bastide.core.records import Account
from bastide.core.security_log import EventKind, Outcome, Recorder, account_target
from bastide.core.sessions import ActiveSession


class Notices:
    """Tells owners by mail, as part of the unit that changes what they are told of (V6.3.7)."""

    def __init__(self, *, outbox: Outbox, recorder: Recorder) -> None:
        self._outbox = outbox
        self._recorder = recorder

    def tell(
        self,
        event: EventKind,
        account: Account,
        client: Client,
        /,
        *,
        by: ActiveSession | None,
        subject: str,
        what: str,
        outcome: Outcome = Outcome.SUCCESS,
        **detail: str,
    ) -> None:
        """Record what happened to the account and tell its owner.

        The browser's family goes with what owners did, so that they can tell their own acts from others'.

        Args:
            event: what happened.
            account: to whose account.
            client: the caller.
            by: the session of who acted, or None for a shell command, a stranger, and whoever holds a link.
            subject: see ``send``.
            what: see ``send``.
            outcome: how it ended.
            detail: see ``Recorder.record``.

        Raises:
            StoreUnavailable: one of both could not be kept; the unit fails with it.
        """
        actor = None if by is None else by.principal.account_id
        if actor == account.id:
            detail["agent"] = agent_family(client.user_agent)
        self._recorder.record(
            event, outcome, client, actor=actor, target=account_target(account.id),
            session_digest=b"" if by is None else by.digest, **detail,
        )  # fmt: skip
        self.send(account, client, subject=subject, what=what)

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
        where = f"{minute_text(self._recorder.now())}, {agent_family(client.user_agent)}, {client.address}"
        body = (
            f"Hello {account.username},\n\n{what}.\nWhen and where from: {where}\n\n"
            "If this was not you, answer this message or contact an administrator at once.\n"
        )
        self._outbox.send(Message(to=to or account.email, subject=subject, body=body))
