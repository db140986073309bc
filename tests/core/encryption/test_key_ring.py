"""The key ring, and the ways in which an application is given it."""

import base64
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import bastide
from bastide.core.encryption import INDEX, KeyRing, new_key_line, new_ring, next_key_line
from bastide.core.foundation import ConfigurationError
from bastide.key_file import read_ring
from bastide.testing import SeededEntropy

RING = KeyRing({1: b"a" * 32, 7: b"b" * 32}, b"i" * 32)


def ring_of(given: str | Path) -> KeyRing:
    live = read_ring(given)
    assert live is not None
    return live.current()


@pytest.mark.asvs("V11.4.4", "V13.3.1")
def test_a_ring_is_read_from_lines_and_nothing_else() -> None:
    lines = [new_key_line(name, SeededEntropy(str(name))) for name in (1, 2, INDEX)]
    ring = KeyRing.parse("\n".join(lines))
    assert ring.primary == 2
    assert {len(key) for key in ring.keys.values()} == {32}
    assert ring.index is not None
    assert len(ring.index) == 32
    short = base64.b64encode(b"k" * 31).decode()
    for bad in (
        "", "a passphrase is no key", f"1:{short}", lines[0] + "\n" + lines[0], "0:" + lines[0][2:],
        f"{2**16}:{lines[0][2:]}", "1:???", "x:" + lines[0][2:], "²:" + lines[0][2:], "1:", "Index" + lines[2][5:],
        lines[2], f"{lines[0]}\nindex:{short}", f"{lines[0]}\n{lines[2]}\n{lines[2]}", f"{9 * '9'}{lines[0][1:]}",
        f"{lines[0]}\n2:{lines[0][2:]}", f"{lines[0]}\nindex:{lines[0][2:]}", f"{lines[0]}\n01:{lines[1][2:]}",
        "1" * 5000 + lines[0][1:],
    ):  # fmt: skip
        with pytest.raises(ConfigurationError) as raised:
            KeyRing.parse(bad)
        assert bad.partition(":")[2][:8] not in str(raised.value) or not bad.partition(":")[2]


def test_a_ring_shows_no_key() -> None:
    assert repr(RING) == "KeyRing()"


@pytest.mark.asvs("V13.3.4")
def test_the_next_key_gets_a_higher_id_that_nobody_guesses() -> None:
    first = KeyRing.parse(new_ring(SeededEntropy()))
    assert 1 <= first.primary <= 1024

    def next_id(ring: KeyRing | None, seed: int) -> int:
        return int(next_key_line(ring, SeededEntropy(str(seed))).partition(":")[0])

    later = {next_id(first, seed) for seed in range(50)}
    assert first.primary < min(later) <= max(later) <= first.primary + 1024
    assert len(later) > 40
    assert len({next_id(None, seed) for seed in range(50)}) > 40
    assert {next_id(KeyRing({2**16 - 3: b"a" * 32}), seed) for seed in range(20)} == {2**16 - 2, 2**16 - 1}
    with pytest.raises(ConfigurationError):
        next_key_line(KeyRing({2**16 - 1: b"a" * 32}), SeededEntropy())


@pytest.mark.asvs("V13.3.1")
def test_a_ring_comes_as_lines_or_from_a_file_that_others_cannot_read(tmp_path: Path) -> None:
    lines = new_ring(SeededEntropy())
    path = tmp_path / "keys"
    assert read_ring("") is None
    assert ring_of(lines) == KeyRing.parse(lines)
    with pytest.raises(
        ConfigurationError, match=f"{path} cannot be read .FileNotFoundError.: put the key ring"
    ):
        read_ring(path)
    path.write_text(lines)
    for mode in (0o600, 0o400, 0o640):
        path.chmod(mode)
        assert ring_of(path) == ring_of(str(path)) == KeyRing.parse(lines)
    for mode in (0o604, 0o620, 0o602, 0o666):
        path.chmod(mode)
        with pytest.raises(ConfigurationError, match=f"chmod 600 {path}"):
            read_ring(path)
    path.chmod(0o600)
    path.write_text("")
    with pytest.raises(ConfigurationError, match="needs keys"):
        read_ring(path)


@pytest.mark.asvs("V13.3.1")
def test_the_command_of_the_messages_makes_a_ring_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a folder" / "keys"
    path.parent.mkdir()
    with pytest.raises(ConfigurationError) as refused:
        read_ring(path)
    command = re.search(r"`(.+)`", str(refused.value))
    assert command is not None

    def run() -> None:
        words = command[1].replace("python ", f"{shlex.quote(sys.executable)} ")
        environment = {**os.environ, "PYTHONPATH": str(Path(bastide.__file__).parent.parent)}
        subprocess.run(words, shell=True, check=True, env=environment)  # noqa: S602 -- what the message says

    run()
    made, mode = path.read_text(), path.stat().st_mode
    ring = ring_of(path)
    assert (len(ring.keys), ring.index is None, mode & 0o777) == (1, False, 0o600)
    run()
    assert path.read_text().startswith(made)
