"""The key ring, and what is sealed with it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.errors import ConfigurationError
from bastide.core.keys import KeyRing, SealBroken, Sealer, new_key_line, next_key_line
from bastide.testing import SeededEntropy

RING = KeyRing({1: b"a" * 32, 7: b"b" * 32})
HERE = "bastide_totp.secret:7"


def sealer(ring: KeyRing = RING, purpose: str = "totp") -> Sealer:
    return Sealer(ring, purpose=purpose, entropy=SeededEntropy())


@given(st.binary(max_size=100), st.text(max_size=40))
def test_what_is_sealed_opens_again(plain: bytes, belongs_to: str) -> None:
    sealed = sealer().seal(plain, belongs_to=belongs_to)
    assert sealer().open(sealed, belongs_to=belongs_to) == plain
    assert sealed[:5] == b"\x01\x00\x00\x00\x07"
    assert len(sealed) == len(plain) + 1 + 4 + 12 + 16


@pytest.mark.asvs("V11.3.3")
@given(st.data())
def test_every_flipped_bit_and_every_cut_is_refused(data: st.DataObject) -> None:
    sealed = bytearray(sealer().seal(b"twenty bytes of seed", belongs_to=HERE))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealBroken):
        sealer().open(bytes(sealed), belongs_to=HERE)
    with pytest.raises(SealBroken):
        sealer().open(bytes(sealed)[:position], belongs_to=HERE)


@pytest.mark.asvs("V11.3.2", "V11.3.3", "V11.3.4")
def test_a_value_opens_only_where_it_belongs_and_never_looks_the_same_twice() -> None:
    one = sealer()
    sealed = one.seal(b"seed", belongs_to=HERE)
    for refused in (
        lambda: one.open(sealed, belongs_to="bastide_totp.secret:8"),
        lambda: sealer(purpose="ssn").open(sealed, belongs_to=HERE),
        lambda: sealer(KeyRing({1: b"a" * 32})).open(sealed, belongs_to=HERE),
        lambda: sealer(KeyRing({7: b"c" * 32})).open(sealed, belongs_to=HERE),
        lambda: one.open(b"", belongs_to=HERE),
        lambda: one.open(b"plain text in an encrypted column", belongs_to=HERE),
    ):
        with pytest.raises(SealBroken):
            refused()
    assert one.seal(b"seed", belongs_to=HERE) != sealed


def test_an_older_key_still_opens() -> None:
    old = sealer(KeyRing({1: b"a" * 32})).seal(b"seed", belongs_to=HERE)
    assert sealer().open(old, belongs_to=HERE) == b"seed"


@pytest.mark.asvs("V11.4.4", "V13.3.1")
def test_a_ring_is_read_from_lines_and_nothing_else() -> None:
    lines = [new_key_line(number, SeededEntropy(str(number))) for number in (1, 2)]
    ring = KeyRing.parse("\n".join(lines))
    assert ring.primary == 2
    assert {len(key) for key in ring.keys.values()} == {32}
    short = base64.b64encode(b"k" * 31).decode()
    for bad in (
        "", "a passphrase is no key", f"1:{short}", lines[0] + "\n" + lines[0], "0:" + lines[0][2:],
        f"{2**32}:{lines[0][2:]}", "1:???", "x:" + lines[0][2:], "²:" + lines[0][2:], "1:",
    ):  # fmt: skip
        with pytest.raises(ConfigurationError) as raised:
            KeyRing.parse(bad)
        assert bad.partition(":")[2][:8] not in str(raised.value) or not bad.partition(":")[2]


def test_a_ring_shows_no_key() -> None:
    assert "aaaa" not in repr(RING)


def test_the_next_key_gets_the_next_id() -> None:
    first = next_key_line("", SeededEntropy())
    second = next_key_line(first, SeededEntropy("2"))
    assert KeyRing.parse(f"{first}\n{second}").primary == 2
    with pytest.raises(ConfigurationError):
        next_key_line("no ring", SeededEntropy())
