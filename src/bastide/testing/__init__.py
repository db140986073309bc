"""For tests of Bastide and of applications that use it.

Time and randomness
    `FrozenClock` to turn, `SeededEntropy` to repeat
Who is signed in
    `sign_in`, which returns a test client of either framework, and the pytest fixture `signed_in`
Tripwires
    `RAISING_TRIPWIRES` among the settings, the pytest fixture `tripwires`, which gives a `Tripped`
"""

import typing as _typing

from bastide import _late
from bastide.testing.clock import FrozenClock
from bastide.testing.entropy import SeededEntropy

if _typing.TYPE_CHECKING:
    from bastide.testing.signing_in import sign_in, signed_in
    from bastide.testing.tripwire_fixture import RAISING_TRIPWIRES, Tripped, tripwires
else:
    # They need pytest, and not everybody has it.
    __getattr__ = _late.late_imports(
        __name__,
        {
            "RAISING_TRIPWIRES": "tripwire_fixture",
            "Tripped": "tripwire_fixture",
            "sign_in": "signing_in",
            "signed_in": "signing_in",
            "tripwires": "tripwire_fixture",
        },
    )

__all__ = [
    "RAISING_TRIPWIRES",
    "FrozenClock",
    "SeededEntropy",
    "Tripped",
    "sign_in",
    "signed_in",
    "tripwires",
]
