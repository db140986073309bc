"""Attempts: one budget for every secret that can be guessed, drawn before the secret is looked at.

However many guesses come at once, no more than the budget are checked; a device its owner signed in from has
a lane that strangers cannot shut. Rates of programs and forms are counted the same way.
"""

from bastide.core.attempts.api_rates import ApiRateSettings
from bastide.core.attempts.budget import Attempts, AttemptSettings
from bastide.core.attempts.devices import DEVICE_PURPOSE, Devices
from bastide.core.attempts.lanes import (
    Draw,
    Exhausted,
    Lane,
    LaneKind,
    Lock,
    Reservation,
    Reserved,
    in_order,
)
from bastide.core.attempts.ports import AttemptStore
from bastide.core.attempts.rates import Rate, Share, rate_headers, rate_of

__all__ = [
    "DEVICE_PURPOSE",
    "ApiRateSettings",
    "AttemptSettings",
    "AttemptStore",
    "Attempts",
    "Devices",
    "Draw",
    "Exhausted",
    "Lane",
    "LaneKind",
    "Lock",
    "Rate",
    "Reservation",
    "Reserved",
    "Share",
    "in_order",
    "rate_headers",
    "rate_of",
]
