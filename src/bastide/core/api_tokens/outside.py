"""API tokens of owners whose accounts are not Bastide's: the application says who they are at each use."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from bastide.core.foundation import AccountId, Client, Principal, Secret, Units, agent_family
from bastide.core.mail import MailText, Notices
from bastide.core.records import Account
from bastide.core.security_log import EventKind, Outcome, Recorder, account_target
from bastide.core.sessions import Acting, ActiveSession

LoadOwner = Callable[[AccountId], Principal]
_NO_FACTS: Final[Mapping[str, str]] = {}


class OutsideOwners:
    """Gives the owner as the application has them now; see ``AccountStore``."""

    def __init__(self, load: LoadOwner) -> None:
        self._load = load

    def get_account(self, account_id: AccountId) -> Account | None:
        """See ``AccountStore``; whoever may not sign in is nobody."""
        found = self._load(account_id)
        return account_of(found) if found.is_signed_in else None

    def lock_account(self, account_id: AccountId) -> Account | None:
        """See ``AccountStore``; the application's rows are not locked."""
        return self.get_account(account_id)

    def sample_password_hashes(self, limit: int) -> Sequence[str]:  # noqa: ARG002 -- see ``AccountStore``
        """Return none: passwords are the application's own."""
        return ()


class OutsideActing(Acting):
    """Opens a unit; whether its owner still acts, the application has said for this request."""

    def __init__(self, units: Units) -> None:
        self._begin = units

    @contextmanager
    def __call__(self, account_id: AccountId, by: ActiveSession | None) -> Iterator[None]:  # noqa: ARG002 -- see above
        """Open the unit."""
        with self._begin():
            yield


class OutsideNotices(Notices):
    """Records what happened; the application knows where its people are told."""

    def __init__(self, recorder: Recorder) -> None:
        self._to = recorder

    def tell(
        self,
        event: EventKind,
        text: MailText,  # noqa: ARG002 -- no mail is sent
        account: Account,
        client: Client,
        /,
        *,
        by: ActiveSession | None,
        facts: Mapping[str, str] = _NO_FACTS,  # noqa: ARG002 -- likewise
        outcome: Outcome = Outcome.SUCCESS,
        **detail: str,
    ) -> None:
        """Record the event."""
        actor = None if by is None else by.principal.account_id
        self._to.record(
            event, outcome, client, actor=actor, target=account_target(account.id),
            session_digest=b"", agent=agent_family(client.user_agent), **detail,
        )  # fmt: skip


def account_of(principal: Principal) -> Account:
    """Return the owner as tokens know them.

    Args:
        principal: signed in.
    """
    return Account(
        id=principal.account_id or "", username=principal.name, email="", password_hash=None, is_active=True,
        roles=principal.roles,
    )  # fmt: skip


def session_of(principal: Principal) -> ActiveSession:
    """Return what stands for the application's own session."""
    return ActiveSession(session_id=Secret(""), digest=b"", principal=principal)
