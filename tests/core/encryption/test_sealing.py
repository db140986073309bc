"""What is sealed opens for its own row with its own keys, and nowhere else."""

import hashlib
import hmac
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.encryption import (
    ColumnCipher,
    ColumnKeys,
    KeyRing,
    LiveRing,
    RowId,
    Sealer,
    require_own_places,
    sealed_place,
)
from bastide.core.encryption.sealing import NO_INDEX_KEY, BlindIndex, header_of, key_id_of
from bastide.core.foundation import ConfigurationError, EncryptionRefused, InvalidInput, SealBroken
from bastide.core.inputs import PHONE
from bastide.testing import SeededEntropy

RING = KeyRing({1: b"a" * 32, 7: b"b" * 32}, b"i" * 32)
ROW = 7
ROWS = st.one_of(st.integers(1, 2**63), st.uuids(), st.binary(min_size=1, max_size=16), st.text(max_size=40))


def sealer(ring: KeyRing = RING, table: str = "profile", column: str = "ssn") -> Sealer:
    return Sealer(LiveRing(ring), table=table, column=column, entropy=SeededEntropy())


def hkdf(key: bytes, info: bytes) -> bytes:
    """RFC 5869 for one block, by hand."""
    pseudorandom = hmac.digest(bytes(32), key, hashlib.sha256)
    return hmac.digest(pseudorandom, info + b"\x01", hashlib.sha256)


@given(st.binary(max_size=100), ROWS)
def test_what_is_sealed_opens_again(plain: bytes, row: RowId) -> None:
    sealed = sealer().seal(plain, row=row)
    assert sealer().open(sealed, row=row) == plain
    assert sealed[:3] == b"\x01\x00\x07" == header_of(7) == sealer().header
    assert len(sealed) == len(plain) + 31
    assert key_id_of(sealed) == 7


