"""Sign-ins that the application checks itself, counted within the same budget as Bastide's own."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bastide.core.attempts import Attempts, Devices, Exhausted, Reserved
from bastide.core.foundation import AccountId, Client, Secret, TooManyRequests, agent_family
from bastide.core.records import account_key
from bastide.core.security_log import EventKind, Outcome, Recorder, account_target
from bastide.core.sign_in.secret_checks import SIGN_IN, RefusalReason, SecretKind


class Drawn(NamedTuple):
    """One name's share of an attempt, drawn and still to be settled.

    Attributes:
        key: of the name, see ``account_key``.
        owner: stands for it in lanes and device cookies.
        reserved: what was drawn.
    """

    key: str
    owner: str
    reserved: Reserved


class OutsideSignIns:
    """Counts the attempts before the application's own sign-in looks at a password.

    Whose name it is, only the application knows: the budget is the name's as typed, so somebody who may
    sign in under a name and under an address has one for each. Where several names come at once, any of
    them may be looked at, and each is counted.

    Threat: guessing in parallel, spraying, guessing at one name while another is counted, and strangers who
    lock an owner out (V6.1.1, V6.3.1).
    """

    def __init__(self, *, attempts: Attempts, devices: Devices, recorder: Recorder) -> None:
        self._attempts = attempts
        self._devices = devices
        self._recorder = recorder

    def begin(self, names: Iterable[str], client: Client) -> tuple[Drawn, ...]:
        """Draw one attempt at every name; it stays drawn unless it is told to have succeeded.

        Args:
            names: as typed, untrusted; at least one.
            client: the caller.

        Raises:
            TooManyRequests: the budget of a name, the device or the network is used up.
        """
        keys = dict.fromkeys(account_key(name) for name in names)
        return tuple(self._draw(key, client) for key in keys)

    def _draw(self, key: str, client: Client) -> Drawn:
        owner = f"name:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        device_id = self._devices.match_device(client.device_cookie, owner)
        reservation = self._attempts.reserve(owner, name_key=key, address=client.address, device_id=device_id)
        if isinstance(reservation, Exhausted):
            self._recorder.record(
                SIGN_IN.refused, Outcome.REFUSED, client, reason=RefusalReason.LOCKED,
                lane=reservation.lane.kind, by=SecretKind.PASSWORD, agent=agent_family(client.user_agent),
            )  # fmt: skip
            raise TooManyRequests(reservation.retry_after)
        return Drawn(key, owner, reservation)

    def succeed(
        self, drawn: Sequence[Drawn], account_id: AccountId, client: Client, *, names: Iterable[str] = ()
    ) -> Secret | None:
        """Give back what was drawn; return the device cookie that vouches for this browser from now on.

        Of several names only the account's own count: whoever signs in beside somebody else's name must not
        buy guesses at that. None where none of them is.

        Args:
            drawn: as ``begin`` returned it.
            account_id: who signed in.
            client: the caller.
            names: under which the account may sign in, as far as they are known.
        """
        keys = {account_key(name) for name in names}
        own = [each for each in drawn if len(drawn) == 1 or each.key in keys]
        cookie = None
        for each in own:
            self._attempts.settle_success(each.reserved)
            cookie = self._devices.issue_device(
                client.device_cookie if cookie is None else cookie.reveal(), each.owner
            )
        self._recorder.record(
            SIGN_IN.success, Outcome.SUCCESS, client, actor=account_id, target=account_target(account_id),
            by=SecretKind.PASSWORD, agent=agent_family(client.user_agent),
        )  # fmt: skip
        return cookie

    def fail(self, drawn: Sequence[Drawn], client: Client) -> None:
        """Record the failure, and each lane that it shut."""
        agent = agent_family(client.user_agent)
        self._recorder.record(
            SIGN_IN.failure, Outcome.FAILURE, client, reason=RefusalReason.WRONG_SECRET,
            by=SecretKind.PASSWORD, agent=agent,
        )  # fmt: skip
        filled = dict.fromkeys(lane.kind for each in drawn for lane in each.reserved.filled)
        if filled:
            self._recorder.record(EventKind.LOCKED, Outcome.NOTED, client, lane=",".join(filled), agent=agent)
