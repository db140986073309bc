"""The bundled list of common passwords."""

from pathlib import Path

import pytest

from bastide.core.sign_in import CommonPasswords
from bastide.core.sign_in.passwords.common import build_table

COMMON = CommonPasswords()


@pytest.mark.asvs("V6.2.4")
def test_the_bundled_list_is_large_and_exact(tmp_path: Path) -> None:
    assert len(COMMON) == 125_000
    assert "123456789012" in COMMON
    assert "x7 q9 z3 k1 m5 p" not in COMMON
    table = tmp_path / "table.bin"
    table.write_bytes(build_table(["b", "a", "c", "a"]))
    own = CommonPasswords(table)
    assert [word in own for word in ("a", "b", "c", "d", "")] == [True, True, True, False, False]
    assert len(own) == 3
    own.close()
