"""Sign-ins that the application checks itself, counted within the same budget as Bastide's own."""

import hashlib
from typing import NamedTuple

from bastide.core.attempts import Attempts, Devices, Exhausted, Reserved
from bastide.core.foundation import AccountId, Client, Secret, TooManyRequests, agent_family
from bastide.core.records import account_key
from bastide.core.security_log import EventKind, Outcome, Recorder, account_target
from bastide.core.sign_in.secret_checks import SIGN_IN, RefusalReason, SecretKind


class Drawn(NamedTuple):
    """One attempt, drawn and still to be settled.

    Attributes:
        owner: stands for the name in lanes and device cookies.
        reserved: what was drawn.
    """

    owner: str
    reserved: Reserved


class OutsideSignIns:
    """Counts the attempts before the application's own sign-in looks at a password.

    Whose name it is, only the application knows: the budget is the name's as typed, so somebody who may
    sign in under a name and under an address has one for each.

    Threat: guessing in parallel, spraying, and strangers who lock an owner out (V6.1.1, V6.3.1).
    """

    def __init__(self, *, attempts: Attempts, devices: Devices, recorder: Recorder) -> None:
        self._attempts = attempts
        self._devices = devices
        self._recorder = recorder

    def begin(self, name: str, client: Client) -> Drawn:
        """Draw one attempt; it stays drawn unless it is told to have succeeded.

        Args:
            name: as typed, untrusted.
            client: the caller.

        Raises:
            TooManyRequests: the budget of the name, the device or the network is used up.
        """
        key = account_key(name)
        owner = f"name:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        device_id = self._devices.match_device(client.device_cookie, owner)
        reservation = self._attempts.reserve(owner, name_key=key, address=client.address, device_id=device_id)
        if isinstance(reservation, Exhausted):
            self._recorder.record(
                SIGN_IN.refused, Outcome.REFUSED, client, reason=RefusalReason.LOCKED,
                lane=reservation.lane.kind, by=SecretKind.PASSWORD, agent=agent_family(client.user_agent),
            )  # fmt: skip
            raise TooManyRequests(reservation.retry_after)
        return Drawn(owner, reservation)

    def succeed(self, drawn: Drawn, account_id: AccountId, client: Client) -> Secret:
        """Give back what was drawn; return the device cookie that vouches for this browser from now on."""
        self._attempts.settle_success(drawn.reserved)
        self._recorder.record(
            SIGN_IN.success, Outcome.SUCCESS, client, actor=account_id, target=account_target(account_id),
            by=SecretKind.PASSWORD, agent=agent_family(client.user_agent),
        )  # fmt: skip
        return self._devices.issue_device(client.device_cookie, drawn.owner)

    def fail(self, drawn: Drawn, client: Client) -> None:
        """Record the failure, and each lane that it shut."""
        agent = agent_family(client.user_agent)
        self._recorder.record(
            SIGN_IN.failure, Outcome.FAILURE, client, reason=RefusalReason.WRONG_SECRET,
            by=SecretKind.PASSWORD, agent=agent,
        )  # fmt: skip
        if drawn.reserved.filled:
            lanes = ",".join(lane.kind for lane in drawn.reserved.filled)
            self._recorder.record(EventKind.LOCKED, Outcome.NOTED, client, lane=lanes, agent=agent)
