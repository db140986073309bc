"""Lanes: what attempts and rates are counted in, and the port of the store that counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeAlias


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


def in_order(lanes: Iterable[Lane]) -> list[Lane]:
    """Return the lanes in the order in which every draw takes them, so that no two wait for each other."""
    return sorted(lanes, key=lambda lane: (lane.kind, lane.subject))


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

    @classmethod
    def by(
        cls, shut: Iterable[tuple[datetime, Lane]], *, lanes: Sequence[Lane], now: datetime
    ) -> "Exhausted":
        """Return the refusal of a draw.

        Args:
            shut: the lanes that are, with the time at which each opens. There may be none: between the draw
                and this look they may have opened, and the caller may try again at once.
            lanes: those that were asked for.
            now: aware UTC.
        """
        end, lane = max(shut, key=lambda pair: pair[0], default=(now, lanes[0]))
        return cls(lane, max(end - now, timedelta()))

    @property
    def may_be_told(self) -> bool:
        """Tell whether the caller learns nothing from it but what they did themselves."""
        return self.lane.kind is not LaneKind.ACCOUNT


Reservation: TypeAlias = Reserved | Exhausted


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A lane that is shut, for the administrator's page."""

    kind: LaneKind
    subject: str
    owner: str
    until: datetime
