"""Accounts: found, changed and kept apart, whoever asks at once."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bastide.core.foundation import ConfigurationError
from bastide.core.records import AccountExists, LastHolder, TicketSpent
from bastide.core.request import Stores
from bastide.core.sign_in import TicketPurpose
from bastide.testing.clock import START
from support.at_once import race
from support.stores import LATER, THREADS, email_ticket, new_account, session, ticket


def test_accounts_are_found_by_either_key(stores: Stores) -> None:
    account_id = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    account = stores.accounts.get_account(account_id)
    assert account is not None
    assert account == stores.accounts.find_account("maud") == stores.accounts.find_account("maud@example.org")
    assert (account.username, account.is_active, account.roles) == ("maud", True, {"reader"})
    assert stores.accounts.find_account("m%") is None
    other_name = replace(new_account("x"), email="Maud@example.org", email_key="maud@example.org")
    for taken, field in ((new_account(), "username"), (other_name, "email")):
        with pytest.raises(AccountExists) as caught:
            stores.accounts.add_account(taken, ticket_digest=None, now=START)
        assert caught.value.field == field
    with pytest.raises(ConfigurationError):
        stores.accounts.add_account(new_account("x", "emperor"), ticket_digest=None, now=START)
    assert stores.accounts.find_account("x") is None


def test_password_hashes_are_listed_by_account_and_sampled_from_both_ends(stores: Stores) -> None:
    hashes = [f"hash {number}" for number in range(7)]
    made = [
        (
            stores.accounts.add_account(
                replace(new_account(f"n{number}"), password_hash=encoded), ticket_digest=None, now=START
            ),
            encoded,
        )
        for number, encoded in enumerate(hashes)
    ]
    stores.accounts.replace_password_hash(made[3][0], old_hash="hash 3", new_hash="")
    made = sorted(made[:3] + made[4:])
    first = stores.accounts.list_password_hashes(after=None, limit=4)
    assert list(first) == made[:4]
    assert list(stores.accounts.list_password_hashes(after=first[-1][0], limit=4)) == made[4:]
    assert list(stores.accounts.list_password_hashes(after=made[-1][0], limit=4)) == []
    sample = stores.accounts.sample_password_hashes(4)
    assert sorted(sample) == sorted(encoded for _, encoded in made[:2] + made[-2:])


@pytest.mark.asvs("V6.3.8")
def test_two_names_that_look_alike_are_one(stores: Stores) -> None:
    first = stores.accounts.add_account(new_account("paypal"), ticket_digest=None, now=START)
    alike = replace(new_account("x"), username="paypaI", username_key="paypai")
    with pytest.raises(AccountExists) as caught:
        stores.accounts.add_account(alike, ticket_digest=None, now=START)
    assert caught.value.field == "username"
    # Nobody signs in under a name that only looks like theirs.
    assert stores.accounts.find_account("paypai") is None
    found = stores.accounts.find_account("paypal")
    assert found is not None
    assert found.id == first
    for name in ("ali", "all"):
        stores.accounts.add_account(new_account(name), ticket_digest=None, now=START)


@pytest.mark.asvs("V6.3.8")
def test_of_two_names_that_look_alike_one_is_first(stores: Stores) -> None:
    names = ("maud", "rnaud") * (THREADS // 2)
    outcomes = race(*[
        lambda number=number, name=name: stores.accounts.add_account(
            replace(new_account(name), email=f"{number}@example.org", email_key=f"{number}@example.org"),
            ticket_digest=None, now=START,
        )
        for number, name in enumerate(names)
    ])  # fmt: skip
    assert [outcome.field for outcome in outcomes if isinstance(outcome, AccountExists)] == ["username"] * (
        len(names) - 1
    )


def test_accounts_are_listed_by_name_and_searched_literally(stores: Stores) -> None:
    for name in ("zoe", "a_b", "axb"):
        stores.accounts.add_account(new_account(name), ticket_digest=None, now=START)
    found, total = stores.accounts.list_accounts(search="", offset=1, limit=1)
    assert total == 3
    assert len(found) == 1
    assert [
        account.username for account in stores.accounts.list_accounts(search="A_B", offset=0, limit=9)[0]
    ] == ["a_b"]
    assert stores.accounts.list_accounts(search="%", offset=0, limit=9) == ([], 0)
    assert stores.accounts.count_role_holders("reader") == 3


def test_hashes_are_swapped_only_from_the_known_one(stores: Stores) -> None:
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    outcomes = race(*[
        lambda number=number: stores.accounts.replace_password_hash(account, old_hash="hash", new_hash=f"new{number}")
        for number in range(THREADS)
    ])  # fmt: skip
    assert sorted(map(bool, outcomes)) == [False] * (THREADS - 1) + [True]


def test_one_ticket_makes_one_account(stores: Stores) -> None:
    stores.tickets.put_ticket(ticket())
    outcomes = race(*[
        lambda number=number: stores.accounts.add_account(new_account(f"n{number}"), ticket_digest=b"t" * 32, now=START)
        for number in range(THREADS)
    ])  # fmt: skip
    assert sum(isinstance(outcome, TicketSpent) for outcome in outcomes) == THREADS - 1
    assert stores.accounts.list_accounts(search="", offset=0, limit=1)[1] == 1
    stores.tickets.put_ticket(ticket(b"u" * 32))
    with pytest.raises(TicketSpent):
        stores.accounts.add_account(new_account("late"), ticket_digest=b"u" * 32, now=LATER)


def test_one_name_makes_one_account_and_the_ticket_stays_good(stores: Stores) -> None:
    for number in range(THREADS):
        stores.tickets.put_ticket(ticket(bytes([number]) * 32, subject=str(number)))
    outcomes = race(*[
        lambda number=number: stores.accounts.add_account(new_account(), ticket_digest=bytes([number]) * 32, now=START)
        for number in range(THREADS)
    ])  # fmt: skip
    assert sum(isinstance(outcome, AccountExists) for outcome in outcomes) == THREADS - 1
    left = [
        stores.tickets.get_ticket(bytes([n]) * 32, purpose=TicketPurpose.INVITATION, now=START)
        for n in range(THREADS)
    ]
    assert sum(found is not None for found in left) == THREADS - 1


def test_roles_are_granted_and_revoked_once_and_mark_sessions(stores: Stores) -> None:
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    stores.sessions.create_session(session(b"s" * 32, account), now=START)
    outcomes = race(*[lambda: stores.accounts.grant_role(account, "author") for _ in range(THREADS)])
    assert outcomes.count(True) == 1
    loaded = stores.sessions.load_session(b"s" * 32)
    assert loaded is not None
    assert (loaded.must_rotate, loaded.roles, loaded.permissions) == (
        True,
        {"reader", "author"},
        {"read", "write"},
    )
    stores.sessions.rotate_session(b"s" * 32, new_digest=b"r" * 32, confirmed_at=None, agent_family=None)
    loaded = stores.sessions.load_session(b"r" * 32)
    assert loaded is not None
    assert not loaded.must_rotate
    outcomes = race(*[lambda: stores.accounts.revoke_role(account, "author") for _ in range(THREADS)])
    assert outcomes.count(True) == 1
    loaded = stores.sessions.load_session(b"r" * 32)
    assert loaded is not None
    assert (loaded.must_rotate, loaded.roles, loaded.permissions) == (True, {"reader"}, {"read"})
    with pytest.raises(ConfigurationError):
        stores.accounts.grant_role(account, "emperor")
    stores.accounts.define_roles({"reader": frozenset({"everything"})})
    again = stores.sessions.load_session(b"r" * 32)
    assert again is not None
    assert again.permissions == {"read"}


@pytest.mark.asvs("V8.2.1", "V15.4.1")
def test_a_role_is_given_a_permission_once(stores: Stores) -> None:
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    stores.sessions.create_session(session(b"s" * 32, account), now=START)
    outcomes = race(*[lambda: stores.accounts.add_permission("reader", "comment") for _ in range(THREADS)])
    assert outcomes.count(True) == 1
    assert not stores.accounts.add_permission("reader", "read")
    loaded = stores.sessions.load_session(b"s" * 32)
    assert loaded is not None
    assert loaded.permissions == {"read", "comment"}


def test_disabling_ends_every_session(stores: Stores) -> None:
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    stores.sessions.create_session(session(b"s" * 32, account), now=START)
    outcomes = race(*[lambda: stores.accounts.set_active(account, is_active=False) for _ in range(THREADS)])
    assert outcomes.count(True) == 1
    assert stores.sessions.load_session(b"s" * 32) is None
    assert stores.accounts.count_role_holders("reader") == 0
    assert stores.accounts.set_active(account, is_active=True)


def test_a_reset_burns_its_ticket_swaps_the_hash_and_ends_sessions_once(stores: Stores) -> None:
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    stores.sessions.create_session(session(b"s" * 32, account), now=START)

    def put() -> bytes:
        stores.tickets.put_ticket(replace(ticket(), purpose=TicketPurpose.PASSWORD_RESET))
        return b"t" * 32

    def reset(digest: bytes, old: str | None = "hash", new: str = "new", now: datetime = START) -> None:
        stores.accounts.reset_password(account, ticket_digest=digest, old_hash=old, new_hash=new, now=now)

    for wrong in ({"old": "other"}, {"old": None}, {"now": LATER}, {"digest": b"x" * 32}):
        digest = put()
        with pytest.raises(TicketSpent):
            reset(**{"digest": digest, **wrong})  # type: ignore[arg-type]
        assert stores.sessions.load_session(b"s" * 32) is not None
    digest = put()
    outcomes = race(*[lambda: reset(digest) for _ in range(THREADS)])
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, TicketSpent) for outcome in outcomes) == THREADS - 1
    found = stores.accounts.get_account(account)
    assert found is not None
    assert found.password_hash == "new"
    assert stores.sessions.load_session(b"s" * 32) is None
    assert stores.tickets.get_ticket(digest, purpose=TicketPurpose.PASSWORD_RESET, now=START) is None


def test_an_account_that_came_without_a_password_gets_one_by_mail(stores: Stores) -> None:
    """Imports and other people's ways of signing in leave an empty text where the hash would be."""
    account = stores.accounts.add_account(
        replace(new_account(), password_hash=""), ticket_digest=None, now=START
    )
    stores.tickets.put_ticket(replace(ticket(), purpose=TicketPurpose.PASSWORD_RESET))
    found = stores.accounts.get_account(account)
    assert found is not None
    assert not found.password_hash
    stores.accounts.reset_password(
        account, ticket_digest=b"t" * 32, old_hash=found.password_hash, new_hash="new", now=START
    )
    changed = stores.accounts.get_account(account)
    assert changed is not None
    assert changed.password_hash == "new"


