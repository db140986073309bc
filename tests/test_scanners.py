"""clamd is asked as it wants to be asked; whatever is no clear answer is no answer."""

from pathlib import Path

import pytest

from bastide.core.foundation import StoreUnavailable
from bastide.scanners import ClamdScanner
from support.clamd import EICAR, MAX_STREAM_SIZE_BYTES, clamd
from support.rows import rows

pytestmark = pytest.mark.asvs("V5.4.3")


def test_over_a_unix_socket_and_over_tcp(tmp_path: Path) -> None:
    for address in (str(tmp_path / "clamd.sock"), ("127.0.0.1", 0)):
        with clamd(address) as place:
            scanner = ClamdScanner(place)
            assert scanner.find_malware(b"words" * 50_000) is None
            assert scanner.find_malware(b"x" * 70_000 + EICAR) == "Eicar-Signature"
            assert scanner.find_malware(b"") is None


@rows(
    "said",
    [
        b"", b"\0", b"OK\0", b"stream: OK, perhaps\0", b"stream: \0", b"stream:  FOUND\0", b"stream: FOUND\0",
        b"INSTREAM size limit exceeded. ERROR\0", b"stream: Can't allocate memory ERROR\0",
        # Cut off.
        b"stream: OK", b"stream: OK\n", b"stream: Eicar-Signature FOUND", b"strea\0",
        # More than one.
        b"stream: OK\0stream: OK\0", b"stream: OK\0stream: Eicar-Signature FOUND\0", b"stream: OK\0\0",
        b"stream: OK\nstream: Eicar-Signature FOUND\0", b"\0stream: OK\0", b"stream: OK\0 ",
        # Too much.
        b"x" * 9000, b"stream: " + b"x" * 9000 + b" FOUND\0", b"stream: OK\0" + b"x" * 1_000_000,
    ],
)  # fmt: skip
def test_any_other_answer_is_an_outage(tmp_path: Path, said: bytes) -> None:
    with clamd(str(tmp_path / "clamd.sock"), said) as place, pytest.raises(StoreUnavailable):
        ClamdScanner(place).find_malware(b"words")


def test_too_much_for_clamd_is_not_clean(tmp_path: Path) -> None:
    with clamd(str(tmp_path / "clamd.sock")) as place, pytest.raises(StoreUnavailable):
        ClamdScanner(place).find_malware(bytes(MAX_STREAM_SIZE_BYTES + 1))


def test_nobody_there_is_an_outage(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        ClamdScanner(str(tmp_path / "none.sock"), timeout_seconds=1).find_malware(b"words")
