"""Passkeys as their owner keeps them: added, named and removed."""

import importlib.util
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bastide.core.foundation import AccessDenied, ConfigurationError, Secret, Signer, encode_token
from bastide.core.request import Services
from bastide.core.sign_in import (
    HANDLE_PURPOSE,
    LoggedIn,
    PasskeySettings,
    Refused,
    passkey_handle,
    webauthn,
)
from bastide.core.sign_in.second_factor import Enrolled
from bastide.testing import FrozenClock
from support.authenticator import BACKED_UP, ELIGIBLE, PRESENT, VERIFIED, SoftKey
from support.blog import Outbox
from support.core import HERE, RIGHT, account_of, half_way, kinds, make, register, sign_in
from support.passkeys import BROWSER, PARTY, WRONG, add, added, alone, second
from support.rows import rows


@pytest.fixture
def services(services: Services) -> Services:
    register(services)
    return services


def test_what_a_browser_is_asked_for(services: Services) -> None:
    session, account = sign_in(services).session, account_of(services)
    options = services.passkeys.begin(session, account, PARTY)
    assert options["rp"] == {"id": "localhost", "name": "Bastide"}
    assert options["authenticatorSelection"] == {
        "residentKey": "preferred",
        "userVerification": "preferred",
    }
    assert options["attestation"] == "none"
    assert len(options["user"]["id"]) == 43
    assert json.dumps(options)
    key = SoftKey(is_resident=False)
    session = added(services, key, session)
    again = services.passkeys.begin(session, account, PARTY)
    (passkey,) = services.passkeys.list_own(account.id)
    assert again["user"]["id"] == encode_token(passkey.user_handle or b"") != options["user"]["id"]
    assert [entry["transports"] for entry in again["excludeCredentials"]] == [["internal"]]
    stranger = services.passkey_proofs.begin_sign_in(PARTY, browser=BROWSER)
    assert (stranger["allowCredentials"], stranger["userVerification"]) == ([], "required")
    waiting = services.passkey_proofs.begin_second_factor(half_way(services), PARTY)
    assert waiting is not None
    assert len(waiting["allowCredentials"]) == 1
    assert waiting["userVerification"] == "preferred"
    assert services.passkey_proofs.begin_second_factor(session, PARTY) is None
    confirming = services.passkey_proofs.begin_confirm(session, PARTY)
    assert confirming is not None
    assert confirming["userVerification"] == "required"


