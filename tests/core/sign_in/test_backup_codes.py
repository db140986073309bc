"""Backup codes are random and forgive how they are typed."""

import re

import pytest

from bastide.core.sign_in._backup_codes import backup_code_digest, new_backup_code
from bastide.testing import SeededEntropy


@pytest.mark.asvs("V6.5.4")
def test_a_backup_code_is_eighty_random_bits_and_forgives_how_it_is_typed() -> None:
    entropy = SeededEntropy()
    codes = {new_backup_code(entropy) for _ in range(1000)}
    assert len(codes) == 1000
    assert all(re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", code) for code in codes)
    assert len({backup_code_digest(1, code) for code in codes}) == 1000
    same = {backup_code_digest(1, typed) for typed in ("lola-2345", "LOLA 2345", "1o1a2345", "l0la2345")}
    assert len(same) == 1
    assert backup_code_digest(1, "lola-2345") != backup_code_digest(2, "lola-2345")
