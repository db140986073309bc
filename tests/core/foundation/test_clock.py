"""The system's time and randomness."""

from datetime import UTC, datetime

from bastide.core.foundation import SystemClock, SystemEntropy, digest
from bastide.testing import SeededEntropy


def test_the_system_gives_utc_and_unpredictable_bytes() -> None:
    assert SystemClock().now().tzinfo is UTC
    assert (SystemClock().now() - datetime.now(UTC)).total_seconds() < 60
    first, second = (SystemEntropy().token_bytes(32) for _ in range(2))
    assert len(first) == 32
    assert first != second
    assert SeededEntropy("a").token_bytes(8) == SeededEntropy("a").token_bytes(8)
    assert digest(b"x") != digest(b"y")