@rows(
    "changes",
    [
        {"origin": "http://evil.example"}, {"rp_id": "evil.example"}, {"challenge": "A" * 43}, {"type": "webauthn.get"},
        {"cross_origin": True}, {"flags": VERIFIED}, {"fmt": "tpm"}, {"fmt": "fido-u2f"}, {"statement": {"sig": b"x"}},
        {"fmt": "packed", "statement": {"alg": -7, "sig": b"x"}}, {"attestation": b""}, {"attestation": b"\xa0"},
        {"attested": b""}, {"credential_id": b""}, {"credential_id": b"x" * 1024}, {"sent_id": b"another"},
        {"public_key": b"\xa1\x01\x02"}, {"public_key": b"\x04" + bytes(64)},
        {"public_key": b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + bytes(31) + b"\x01\x22\x58\x20" + bytes(31) + b"\x01"},
        {"public_key": b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x08\x00" + b"\xff" * 2048 + b"\x21\x43\x01\x00\x01"},
    ],
)  # fmt: skip
def test_no_changed_registration_is_kept(clock: FrozenClock, outbox: Outbox, changes: dict[str, Any]) -> None:
    services = make(clock, outbox)
    register(services)
    session = sign_in(services).session
    assert add(services, SoftKey(), session, **changes) == WRONG
    assert not services.second_factors.is_on(account_of(services).id)
    assert added(services, SoftKey(), session)


def test_a_backed_up_passkey_is_known_as_such(services: Services) -> None:
    assert isinstance(add(services, SoftKey(), flags=PRESENT | VERIFIED | ELIGIBLE | BACKED_UP), Enrolled)
    assert services.passkeys.list_own(account_of(services).id)[0].is_backed_up


def test_a_registration_belongs_to_its_session(services: Services) -> None:
    first, other, account = sign_in(services).session, sign_in(services).session, account_of(services)
    sent = SoftKey().create(services.passkeys.begin(first, account, PARTY))
    assert services.passkeys.add(other, account, "x", sent, HERE, party=PARTY) == WRONG
    assert services.passkeys.add(first, account, "x", sent, HERE, party=PARTY) == WRONG


def test_one_factor_may_go_while_another_stays(
    services: Services, clock: FrozenClock, outbox: Outbox
) -> None:
    first, further = SoftKey(), SoftKey()
    session, account = sign_in(services).session, account_of(services)
    session = added(services, first, session)
    clock.advance(timedelta(seconds=1))
    more = add(services, further, session)
    assert isinstance(more, Enrolled)
    assert more.codes == ()
    other = alone(services, first)
    assert isinstance(other, LoggedIn)
    first_handle, further_handle = map(passkey_handle, services.passkeys.list_own(account.id))
    after = services.passkeys.remove(more.session, account, first_handle, HERE)
    assert after is not None
    assert services.stores.sessions.load_session(other.session.digest) is None
    assert services.passkeys.remove(after, account, first_handle, HERE) is None
    assert isinstance(alone(services, first), Refused)
    assert isinstance(second(services, further), LoggedIn)
    assert services.second_factors.count_backup_codes(account.id) == 10
    last = services.passkeys.remove(after, account, further_handle, HERE)
    assert last is not None
    assert services.second_factors.count_backup_codes(account.id) == 0
    assert isinstance(services.login.sign_in("maud", RIGHT, HERE, previous=None), LoggedIn)
    assert [message.subject for message in outbox.messages] == ["Your passkeys"] * 4


def test_authenticators_know_an_account_by_one_random_handle(services: Services, clock: FrozenClock) -> None:
    first, further, hers = SoftKey(), SoftKey(), SoftKey()
    register(services, "zoe")
    session = added(services, first)
    clock.advance(timedelta(seconds=1))
    assert isinstance(add(services, further, session), Enrolled)
    assert isinstance(add(services, hers, name="zoe"), Enrolled)
    own = services.passkeys.list_own(account_of(services).id)
    assert first.handle is not None
    assert len(first.handle) == 32
    assert [passkey.user_handle for passkey in own] == [first.handle] * 2 == [further.handle] * 2
    assert first.handle != hers.handle
    # Whose passkeys are all gone begins anew.
    for passkey in own:
        services.stores.passkeys.remove_passkey(passkey.account_id, passkey.credential_id, keep=None)
    anew = SoftKey()
    added(services, anew)
    assert anew.handle not in {None, first.handle}


def test_a_passkey_from_before_handles_were_stored_keeps_its_own(services: Services) -> None:
    key = SoftKey()
    added(services, key)
    account, store = account_of(services), services.stores.passkeys
    (passkey,) = services.passkeys.list_own(account.id)
    store.remove_passkey(account.id, passkey.credential_id, keep=None)
    store.add_passkey(replace(passkey, user_handle=None), codes=(), keep=b"", limit=20)
    assert isinstance(alone(services, key), Refused)
    key.handle = Signer(Secret("k" * 32), purpose=HANDLE_PURPOSE).tag(str(account.id).encode())
    assert isinstance(alone(services, key), LoggedIn)


def test_an_authenticator_beside_a_passkey_brings_no_new_codes(services: Services) -> None:
    from bastide.core.sign_in import totp

    session = added(services, SoftKey())
    account, factors = account_of(services), services.second_factors
    assert not factors.has_authenticator(account.id)
    factors.begin(account.id)
    found = services.stores.factors.find_totp(account.id)
    assert found is not None
    code = totp.code_at(factors._open(account.id, found), totp.step_at(services.clock.now()))  # noqa: SLF001
    done = factors.confirm(session, account, code, HERE)
    assert isinstance(done, Enrolled)
    assert done.codes == ()
    assert factors.has_authenticator(account.id)
    assert factors.count_backup_codes(account.id) == 10


def test_passkeys_are_named_by_their_owner_only(services: Services) -> None:
    register(services, "zoe")
    session = added(services, SoftKey())
    account, zoe = account_of(services), account_of(services, "zoe")
    handle = passkey_handle(services.passkeys.list_own(account.id)[0])
    assert services.passkeys.rename(session, account, handle, "Desk", HERE)
    assert not services.passkeys.rename(session, account, "0" * 32, "Desk", HERE)
    hers = sign_in(services, "zoe").session
    assert not services.passkeys.rename(hers, zoe, handle, "Mine", HERE)
    assert services.passkeys.remove(hers, zoe, handle, HERE) is None
    assert services.passkeys.list_own(account.id)[0].name == "Desk"
    assert kinds(services).count("account:passkey:renamed") == 1


def test_a_passkey_removed_meanwhile_is_not_renamed(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = added(services, SoftKey())
    account, store = account_of(services), services.stores.passkeys
    own = store.list_passkeys(account.id)
    handle = passkey_handle(own[0])
    store.remove_passkey(account.id, own[0].credential_id, keep=session.digest)
    monkeypatch.setattr(store, "list_passkeys", lambda _: own)
    locked: list[object] = []
    monkeypatch.setattr(services.stores.accounts, "lock_account", locked.append)
    assert not services.passkeys.rename(session, account, handle, "Desk", HERE)
    assert locked == [account.id]
    assert services.passkeys.remove(session, account, handle, HERE) is None


def test_an_account_has_a_limited_number_of_passkeys(clock: FrozenClock, outbox: Outbox) -> None:
    services = make(clock, outbox, passkeys={"max_per_account": 2})
    register(services)
    session = added(services, SoftKey(), added(services, SoftKey()))
    assert add(services, SoftKey(), session) == WRONG


def test_a_session_that_ends_during_a_registration_adds_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sign_in(services).session
    monkeypatch.setattr(services.sessions, "rotate", lambda *_, **__: None)
    with pytest.raises(AccessDenied):
        add(services, SoftKey(), session)
    assert services.passkeys.list_own(account_of(services).id) == []


def test_passkeys_are_offered_where_their_package_is_and_the_settings_allow(
    clock: FrozenClock, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert make(clock, outbox).passkeys.is_offered
    assert not make(clock, outbox, passkeys={"is_offered": False}).passkeys.is_offered
    find = importlib.util.find_spec
    monkeypatch.setattr(webauthn, "find_spec", lambda name: None if name == "webauthn" else find(name))
    bare = make(clock, outbox)
    assert not bare.passkeys.is_offered
    assert bare.passkeys.list_own(1) == ()


def test_the_site_is_known_by_its_host_or_as_declared(clock: FrozenClock, outbox: Outbox) -> None:
    services = make(clock, outbox)
    assert services.passkeys.party_at("https://Blog.example:8443").id == "blog.example"
    assert services.passkeys.party_at("https://blog.example:8443").origin == "https://blog.example:8443"
    declared = make(clock, outbox, passkeys={"relying_party_id": "example.org"})
    assert declared.passkeys.party_at("https://blog.example.org").id == "example.org"


def test_settings_are_held_to_what_makes_sense() -> None:
    for bad in ({"max_per_account": 0}, {"max_per_account": 101}, {"relying_party_id": "https://example.org"},
                {"relying_party_id": "example.org:443"}, {"relying_party_id": "Example.org"}):  # fmt: skip
        with pytest.raises(ConfigurationError):
            PasskeySettings(**bad)  # type: ignore[arg-type]
