"""Tripwires: what a request carried, found where only the application's own text may stand.

They prevent nothing that parameters and escaping do not prevent better; they find the place where somebody
forgot them, in tests and development before an attacker does, and in production instead of letting him in.
"""

from bastide.core.tripwires.bodies import NotedBody
from bastide.core.tripwires.reflections import find_reflected
from bastide.core.tripwires.settings import OnQuery, OnReflection, TripwireSettings, TripwireTripped
from bastide.core.tripwires.statements import QueryTripwire, find_carried
from bastide.core.tripwires.values import Value, body_values, environ_values, pair_values

__all__ = [
    "NotedBody",
    "OnQuery",
    "OnReflection",
    "QueryTripwire",
    "TripwireSettings",
    "TripwireTripped",
    "Value",
    "body_values",
    "environ_values",
    "find_carried",
    "find_reflected",
    "pair_values",
]
