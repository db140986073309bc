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
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias

from bastide.core.client import network_of
from bastide.core.clock import Clock
from bastide.core.errors import ConfigurationError
from bastide.core.principal import AccountId


class LaneKind(StrEnum):
    """What a lane counts by."""

    ACCOUNT = "account"
    NAME = "name"
    DEVICE = "device"
    NETWORK = "network"
    GLOBAL = "global"
    LINK = "link"
    TOKEN = "token"  # noqa: S105 -- a name
    RATE = "rate"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One counter.

    Attributes:
        kind: what it counts by.
        subject: the one counted, unique within the kind.
        owner: account id as text where the lane belongs to an account, else empty.
        limit: draws until it is shut.
        period: see ``AttemptSettings.period``.
    """

    kind: LaneKind
    subject: str
    owner: str = ""
    limit: int
    period: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often something costly may be done; draws are never refunded.

    Attributes:
        name: what is done (``contact``).
        limit: how often within the period.
        period: counting starts again this long after the first.
    """

    name: str
    limit: int
    period: timedelta


class Share(NamedTuple):
    """What one subject has of a rate."""

    rate: Rate
    subject: str


class Draw(NamedTuple):
    """What a lane counts after a draw.

    Attributes:
        used: draws since it began.
        ends_at: when it counts from zero again.
    """

    lane: Lane
    used: int
    ends_at: datetime

    @property
    def left(self) -> int:
        """Draws until it is shut."""
        return self.lane.limit - self.used


@dataclass(frozen=True, slots=True)
class Reserved:
    """The draw went through.

    Attributes:
        lanes: what was drawn from.
        filled: those of them that this draw shut; an event if the attempt then fails.
        nearest: the one that has the fewest draws left.
    """

    lanes: tuple[Lane, ...]
    filled: tuple[Lane, ...] = ()
    nearest: Draw | None = field(default=None, compare=False)

    @classmethod
    def of(cls, draws: Sequence[Draw]) -> "Reserved":
        """Return what draws from one lane or more come to."""
        return cls(
            tuple(draw.lane for draw in draws),
            tuple(draw.lane for draw in draws if not draw.left),
            min(draws, key=lambda draw: draw.left),
        )


@dataclass(frozen=True, slots=True)
class Exhausted:
    """A lane is shut; nothing was drawn from it or from those drawn together with it.

    Attributes:
        lane: the lane that is shut the longest.
        retry_after: time until it opens.
    """

    lane: Lane
    retry_after: timedelta

    @property
    def may_be_told(self) -> bool:
        """Tell whether the caller learns nothing from it but what they did themselves."""
        return self.lane.kind is not LaneKind.ACCOUNT


Reservation: TypeAlias = Reserved | Exhausted


def rate_of(shares: Sequence[Share], lane: Lane) -> Rate:
    """Return the rate that the lane counts for."""
    return next(share.rate for share in shares if lane.subject == _subject(share))


def rate_headers(shares: Sequence[Share], drawn: Reservation, *, now: datetime) -> list[tuple[str, str]]:
    """Return what tells a program how often it may ask, and how often still: of the rate that stops it first.

    Args:
        shares: what was drawn from.
        drawn: what came of it.
        now: aware UTC.

    Spec: draft-ietf-httpapi-ratelimit-headers-10.
    """
    if isinstance(drawn, Exhausted):
        lane, left, wait = drawn.lane, 0, drawn.retry_after
    elif drawn.nearest is not None:
        lane, left, wait = drawn.nearest.lane, drawn.nearest.left, drawn.nearest.ends_at - now
    else:
        return []
    rate = rate_of(shares, lane)
    seconds = max(0, math.ceil(wait.total_seconds()))
    policy = f'"{rate.name}";q={rate.limit};w={math.ceil(rate.period.total_seconds())}'
    return [("RateLimit-Policy", policy), ("RateLimit", f'"{rate.name}";r={left};t={seconds}')]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A lane that is shut, for the administrator's page."""

    kind: LaneKind
    subject: str
    owner: str
    until: datetime


class AttemptStore(Protocol):
    """Keeps lanes. Each verb is one short transaction of its own that outlives the request's."""

    def reserve_attempt(self, lanes: Sequence[Lane], *, now: datetime) -> Reservation:
        """Draw one from every lane, or from none if any is shut.

        A lane whose end has come counts from zero. The first draw sets its end to ``now + period``;
        the draw that reaches the limit sets it so again.
        """

    def refund_attempt(self, lanes: Sequence[Lane], *, now: datetime) -> None:
        """Give one back to every lane that has not ended; never below zero."""

    def clear_lane(self, lane: Lane) -> None:
        """Forget the lane's count."""

    def clear_account_lanes(self, owner: str) -> bool:
        """Forget every lane of the account; tell whether one was shut or counting."""

    def list_locks(self, *, now: datetime, limit: int, owners: Sequence[str] = ()) -> Sequence[Lock]:
        """Return the lanes that are shut, those that open last first.

        Args:
            now: aware UTC.
            limit: most lanes to return.
            owners: only lanes of these accounts; empty for all.
        """

    def purge_attempts(self, *, now: datetime) -> int:
        """Delete the lanes that have ended; return how many."""


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
        return self._draw(
            *(
                Lane(
                    kind=LaneKind.RATE, subject=_subject(share), limit=share.rate.limit,
                    period=share.rate.period,
                )
                for share in shares
            )
        )  # fmt: skip

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
        own = self.draw_rate(
            Rate(name=name, limit=limit, period=period), subject=f"{to}|{network_of(address)}"
        )
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
        return self._store.reserve_attempt(lanes, now=self._clock.now())

    def _lane(self, kind: LaneKind, subject: str, limit: int, owner: str = "") -> Lane:
        return Lane(kind=kind, subject=subject, owner=owner, limit=limit, period=self._settings.period)


def _subject(share: Share) -> str:
    return f"{share.rate.name}:{share.subject}"
