"""The one way in which any secret of an account is checked: reserve, check, record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from bastide.core.accounts import Account
from bastide.core.attempts import Attempts, Exhausted, Reserved
from bastide.core.client import Client
from bastide.core.devices import Devices
from bastide.core.events import EventKind, Outcome, Recorder


class RefusalReason(StrEnum):
    """Why an attempt was refused; for the log. The person sees one sentence for all."""

    LOCKED = "locked"
    WRONG_SECRET = "wrong_secret"  # noqa: S105 -- a name
    UNKNOWN_ACCOUNT = "unknown_account"
    DISABLED = "disabled"
    FACTOR_NEEDED = "factor_needed"
    SESSION_GONE = "session_gone"


@dataclass(frozen=True, slots=True)
class Refused:
    """The attempt failed, or was not even checked.

    Attributes:
        reason: for the log.
        retry_after: set when the budget is used up and the caller may know.
    """

    reason: RefusalReason
    retry_after: timedelta | None = None


class Proven(NamedTuple):
    """The secret was right; what was drawn for it is still to be settled."""

    account: Account
    reserved: Reserved


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

    def __init__(self, *, attempts: Attempts, devices: Devices, recorder: Recorder) -> None:
        self._attempts = attempts
        self._devices = devices
        self._recorder = recorder

    def check(
        self,
        account: Account | None,
        client: Client,
        *,
        name_key: str,
        way: WayIn,
        is_right: Callable[[], bool],
        decoy: Callable[[], object],
    ) -> Proven | Refused:
        """Draw from the budget, then check; the caller settles what was drawn.

        Args:
            account: whose secret it is; None for a name nobody has.
            client: the caller.
            name_key: the name as looked up, the subject of a lane.
            way: which events tell of it.
            is_right: checks the secret; asked only when the draw went through.
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
                reason=RefusalReason.LOCKED, lane=reservation.lane.kind,
            )  # fmt: skip
            return Refused(RefusalReason.LOCKED, reservation.retry_after if is_told else None)
        if is_right() and account is not None:
            return Proven(account, reservation)
        reason = RefusalReason.UNKNOWN_ACCOUNT if account is None else RefusalReason.WRONG_SECRET
        self.record(way.failure, client, account, Outcome.FAILURE, reason=reason)
        if reservation.filled:
            lanes = ",".join(lane.kind for lane in reservation.filled)
            self.record(EventKind.LOCKED, client, account, Outcome.NOTED, lane=lanes)
        return Refused(reason)

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
        """Append an event about the account; only who succeeded is known to be its owner."""
        target = "" if account is None else f"account:{account.id}"
        actor = account.id if account is not None and outcome is Outcome.SUCCESS else None
        self._recorder.record(
            kind, outcome, client, actor=actor, target=target, session_digest=session_digest, **detail
        )
