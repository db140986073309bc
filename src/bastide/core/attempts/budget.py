"""One attempt budget for every way in, reserved before the secret is looked at.

A reservation draws from lanes. A device on which the owner signed in before draws from its own lane
only; everybody else draws from the lane of the name as typed, of the network, of everybody and of the
account. Each draw is one atomic step in the shared store and comes before the check, so that N parallel
guesses never get more checks than the budget holds.

What is said aloud depends only on what the caller did: a shut name or network is told with the time to
wait, a shut account is answered like a wrong secret. Otherwise a lock set under the user name would
show under the address, and tell whose address it is. When the lane of everybody is shut, nobody is
refused for it; each network gets fewer tries until it opens.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bastide.core.attempts.lanes import Exhausted, Lane, LaneKind, Lock, Reservation, Reserved
from bastide.core.attempts.ports import AttemptStore
from bastide.core.attempts.rates import Rate, Share
from bastide.core.foundation import UNKNOWN_ADDRESS, AccountId, Clock, ConfigurationError, network_of

_BY_NETWORK = frozenset({LaneKind.NETWORK, LaneKind.LINK, LaneKind.TOKEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptSettings:
    """The budget.

    Attributes:
        account_limit: failures per account from unknown devices.
        device_limit: failures per account on a known device.
        network_limit: failures per address, or IPv6 /64.
        global_limit: failures in all from unknown devices, before networks get less.
        flood_network_limit: failures per network while ``global_limit`` is reached.
        link_limit: mailed links per network that open nothing; a lane of its own, since any page can make
            its visitors' browsers ask for some.
        token_limit: API tokens per network that open nothing; a lane of its own, so that a forgotten script
            does not shut the people around it out.
        period: counting starts again this long after the first failure, and a full lane stays
            shut this long after the last one.
    """

    account_limit: int = 5
    device_limit: int = 5
    network_limit: int = 20
    global_limit: int = 1000
    flood_network_limit: int = 3
    link_limit: int = 100
    token_limit: int = 20
    period: timedelta = timedelta(minutes=15)

    def __post_init__(self) -> None:
        limits = (
            self.account_limit, self.device_limit, self.network_limit, self.global_limit,
            self.flood_network_limit, self.link_limit, self.token_limit,
        )  # fmt: skip
        if min(limits) < 1:
            msg = "every attempt limit must be at least 1"
            raise ConfigurationError(msg)
        if self.period <= timedelta():
            msg = "the attempt period must be positive"
            raise ConfigurationError(msg)


class Attempts:
    """Reserves and settles attempts.

    Threat: parallel guessing, spraying, and locking a stranger's account (V6.1.1, V6.3.1).
    """

    def __init__(self, *, store: AttemptStore, clock: Clock, settings: AttemptSettings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings

    def reserve(
        self, account_id: AccountId | None, *, name_key: str, address: str, device_id: str | None
    ) -> Reservation:
        """Draw one attempt before a secret is checked.

        Args:
            account_id: the account, once resolved; None for a name nobody has.
            name_key: the normalised name, the lane's subject where no account was found.
            address: the caller's address.
            device_id: evidence of a known device for this very account, or None.
        """
        owner = "" if account_id is None else str(account_id)
        if owner and device_id is not None:
            limit = self._settings.device_limit
            return self._draw(self._lane(LaneKind.DEVICE, f"{owner}:{device_id}", limit, owner))
        return self._reserve_for_stranger(owner, hashlib.sha256(name_key.encode()).hexdigest(), address)

    def _reserve_for_stranger(self, owner: str, name: str, address: str) -> Reservation:
        settings = self._settings
        everybody = self._draw(self._lane(LaneKind.GLOBAL, "", settings.global_limit))
        is_flooded = isinstance(everybody, Exhausted)
        network_limit = settings.flood_network_limit if is_flooded else settings.network_limit
        told = self._draw(
            self._lane(LaneKind.NAME, name, settings.account_limit, owner),
            self._lane(LaneKind.NETWORK, network_of(address), network_limit),
        )
        if isinstance(told, Exhausted):
            if isinstance(everybody, Reserved):
                self._store.refund_attempt(everybody.lanes, now=self._clock.now())
            return told
        # The two kinds of subject cannot meet: an id never carries the prefix of a digest.
        subject = f"id:{owner}" if owner else f"name:{name}"
        hidden = self._draw(self._lane(LaneKind.ACCOUNT, subject, settings.account_limit, owner))
        if isinstance(hidden, Exhausted):
            return hidden
        drawn = (hidden, told) if isinstance(everybody, Exhausted) else (hidden, told, everybody)
        return Reserved(
            tuple(lane for part in drawn for lane in part.lanes),
            tuple(lane for part in drawn for lane in part.filled),
        )

    def reserve_nameless(self, address: str) -> Reservation:
        """Draw one attempt at a secret that names no account, such as a mailed link."""
        return self._draw(self._lane(LaneKind.LINK, network_of(address), self._settings.link_limit))

    def reserve_token(self, address: str) -> Reservation:
        """Draw one attempt at an API token."""
        return self._draw(self._lane(LaneKind.TOKEN, network_of(address), self._settings.token_limit))

    def settle_success(self, reserved: Reserved) -> None:
        """Clear the lanes of account, name and device; give one back to the shared ones.

        Clearing shared lanes would let a guesser with one valid account reset them at will.
        """
        shared = [lane for lane in reserved.lanes if lane.kind in {LaneKind.NETWORK, LaneKind.GLOBAL}]
        for lane in reserved.lanes:
            if lane not in shared:
                self._store.clear_lane(lane)
        if shared:
            self._store.refund_attempt(shared, now=self._clock.now())

    def refund(self, reserved: Reserved) -> None:
        """Give back what was drawn, and clear nothing.

        For a right password where a second factor is still to be shown: it must not buy new guesses.
        """
        self._store.refund_attempt(reserved.lanes, now=self._clock.now())

    def draw_rate(self, rate: Rate, *, subject: str) -> Reservation:
        """Draw one from the subject's share of a rate (V2.4.1)."""
        return self.draw_shares([Share(rate, subject)])

    def draw_shares(self, shares: Sequence[Share]) -> Reservation:
        """Draw one from every share, or from none if any is used up."""
        return self._draw(*(share.lane for share in shares if share.subject != UNKNOWN_ADDRESS))

    def draw_once(self, name: str, subject: str, period: timedelta) -> bool:
        """Tell whether nobody has drawn for the subject within the period; of many at once, one is first."""
        rate = Rate(name=name, limit=1, period=period)
        return isinstance(self.draw_rate(rate, subject=subject), Reserved)

    def draw_mail_rate(
        self, name: str, *, limit: int, period: timedelta, to: str, address: str
    ) -> Reservation:
        """Draw one from what a network may have mailed to an address, and from what all may together.

        One network alone uses up its own share only, so that nobody keeps others from asking.

        Args:
            name: what is mailed.
            limit: mails per network to one address; everybody together has four times as many.
            period: of both.
            to: the address, folded.
            address: the caller's.
        """
        network = network_of(address)
        if network != UNKNOWN_ADDRESS:
            own = self.draw_rate(Rate(name=name, limit=limit, period=period), subject=f"{to}|{network}")
            if isinstance(own, Exhausted):
                return own
        return self.draw_rate(Rate(name=f"{name}-of-all", limit=4 * limit, period=period), subject=to)

    def unlock_account(self, account_id: AccountId) -> bool:
        """Open every lane of the account; tell whether there was anything to open."""
        return self._store.clear_account_lanes(str(account_id))

    def list_locks(self, *, limit: int, owners: Sequence[AccountId] = ()) -> Sequence[Lock]:
        """Return the lanes that are shut now; only those of ``owners`` where any are named."""
        names = [str(owner) for owner in owners]
        return self._store.list_locks(now=self._clock.now(), limit=limit, owners=names)

    def _draw(self, *lanes: Lane) -> Reservation:
        """Draw from all lanes or from none.

        A network that nobody knows, as behind a Unix socket without a declared proxy, is not counted: one
        person would use it up for everybody.
        """
        known = [lane for lane in lanes if lane.kind not in _BY_NETWORK or lane.subject != UNKNOWN_ADDRESS]
        return self._store.reserve_attempt(known, now=self._clock.now()) if known else Reserved(())

    def _lane(self, kind: LaneKind, subject: str, limit: int, owner: str = "") -> Lane:
        return Lane(kind=kind, subject=subject, owner=owner, limit=limit, period=self._settings.period)