# GCM specification, test cases 14 to 16: key, nonce, plain text, associated data, ciphertext and tag.
FROM_THE_SPECIFICATION = [
    ("00" * 32, "00" * 12, "00" * 16, "", "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
    (
        "feffe9928665731c6d6a8f9467308308" * 2, "cafebabefacedbaddecaf888",
        ("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
         "b16aedf5aa0de657ba637b39"),
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        ("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
         "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"),
    ),
]  # fmt: skip


@pytest.mark.asvs("V11.3.2")
@pytest.mark.parametrize("vector", FROM_THE_SPECIFICATION)
def test_the_cipher_gives_the_specified_answers(vector: tuple[str, ...]) -> None:
    key, nonce, plain, associated, expected = map(bytes.fromhex, vector)
    assert AESGCM(key).encrypt(nonce, plain, associated) == expected


# Fixed once and for all: data that is stored must open with every later version.
STORED = [
    (b"078051120", "profile", "ssn", 7, "010007b0ad96274625d0760c2c54596321b4561689294f9734a995366f078eaffc375b61e1b87044"),
    (b"", "profile", "ssn", UUID(int=5), "010007b0ad96274625d0760c2c5459b8e7e239e2b4827a720d282e24af57ba"),
    ("é".encode(), "bastide_mail", "sealed", b"\x00\xff", "010007b0ad96274625d0760c2c54598f4cda0dd78d7f337e6771f45bf225e5f179"),
]  # fmt: skip


@pytest.mark.asvs("V11.3.2", "V11.3.3")
@pytest.mark.parametrize("vector", STORED)
def test_the_format_is_what_it_was(vector: tuple[bytes, str, str, RowId, str]) -> None:
    plain, table, column, row, expected = vector
    sealed = sealer(table=table, column=column).seal(plain, row=row)
    assert sealed.hex() == expected
    spelled = row.hex() if isinstance(row, bytes) else str(row)
    place = f"{table}\0{column}\0".encode()
    cipher = AESGCM(hkdf(b"b" * 32, b"bastide:seal:" + place))
    assert cipher.decrypt(sealed[3:15], sealed[15:], b"\x01\x00\x07" + place + spelled.encode()) == plain


@pytest.mark.asvs("V11.3.3")
@given(st.data())
def test_every_flipped_bit_and_every_cut_is_refused(data: st.DataObject) -> None:
    sealed = bytearray(sealer().seal(b"078051120", row=ROW))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= 1 << data.draw(st.integers(0, 7))
    for broken in (bytes(sealed), bytes(sealed)[:position], bytes(sealed) + b"\0"):
        with pytest.raises(SealBroken):
            sealer().open(broken, row=ROW)


@pytest.mark.asvs("V11.3.3")
@given(st.lists(st.text("ab.\0:", max_size=3), min_size=6, max_size=6))
def test_no_other_table_column_or_row_opens_it(names: list[str]) -> None:
    here, there = tuple(names[:3]), tuple(names[3:])
    for place in (here, there):
        # A database takes no NUL in a name.
        if any("\0" in name for name in place[:2]):
            return
    sealed = sealer(table=here[0], column=here[1]).seal(b"seed", row=here[2])
    other = sealer(table=there[0], column=there[1])
    if here == there:
        assert other.open(sealed, row=there[2]) == b"seed"
        return
    with pytest.raises(SealBroken):
        other.open(sealed, row=there[2])


@pytest.mark.asvs("V11.3.2", "V11.3.3", "V11.3.4")
def test_the_reason_is_told_and_the_value_is_not() -> None:
    one = sealer()
    sealed = one.seal(b"078051120", row=ROW)
    assert one.seal(b"078051120", row=ROW) != sealed
    for ring, presented, row, reason in (
        (RING, sealed, 8, "changed"),
        (KeyRing({1: b"a" * 32}), sealed, ROW, "unknown_key"),
        (KeyRing({7: b"c" * 32}), sealed, ROW, "changed"),
        (RING, b"", ROW, "not_sealed"),
        (RING, b"078051120", ROW, "not_sealed"),
        (RING, b"plain text that is as long as something sealed", ROW, "not_sealed"),
        (RING, sealed[:30], ROW, "not_sealed"),
    ):
        with pytest.raises(SealBroken) as raised:
            sealer(ring).open(presented, row=row)
        assert (raised.value.place, raised.value.reason) == (f"profile.ssn:{row}", reason)
        assert "078051120" not in str(raised.value)
    assert sealer(KeyRing({7: b"b" * 32, 8: b"d" * 32})).open(sealed, row=ROW) == b"078051120"


@pytest.mark.asvs("V14.2.4")
def test_an_index_finds_equal_values_of_one_column_whatever_key_seals() -> None:
    def index(ring: KeyRing = RING, table: str = "profile", column: str = "ssn") -> BlindIndex:
        return BlindIndex(ring, table=table, column=column)

    digest = index().digest(b"078051120")
    assert digest == hmac.digest(hkdf(b"i" * 32, b"bastide:index:profile\0ssn"), b"078051120", hashlib.sha256)
    assert digest == index(KeyRing({9: b"z" * 32}, b"i" * 32)).digest(b"078051120")
    others = (
        index(table="person"), index(column="tax"), index(KeyRing(RING.keys, b"j" * 32)),
    )  # fmt: skip
    assert digest not in {other.digest(b"078051120") for other in others}
    assert digest != index().digest(b"078051121")
    with pytest.raises(ConfigurationError) as raised:
        index(KeyRing({1: b"a" * 32}))
    assert str(raised.value) == NO_INDEX_KEY


def test_keys_of_a_column_are_made_once() -> None:
    keys = ColumnKeys(LiveRing(RING), entropy=SeededEntropy())
    assert keys.sealer("profile", "ssn") is keys.sealer("profile", "ssn")
    assert keys.index("profile", "ssn") is keys.index("profile", "ssn")
    assert keys.sealer("profile", "tax") is not keys.sealer("profile", "ssn")


def cipher(kind: type[str] | type[bytes] = str, **options: Any) -> ColumnCipher:
    return ColumnCipher(
        ColumnKeys(LiveRing(RING), entropy=SeededEntropy()), table="t", column="c", kind=kind, **options
    )


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_comes_back_in_one_spelling(text: str) -> None:
    kept = cipher().normalise(text)
    assert kept is not None
    sealed = cipher().seal(kept, row=1)
    assert cipher().open(sealed, row=1) == kept == cipher().normalise(kept)
    assert cipher().is_current(sealed)
    assert cipher().normalise("e\u0301") == "é"
    assert cipher(bytes).open(cipher(bytes).seal(b"\xff", row=1), row=1) == b"\xff"
    assert (repr(sealed), f"{sealed}") == ("Sealed(key 7)", "Sealed(key 7)")


def test_a_column_takes_its_own_type_and_its_rule() -> None:
    assert cipher(rule=PHONE).normalise("+44 20 7946 0000") == "+442079460000"
    assert cipher(rule=PHONE).normalise("") is None
    assert cipher(bytes).normalise(b"x") == b"x"
    with pytest.raises(InvalidInput):
        cipher(rule=PHONE).normalise("not a number")
    refused: list[tuple[Any, object]] = [(str, b"bytes"), (str, 7), (bytes, "text"), (bytes, bytearray(b"x"))]
    for kind, value in refused:
        with pytest.raises(EncryptionRefused):
            cipher(kind).normalise(value)


@pytest.mark.asvs("V14.2.4")
def test_equal_values_are_found_however_they_are_spelled() -> None:
    phones = cipher(rule=PHONE, is_indexed=True)
    assert (
        phones.digest("+44 20 7946 0000") == phones.digest("+442079460000") != phones.digest("+442079460001")
    )
    assert phones.digest("") is None
    with pytest.raises(EncryptionRefused):
        cipher().digest("not indexed")


def test_a_renamed_column_is_sealed_under_the_name_that_is_declared() -> None:
    today = {"table": "profile", "column": "ssn"}
    assert sealed_place("", **today) == ("profile", "ssn")
    assert sealed_place("person.number", **today) == ("person", "number")
    assert sealed_place("hr.person.number", **today) == ("hr.person", "number")
    for bad in ("person", ".number", "person.", "."):
        with pytest.raises(ConfigurationError, match="sealed_as names"):
            sealed_place(bad, **today)


@pytest.mark.asvs("V11.3.3")
def test_two_columns_that_are_sealed_for_one_place_are_refused_by_name() -> None:
    require_own_places({})
    require_own_places({"a.b": ("a", "b"), "c.b": ("c", "b"), "d.e": ("x", "e")})
    with pytest.raises(ConfigurationError, match=r"^a\.b and d\.e are both sealed as a\.b; give one"):
        require_own_places({"a.b": ("a", "b"), "d.e": ("a", "b")})
