"""API tokens: as of now, limited, and gone with their owner."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bastide.core.records import NewToken, StoredToken, TokenSummary
from bastide.core.request import Stores
from bastide.core.sign_in import TicketPurpose
from bastide.testing.clock import START
from support.at_once import race
from support.stores import THREADS, new_account, passkey, ticket


def token(token_id: str, account: Any, *, days: int = 30, scopes: str = "read") -> NewToken:
    return NewToken(
        id=token_id, digest=token_id[0].encode() * 32, account_id=account, name=f"token {token_id}",
        scopes=frozenset(scopes.split()), created_at=START, expires_at=START + timedelta(days=days),
    )  # fmt: skip


@pytest.mark.asvs("V8.3.2")
def test_a_token_comes_back_with_its_account_as_of_now(stores: Stores) -> None:
    maud = stores.accounts.add_account(new_account("maud", "author"), ticket_digest=None, now=START)
    assert stores.tokens.find_token("a" * 11) is None
    assert stores.tokens.add_token(token("a" * 11, maud, scopes="write read"), limit=5)
    found = StoredToken(
        digest=b"a" * 32, account_id=maud, scopes=frozenset({"read", "write"}),
        expires_at=START + timedelta(days=30), last_used_at=None, account_is_active=True, has_factor=False,
        username="maud", roles=frozenset({"author"}), permissions=frozenset({"read", "write"}),
    )  # fmt: skip
    assert stores.tokens.find_token("a" * 11) == found
    stores.accounts.grant_role(maud, "reader")
    stores.accounts.revoke_role(maud, "author")
    stores.factors.put_totp(maud, b"sealed", step=3)
    assert stores.factors.confirm_totp(maud, sealed=b"sealed", step=1, codes=[], keep=b"")
    assert stores.tokens.find_token("a" * 11) == found._replace(
        has_factor=True, roles=frozenset({"reader"}), permissions=frozenset({"read"})
    )


def test_tokens_are_listed_and_revoked_by_their_owner_only(stores: Stores) -> None:
    maud, ines = (
        stores.accounts.add_account(new_account(name), ticket_digest=None, now=START)
        for name in ("maud", "ines")
    )
    for token_id, owner in (("b" * 11, maud), ("a" * 11, maud), ("c" * 11, ines)):
        assert stores.tokens.add_token(token(token_id, owner), limit=5)
    first, second = stores.tokens.list_tokens(maud)
    assert (first.id, second.id) == ("a" * 11, "b" * 11)
    assert first == TokenSummary(
        id="a" * 11, name="token aaaaaaaaaaa", scopes=frozenset({"read"}), created_at=START,
        expires_at=START + timedelta(days=30),
    )  # fmt: skip
    assert not stores.tokens.revoke_token(ines, "a" * 11)
    assert stores.tokens.revoke_token(maud, "a" * 11)
    assert not stores.tokens.revoke_token(maud, "a" * 11)
    assert stores.tokens.find_token("a" * 11) is None
    assert stores.tokens.revoke_tokens(maud) == 1
    assert stores.tokens.revoke_tokens(maud) == 0
    assert [each.id for each in stores.tokens.list_tokens(ines)] == ["c" * 11]


def test_an_account_never_gets_more_tokens_than_its_limit_whoever_asks_at_once(stores: Stores) -> None:
    maud = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    assert stores.tokens.add_token(replace(token("o" * 11, maud), expires_at=START), limit=3)
    ids = [chr(ord("A") + number) * 11 for number in range(THREADS)]
    outcomes = race(*(lambda one=one: stores.tokens.add_token(token(one, maud), limit=3) for one in ids))
    assert sorted(map(str, outcomes)) == ["False"] * (THREADS - 3) + ["True"] * 3
    assert len(stores.tokens.list_tokens(maud)) == 4


def test_a_token_is_touched_once_per_interval(stores: Stores) -> None:
    maud = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    stores.tokens.add_token(token("a" * 11, maud), limit=5)

    def touch(now: datetime) -> bool:
        return stores.tokens.touch_token("a" * 11, now=now, used_before=now - timedelta(minutes=1))

    outcomes = race(*(lambda: touch(START) for _ in range(THREADS)))
    assert outcomes.count(True) == 1
    assert not touch(START + timedelta(seconds=59))
    assert touch(START + timedelta(seconds=60))
    assert stores.tokens.list_tokens(maud)[0].last_used_at == START + timedelta(seconds=60)
    assert not stores.tokens.touch_token("b" * 11, now=START, used_before=START)


@pytest.mark.asvs("V7.4.2")
def test_tokens_go_with_disabling_with_a_reset_and_with_their_time(stores: Stores) -> None:
    maud, ines = (
        stores.accounts.add_account(new_account(name), ticket_digest=None, now=START)
        for name in ("maud", "ines")
    )
    for token_id, owner, days in (("a" * 11, maud, 30), ("b" * 11, ines, 30), ("c" * 11, ines, 1)):
        stores.tokens.add_token(token(token_id, owner, days=days), limit=5)
    stores.accounts.set_active(maud, is_active=False)
    assert list(stores.tokens.list_tokens(maud)) == []
    assert stores.tokens.purge_tokens(now=START + timedelta(days=1)) == 1
    assert [each.id for each in stores.tokens.list_tokens(ines)] == ["b" * 11]
    stores.tickets.put_ticket(replace(ticket(subject="r"), purpose=TicketPurpose.PASSWORD_RESET))
    stores.accounts.reset_password(ines, ticket_digest=b"t" * 32, old_hash="hash", new_hash="new", now=START)
    assert list(stores.tokens.list_tokens(ines)) == []


@pytest.mark.asvs("V8.3.2")
def test_somebody_elses_factor_gives_a_token_no_rights(stores: Stores) -> None:
    maud = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    ines = stores.accounts.add_account(new_account("ines"), ticket_digest=None, now=START)
    stores.tokens.add_token(token("a" * 11, maud), limit=5)
    stores.factors.put_totp(ines, b"sealed", step=3)
    assert stores.factors.confirm_totp(ines, sealed=b"sealed", step=7, codes=(), keep=b"")
    stores.passkeys.add_passkey(passkey(ines), codes=(), keep=b"", limit=5)
    found = stores.tokens.find_token("a" * 11)
    assert found is not None
    assert not found.has_factor
    stores.passkeys.add_passkey(passkey(maud, 2), codes=(), keep=b"", limit=5)
    found = stores.tokens.find_token("a" * 11)
    assert found is not None
    assert found.has_factor