def test_the_last_active_holder_keeps_the_role_whoever_asks_at_once(stores: Stores) -> None:
    first, second, third = (
        stores.accounts.add_account(new_account(name, "author"), ticket_digest=None, now=START)
        for name in ("one", "two", "three")
    )
    assert stores.accounts.set_active(third, is_active=False, keep_holders=("author",))
    outcomes = race(
        lambda: stores.accounts.revoke_role(first, "author", keep_holders=("author",)),
        lambda: stores.accounts.set_active(second, is_active=False, keep_holders=("author", "reader")),
    )
    assert outcomes.count(True) == 1
    assert sum(isinstance(outcome, LastHolder) for outcome in outcomes) == 1
    assert stores.accounts.count_role_holders("author") == 1
    assert stores.accounts.revoke_role(third, "author", keep_holders=("author",))
    left = first if stores.accounts.get_account(first).roles else second  # type: ignore[union-attr]
    with pytest.raises(LastHolder):
        stores.accounts.revoke_role(left, "author", keep_holders=("author",))
    with pytest.raises(LastHolder):
        stores.accounts.set_active(left, is_active=False, keep_holders=("author",))
    assert stores.accounts.get_account(left).is_active  # type: ignore[union-attr]
    assert stores.accounts.revoke_role(left, "author")


