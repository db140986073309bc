"""Weak hashes are wrapped at once, whoever signs in meanwhile; what nobody reads is counted."""

from collections.abc import Sequence
from dataclasses import replace
from hmac import compare_digest
from threading import Barrier

import pytest

from bastide.core.foundation import AccountId, Secret
from bastide.core.request import Services
from bastide.core.security_log import EventFilter
from bastide.core.sign_in import HashFault, HashReaders, LoggedIn, Refused, Unread
from bastide.core.sign_in.passwords.readers import STRONG_FORMATS
from bastide.core.sign_in.stored_hashes import BATCH
from bastide.testing import FrozenClock
from bastide.testing.clock import START
from support.blog import CHEAP_HASHING, Outbox
from support.core import HERE, WRONG, account_of, make
from support.old_hashes import OLD_HASHES, OLD_PASSWORD, WEAK_HASHES
from support.stores import new_account

MD5 = WEAK_HASHES["hex_md5"]


def settled(hashes: Sequence[str], *formats: str) -> Services:
    """Return services over accounts ``n0``, ``n1``, ... with these hashes."""
    hashing = {**CHEAP_HASHING, "formats": [*STRONG_FORMATS, *formats]}
    services = make(FrozenClock(), Outbox(), hashing=hashing)
    for number, encoded in enumerate(hashes):
        new = replace(new_account(f"n{number}"), password_hash=encoded)
        services.stores.accounts.add_account(new, ticket_digest=None, now=START)
    return services


def kept(services: Services) -> list[str]:
    return [stored for _, stored in services.stores.accounts.list_password_hashes(after=None, limit=1000)]


@pytest.mark.asvs("V11.4.2")
def test_every_weak_hash_of_a_named_format_is_wrapped_and_opens_as_before() -> None:
    names = [name for name in WEAK_HASHES if name not in {"werkzeug_md5", "werkzeug_sha1"}]
    services = settled([WEAK_HASHES[name] for name in names], *names)
    found = services.stored_hashes.wrap_weak(HERE)
    assert (found.wrapped, found.read, dict(found.unread)) == (len(names), 0, {})
    digests = [WEAK_HASHES[name].rpartition("$")[2] for name in names]
    assert not [digest for digest in digests for stored in kept(services) if digest in stored]
    assert all("$argon2id$v=19$m=64,t=1,p=1$" in stored for stored in kept(services))
    for number in range(len(names)):
        client = HERE._replace(address=f"203.0.113.{number}")
        assert isinstance(services.login.sign_in(f"n{number}", WRONG, client, previous=None), Refused)
        outcome = services.login.sign_in(f"n{number}", Secret(OLD_PASSWORD), client, previous=None)
        assert isinstance(outcome, LoggedIn)
        assert (account_of(services, f"n{number}").password_hash or "").startswith("$argon2id$")


def test_what_is_strong_stays_and_what_is_not_read_is_counted() -> None:
    hashes = [OLD_HASHES["bcrypt 2b"], MD5, WEAK_HASHES["hex_sha1"], "plain text", "$2b$04$x", "$1$salt$x"]
    services = settled(hashes, "hex_md5")
    unread = {
        Unread(HashFault.NOT_NAMED, ""): 1, Unread(HashFault.UNKNOWN_FORMAT, ""): 1,
        Unread(HashFault.UNKNOWN_FORMAT, "$1$"): 1, Unread(HashFault.MALFORMED, "$2b$"): 1,
    }  # fmt: skip
    assert services.stored_hashes.count_unread() == unread
    assert kept(services) == hashes
    found = services.stored_hashes.wrap_weak(HERE)
    assert (found.wrapped, found.read, found.unread) == (1, 1, unread)
    assert [old for old, new in zip(hashes, kept(services), strict=True) if old != new] == [MD5]
    (told,), _ = services.stores.events.list_events(EventFilter(), offset=0, limit=9)
    assert (told.kind, told.detail["count"]) == ("system:hashes:wrapped", "1")


