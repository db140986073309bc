"""Randomness of the system and of tests."""

import pytest

from bastide.core.foundation import Clock, Entropy, SystemClock, SystemEntropy
from bastide.testing import FrozenClock, SeededEntropy
from support.ports import taken_otherwise


@pytest.mark.asvs("V11.5.1")
def test_the_system_s_bytes_are_as_many_as_asked_for_and_never_the_same() -> None:
    assert [len(SystemEntropy().token_bytes(size)) for size in (0, 1, 16, 64)] == [0, 1, 16, 64]
    assert len({SystemEntropy().token_bytes(16) for _ in range(100)}) == 100


def test_what_tests_put_in_its_place_is_asked_alike() -> None:
    assert taken_otherwise(Entropy, SystemEntropy, SeededEntropy) == []
    assert taken_otherwise(Clock, SystemClock, FrozenClock) == []
