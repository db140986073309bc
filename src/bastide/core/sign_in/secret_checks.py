"""The one way in which any secret of an account is checked: reserve, check, record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, Generic, NamedTuple, TypeVar

from bastide.core.attempts import Attempts, Devices, Exhausted, Reserved
from bastide.core.foundation import Client, TooManyRequests, Units, agent_family
from bastide.core.records import Account, AccountStore, account_key
from bastide.core.security_log import EventKind, Outcome, Recorder, account_target
from bastide.core.sessions import ActiveSession

T = TypeVar("T")


class RefusalReason(StrEnum):
    """Why an attempt was refused; for the log. The person sees one sentence for all."""

    LOCKED = "locked"
    WRONG_SECRET = "wrong_secret"  # noqa: S105 -- a name
    UNKNOWN_ACCOUNT = "unknown_account"
    DISABLED = "disabled"
    FACTOR_NEEDED = "factor_needed"
    SESSION_GONE = "session_gone"


class SecretKind(StrEnum):
    """What was shown; for the log, so that guessing of codes is told from guessing of passwords (V16.3.1)."""

    PASSWORD = "password"  # noqa: S105 -- a name
    AUTHENTICATOR = "authenticator"
    BACKUP_CODE = "backup_code"
    PASSKEY = "passkey"
    OUTSIDE = "outside"  # whatever the application itself asked for


@dataclass(frozen=True, slots=True)
class Refused:
    """The attempt failed, or was not even checked.

    Attributes:
        reason: for the log.
        retry_after: set when the budget is used up and the caller may know.
    """

    reason: RefusalReason
    retry_after: timedelta | None = None


class Proven(NamedTuple, Generic[T]):
    """The secret was right; what was drawn for it is still to be settled.

    Attributes:
        account: whose secret it was.
        reserved: what was drawn.
        outcome: what the check returned.
    """

    account: Account
    reserved: Reserved
    outcome: T


@dataclass(frozen=True, slots=True)
class WayIn:
    """The three events of one way in."""

    success: EventKind
    failure: EventKind
    refused: EventKind


SIGN_IN: Final = WayIn(EventKind.LOGIN_SUCCESS, EventKind.LOGIN_FAILURE, EventKind.LOGIN_REFUSED)
SECOND_FACTOR: Final = WayIn(EventKind.FACTOR_SUCCESS, EventKind.FACTOR_FAILURE, EventKind.FACTOR_REFUSED)
CONFIRM: Final = WayIn(EventKind.CONFIRM_SUCCESS, EventKind.CONFIRM_FAILURE, EventKind.CONFIRM_REFUSED)


class Proofs:
    """Lets a secret be checked within the budget, whatever the secret is (V6.3.1)."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        attempts: Attempts,
        devices: Devices,
        units: Units,
        recorder: Recorder,
    ) -> None:
        self._accounts = accounts
        self._attempts = attempts
        self._units = units
        self._devices = devices
        self._recorder = recorder

    def check(
        self,
        account: Account | None,
        client: Client,
        *,
        name_key: str,
        way: WayIn,
        by: SecretKind,
        prove: Callable[[], T | None],
        decoy: Callable[[], object] = lambda: None,
    ) -> Proven[T] | Refused:
        """Draw from the budget, then check; the caller settles what was drawn.

        What is drawn stays drawn whatever fails afterwards: it is never part of a unit.

        Args:
            account: whose secret it is; None for a name nobody has.
            client: the caller.
            name_key: the name as looked up, the subject of a lane.
            way: which events tell of it.
            by: kind of the secret, for the log.
            prove: checks the secret, and may do at once what it opens; None when it is wrong. Asked only
                when the draw went through.
            decoy: costs what the check costs; asked when a lock must not show.
        """
        account_id = None if account is None else account.id
        device_id = None if account is None else self._devices.match_device(client.device_cookie, account.id)
        reservation = self._attempts.reserve(
            account_id, name_key=name_key, address=client.address, device_id=device_id
        )
        if isinstance(reservation, Exhausted):
            is_told = reservation.may_be_told
            if not is_told:
                decoy()
            self.record(
                way.refused, client, account, Outcome.REFUSED,
                reason=RefusalReason.LOCKED, lane=reservation.lane.kind, by=by,
            )  # fmt: skip
            return Refused(RefusalReason.LOCKED, reservation.retry_after if is_told else None)
        outcome = prove()
        if outcome is not None and account is not None:
            return Proven(account, reservation, outcome)
        reason = RefusalReason.UNKNOWN_ACCOUNT if account is None else RefusalReason.WRONG_SECRET
        self.record(way.failure, client, account, Outcome.FAILURE, reason=reason, by=by)
        if reservation.filled:
            lanes = ",".join(lane.kind for lane in reservation.filled)
            self.record(EventKind.LOCKED, client, account, Outcome.NOTED, lane=lanes)
        return Refused(reason)

    def redeem(
        self,
        account: Account,
        client: Client,
        *,
        way: WayIn,
        by: SecretKind,
        use: Callable[[], bool],
        go_on: Callable[[], ActiveSession | None],
    ) -> ActiveSession | Refused:
        """Use a single-use secret up together with what it opens: both or neither, within the budget.

        Args:
            account: whose secret it is.
            client: the caller.
            way: which events tell of it.
            by: kind of the secret, for the log.
            use: uses the secret up; False where it is wrong, or somebody was faster.
            go_on: gives the session that it opens, or None where that one is gone.
        """

        def prove() -> ActiveSession | Refused | None:
            with self._units():
                now = self._accounts.lock_account(account.id)
                if now is None or not now.is_active:
                    return Refused(RefusalReason.DISABLED)
                if not use():
                    return None
                session = go_on()
                if session is None:
                    return Refused(RefusalReason.SESSION_GONE)
                self.record(
                    way.success, client, account, Outcome.SUCCESS, session_digest=session.digest, by=by
                )
                return session

        verdict: Proven[ActiveSession | Refused] | Refused = self.check(
            account, client, name_key=account_key(account.username), way=way, by=by, prove=prove
        )
        if isinstance(verdict, Refused):
            return verdict
        self._attempts.settle_success(verdict.reserved)
        return verdict.outcome

    def find_nameless(self, find: Callable[[], T | None], client: Client) -> T | None:
        """Return what a secret without a name opens, or None; a wrong one is an attempt of its network's.

        Args:
            find: looks the secret up and uses nothing up.
            client: the caller.

        Raises:
            TooManyRequests: that lane is shut; nothing was looked up (V6.6.3).
        """
        reservation = self._attempts.reserve_nameless(client.address)
        if isinstance(reservation, Exhausted):
            reason = RefusalReason.LOCKED
            self.record(EventKind.LINK_REFUSED, client, None, Outcome.REFUSED, reason=reason)
            raise TooManyRequests(reservation.retry_after)
        found = find()
        if found is None:
            self.record(EventKind.LINK_FAILURE, client, None, Outcome.FAILURE)
        else:
            self._attempts.refund(reservation)
        return found

    def record(
        self,
        kind: EventKind,
        client: Client,
        account: Account | None,
        outcome: Outcome,
        /,
        *,
        session_digest: bytes = b"",
        **detail: str,
    ) -> None:
        """Append an event about the account; only who succeeded is known to be its owner.

        The browser's family goes with it, so that owners can tell their own from others.
        """
        target = "" if account is None else account_target(account.id)
        actor = account.id if account is not None and outcome is Outcome.SUCCESS else None
        self._recorder.record(
            kind, outcome, client, actor=actor, target=target, session_digest=session_digest,
            agent=agent_family(client.user_agent), **detail,
        )  # fmt: skip