def test_an_address_is_changed_with_its_ticket_or_not_at_all(stores: Stores) -> None:
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    stores.accounts.add_account(new_account("otto"), ticket_digest=None, now=START)
    change = stores.accounts.change_email
    digest = email_ticket(stores)
    with pytest.raises(AccountExists):
        change(
            account, ticket_digest=digest, email="Otto@example.org", email_key="otto@example.org", now=START
        )
    change(account, ticket_digest=digest, email="New@example.org", email_key="new@example.org", now=START)
    found = stores.accounts.find_account("new@example.org")
    assert found is not None
    assert (found.id, found.email) == (account, "New@example.org")
    assert stores.accounts.find_account("maud@example.org") is None
    for spent in (digest, bytes(31) + b"\xff", email_ticket(stores, 1)):
        with pytest.raises(TicketSpent):
            change(account, ticket_digest=spent, email="x@example.org", email_key="x@example.org", now=LATER)


@pytest.mark.asvs("V15.4.2", "V7.4.3")
def test_a_sign_in_and_a_new_password_never_pass_each_other(stores: Stores) -> None:
    """What a sign-in does in its unit, against what a change does: no session of the old password survives."""
    for number in range(6):
        account = stores.accounts.add_account(new_account(f"maud{number}"), ticket_digest=None, now=START)
        key = bytes([number]) * 32

        def sign_in(account: Any = account, key: bytes = key) -> bool:
            with stores.units():
                found = stores.accounts.lock_account(account)
                if found is None or found.password_hash != "hash":
                    return False
                stores.sessions.create_session(session(key, account), now=START)
                return True

        def change(account: Any = account) -> bool:
            with stores.units():
                done = stores.accounts.replace_password_hash(account, old_hash="hash", new_hash="new")
                stores.sessions.end_account_sessions(account, keep=None)
                return done

        outcomes = race(sign_in, change)
        assert outcomes[1] is True, outcomes
        assert stores.sessions.load_session(key) is None
