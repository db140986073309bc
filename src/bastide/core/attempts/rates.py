"""Rates: how often one subject may do something, and the headers that tell of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from bastide.core.attempts.lanes import Exhausted, Lane, LaneKind, Reservation


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

    @property
    def lane(self) -> Lane:
        """Where it is counted."""
        name, limit, period = self.rate.name, self.rate.limit, self.rate.period
        return Lane(kind=LaneKind.RATE, subject=f"{name}:{self.subject}", limit=limit, period=period)


def rate_of(shares: Sequence[Share], lane: Lane) -> Rate:
    """Return the rate that the lane counts for."""
    return next(share.rate for share in shares if share.lane == lane)


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
