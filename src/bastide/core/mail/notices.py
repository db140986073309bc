"""Messages to an account's owner about what happened to it."""

from collections.abc import Mapping
from typing import Final

from bastide.core.foundation import Client, InvalidInput, agent_family, minute_text
from bastide.core.mail.letters import Letters
from bastide.core.mail.outbox import Outbox
from bastide.core.mail.texts import MailText
from bastide.core.records import Account
from bastide.core.security_log import EventKind, Outcome, Recorder, account_target
from bastide.core.sessions import ActiveSession

_NO_FACTS: Final[Mapping[str, str]] = {}


class Notices:
    """Tells owners by mail, as part of the unit that changes what they are told of (V6.3.7)."""

    def __init__(self, *, letters: Letters, outbox: Outbox, recorder: Recorder) -> None:
        self._letters = letters
        self._outbox = outbox
        self._recorder = recorder

    def tell(
        self,
        event: EventKind,
        text: MailText,
        account: Account,
        client: Client,
        /,
        *,
        by: ActiveSession | None,
        facts: Mapping[str, str] = _NO_FACTS,
        outcome: Outcome = Outcome.SUCCESS,
        **detail: str,
    ) -> None:
        """Record what happened to the account and tell its owner.

        The browser's family goes with what owners did, so that they can tell their own acts from others'.

        Args:
            event: what happened.
            text: what the owner reads of it.
            account: to whose account.
            client: the caller.
            by: the session of who acted, or None for a shell command, a stranger, and whoever holds a link.
            facts: what the text names besides.
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
        self.send(text, account, client, facts=facts)

    def send(
        self,
        text: MailText,
        account: Account,
        client: Client,
        *,
        facts: Mapping[str, str] = _NO_FACTS,
        to: str | None = None,
    ) -> None:
        """Tell the owner, unless there is no address to do it at.

        Args:
            text: what the owner reads.
            account: whose owner is told.
            client: the caller; the message says from where it was.
            facts: what the text names besides.
            to: an address that is no longer the account's, or None for the account's own.

        Raises:
            StoreUnavailable: the message could not be kept; the unit fails with it.
        """
        address = to or account.email
        if not address:
            return
        known = {
            "username": account.username,
            "at": minute_text(self._recorder.now()),
            "agent": agent_family(client.user_agent),
            "address": client.address,
        }
        try:
            message = self._letters.write(text, to=address, facts={**known, **facts})
        except InvalidInput as error:
            if error.field != "to":
                raise
            # What an application of before took for an address, and no mail server does.
            return
        self._outbox.send(message)