def test_a_look_that_is_bounded_says_whether_it_saw_all(monkeypatch: pytest.MonkeyPatch) -> None:
    services = settled([f"$1$salt${number}" for number in range(8)])
    read = services.stores.accounts.list_password_hashes
    asked = list[int]()

    def counting(*, after: AccountId | None, limit: int) -> Sequence[tuple[AccountId, str]]:
        asked.append(limit)
        return read(after=after, limit=limit)

    monkeypatch.setattr(services.stores.accounts, "list_password_hashes", counting)
    unread = Unread(HashFault.UNKNOWN_FORMAT, "$1$")
    seen = services.stored_hashes.count_some_unread(limit=9)
    assert (seen.looked_at, seen.is_all, seen.unread) == (8, True, {unread: 8})
    seen = services.stored_hashes.count_some_unread(limit=4)
    # The first four, and the last two.
    assert (seen.looked_at, seen.is_all, seen.unread) == (6, False, {unread: 6})
    assert asked == [9, 4]
    assert str(unread) == "unknown_format ($1$)"
    assert str(Unread(HashFault.MALFORMED, "")) == "malformed"


def test_a_run_that_was_stopped_is_taken_up_again() -> None:
    services = settled([MD5] * (2 * BATCH + 1), "hex_md5")
    seen = list[tuple[int, int]]()

    def stopping(done: int, total: int) -> None:
        seen.append((done, total))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.stored_hashes.wrap_weak(HERE, stopping)
    assert seen == [(BATCH, 2 * BATCH + 1)]
    assert kept(services).count(MD5) == BATCH + 1
    found = services.stored_hashes.wrap_weak(HERE)
    assert (found.wrapped, found.read) == (BATCH + 1, BATCH)
    assert services.stored_hashes.wrap_weak(HERE).wrapped == 0
    assert MD5 not in kept(services)
    told, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=9)
    assert sorted(event.detail["count"] for event in told) == ["1", "100", "100"]


def test_several_workers_wrap_at_once_what_one_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = [f"{number:032x}" for number in range(BATCH)]
    services = settled([*hashes, "plain text", *[OLD_HASHES["bcrypt 2b"]] * 2], "hex_md5")
    wrap, both = services.stored_hashes._hasher.wrap, Barrier(2)  # noqa: SLF001

    def together(stored: str) -> str | None:
        both.wait(timeout=30)
        return wrap(stored)

    monkeypatch.setattr(services.stored_hashes._hasher, "wrap", together)  # noqa: SLF001
    found = services.stored_hashes.wrap_weak(HERE, workers=2)
    unread = {Unread(HashFault.UNKNOWN_FORMAT, ""): 1}
    assert (found.wrapped, found.read, found.unread) == (BATCH, 2, unread)
    # Nobody has somebody else's.
    for number in (0, BATCH - 1):
        stored = account_of(services, f"n{number}").password_hash or ""
        assert stored.startswith("bastide$hex_md5$$argon2id$")
        read = HashReaders().read(stored)
        assert compare_digest(read.expected, argon2_of(stored, bytes.fromhex(hashes[number])))


def argon2_of(stored: str, inner: bytes) -> bytes:
    """Return what the Argon2id of a wrapped hash makes of the bytes."""
    return HashReaders().read(stored.removeprefix("bastide$hex_md5$")).make(inner)


@pytest.mark.asvs("V15.4.2")
def test_who_signs_in_meanwhile_is_not_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    services = settled([MD5, MD5], "hex_md5")
    replaced = services.stores.accounts.replace_password_hash

    def overtaken(account_id: AccountId, *, old_hash: str, new_hash: str) -> bool:
        if new_hash.startswith("bastide$") and account_id == account_of(services, "n0").id:
            replaced(account_id, old_hash=old_hash, new_hash="a newer one")
        return replaced(account_id, old_hash=old_hash, new_hash=new_hash)

    monkeypatch.setattr(services.stores.accounts, "replace_password_hash", overtaken)
    found = services.stored_hashes.wrap_weak(HERE)
    assert (found.wrapped, found.read) == (1, 1)
    assert account_of(services, "n0").password_hash == "a newer one"


def test_a_sign_in_that_a_wrap_overtakes_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    services = settled([MD5], "hex_md5")
    verify, wrapped = services.login._hasher.verify, list[int]()  # noqa: SLF001

    def overtaken(password: Secret, stored_hash: str | None) -> bool:
        is_right = verify(password, stored_hash)
        if not wrapped:
            wrapped.append(services.stored_hashes.wrap_weak(HERE).wrapped)
        return is_right

    monkeypatch.setattr(services.login._hasher, "verify", overtaken)  # noqa: SLF001
    outcome = services.login.sign_in("n0", Secret(OLD_PASSWORD), HERE, previous=None)
    assert isinstance(outcome, LoggedIn)
    assert wrapped == [1]
