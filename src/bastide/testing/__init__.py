"""For tests of Bastide and of applications that use it: a clock to turn, entropy to repeat."""

from bastide.testing.clock import FrozenClock
from bastide.testing.entropy import SeededEntropy

__all__ = ["FrozenClock", "SeededEntropy"]
