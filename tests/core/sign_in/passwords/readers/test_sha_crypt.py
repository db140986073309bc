"""SHA-crypt, as Unix systems and passlib made it."""

import pytest
from passlib.hash import sha256_crypt, sha512_crypt

from bastide.core.sign_in.passwords.readers import HashFault, Limits, UnreadableHash
from bastide.core.sign_in.passwords.readers.sha_crypt import parse_sha_crypt
from support.rows import rows

LONG = "a very much longer text to encrypt.  This one even stretches over morethan one line."


@rows(
    "password, stored",
    [
        ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
        ("Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"),
        ("This is just a test", "$5$rounds=5000$toolongsaltstrin$Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5"),
        (LONG, "$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1"),
        ("we have a short salt string but not a short password",
         "$5$rounds=77777$short$JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/"),
        ("the minimum number is still observed",
         "$5$rounds=1000$roundstoolow$yfvwcWrQ8l/K0DAWyuPMDNHpIVlTQebY9l/gL972bIC"),
        ("Hello world!",
         "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"),
        ("Hello world!",
         ("$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/"
         "YTBmSK6H9qs/y3RnOaw5v.")),
        (LONG,
         ("$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwb"
         "tEW7o7UmJEiDwGqd8p4ur1")),
        ("the minimum number is still observed",
         ("$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUN"
         "Gc0dqbpBYYBaHHrsX.")),
    ],
)  # fmt: skip
def test_published_hashes_are_read(password: str, stored: str) -> None:
    """Drepper's own, SHA-crypt.txt."""
    found = parse_sha_crypt(stored, Limits())
    assert found is not None
    assert found.matches(password)
    assert not found.matches(password + " ")
    assert not found.matches("")


@rows("maker", [sha256_crypt, sha512_crypt])
def test_what_passlib_makes_is_read(maker: type[sha256_crypt]) -> None:
    for rounds, password in ((1000, "x" * 200), (1001, "Bättery"), (5000, "")):
        stored = maker.using(rounds=rounds).hash(password)
        found = parse_sha_crypt(stored, Limits())
        assert found is not None
        assert found.cost == f"sha_crypt:{'sha256' if maker is sha256_crypt else 'sha512'},{rounds}"
        assert found.matches(password)
        assert not found.matches(password + "y")


@pytest.mark.asvs("V15.2.2")
def test_absurd_rounds_are_refused_before_they_are_paid() -> None:
    for prefix, digest in (("$5$", "x" * 43), ("$6$", "x" * 86)):
        with pytest.raises(UnreadableHash) as raised:
            parse_sha_crypt(f"{prefix}rounds=1000001$salt${digest}", Limits())
        assert raised.value.fault is HashFault.TOO_COSTLY
        assert parse_sha_crypt(f"{prefix}rounds=1000000$salt${digest}", Limits()) is not None


@pytest.mark.asvs("V15.2.2")
def test_a_password_that_would_take_much_longer_matches_nothing() -> None:
    for length, is_right in ((256, True), (257, False)):
        found = parse_sha_crypt(sha256_crypt.using(rounds=1000).hash("x" * length), Limits())
        assert found is not None
        assert found.matches("x" * length) is is_right


@rows(
    "stored",
    [
        "$5$", "$6$salt$" + "x" * 43, "$5$salt$" + "x" * 86, "$5$" + "s" * 17 + "$" + "x" * 43, "$6$salt$" + "x" * 85 + "!",
        "$5$rounds=999$salt$" + "x" * 43, "$5$rounds=-1$salt$" + "x" * 43, "$6$salt$" + "x" * 86 + "\n",
    ],
)  # fmt: skip
def test_a_malformed_hash_is_told(stored: str) -> None:
    with pytest.raises(UnreadableHash) as raised:
        parse_sha_crypt(stored, Limits())
    assert raised.value.fault is HashFault.MALFORMED


def test_another_format_is_none() -> None:
    assert parse_sha_crypt("$2b$04$x", Limits()) is None


def test_a_password_that_is_too_long_takes_the_time_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []

    def repeated(_digest: object, start: bytes, _key: bytes, _spice: bytes, number: int) -> bytes:
        rounds.append(number)
        return start

    monkeypatch.setattr("bastide.core.sign_in.passwords.readers.sha_crypt._repeated", repeated)
    found = parse_sha_crypt(f"$6$rounds=1400$salt${'a' * 86}", Limits())
    assert found is not None
    assert not found.matches("x" * 257)
    assert rounds == [1400]
