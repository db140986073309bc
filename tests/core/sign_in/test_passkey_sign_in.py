"""Passkeys: every part of an answer changed in turn, and how the services compose them."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import AccessDenied, AccountId, ConfigurationError
from bastide.core.records import Account
from bastide.core.request import Services
from bastide.core.security_log import EventFilter, EventKind
from bastide.core.sessions import ActiveSession
from bastide.core.sign_in import (
    FactorNeeded,
    LoggedIn,
    PasskeySettings,
    Refused,
    RelyingParty,
    passkey_handle,
    webauthn,
)
from bastide.core.sign_in.login import Confirmed
from bastide.core.sign_in.second_factor import Enrolled
from bastide.core.sign_in.secret_checks import RefusalReason
from bastide.core.sign_in.webauthn import PasskeyResponse, read_response
from bastide.testing import FrozenClock
from support.authenticator import BACKED_UP, ELIGIBLE, ORIGIN, PRESENT, VERIFIED, SoftKey
from support.blog import Outbox
from support.core import HERE, RIGHT, kinds, make, register, sign_in
from support.core import WRONG as WRONG_PASSWORD

PARTY = RelyingParty(id="localhost", name="Bastide", origin=ORIGIN)
BROWSER = b"b" * 32
WRONG = Refused(RefusalReason.WRONG_SECRET)
GONE = Refused(RefusalReason.SESSION_GONE)


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def services(clock: FrozenClock, outbox: Outbox) -> Services:
    made = make(clock, outbox)
    register(made)
    return made


def account_of(services: Services, name: str = "maud") -> Account:
    account = services.stores.accounts.find_account(name)
    assert account is not None
    return account


def add(
    services: Services, key: SoftKey, session: ActiveSession | None = None, name: str = "maud", **changes: Any
) -> Enrolled | Refused:
    session, account = session or sign_in(services, name).session, account_of(services, name)
    sent = key.create(services.passkeys.begin(session, account, PARTY), **changes)
    return services.passkeys.add(session, account, "My key", sent, HERE, party=PARTY)


def added(services: Services, key: SoftKey, session: ActiveSession | None = None) -> ActiveSession:
    done = add(services, key, session)
    assert isinstance(done, Enrolled)
    return done.session


def alone(services: Services, key: SoftKey, **changes: Any) -> LoggedIn | Refused:
    options = services.passkey_proofs.begin_sign_in(PARTY, browser=BROWSER)
    return enter(services, key.get(options, **changes))


def enter(services: Services, sent: str, **options: Any) -> LoggedIn | Refused:
    options = {"browser": BROWSER, "previous": None, "party": PARTY, **options}
    return services.passkey_proofs.sign_in(sent, HERE, **options)


def half_way(services: Services, name: str = "maud") -> ActiveSession:
    outcome = services.login.sign_in(name, RIGHT, HERE, previous=None)
    assert isinstance(outcome, FactorNeeded)
    return outcome.session


def second(services: Services, key: SoftKey, **changes: Any) -> LoggedIn | Refused:
    session = half_way(services)
    options = services.passkey_proofs.begin_second_factor(session, PARTY)
    assert options is not None
    return services.passkey_proofs.second_factor(session, key.get(options, **changes), HERE, party=PARTY)


def unlock(services: Services) -> None:
    services.attempts.unlock_account(account_of(services).id)


def test_a_passkey_signs_in_alone_and_as_a_second_factor(services: Services, outbox: Outbox) -> None:
    key = SoftKey()
    done = add(services, key)
    assert isinstance(done, Enrolled)
    assert len(done.codes) == 10
    assert services.second_factors.is_on(account_of(services).id)
    found = services.passkeys.list_own(account_of(services).id)[0]
    assert (found.name, found.transports, found.last_used_at) == ("My key", ("internal",), None)
    entered = alone(services, key)
    assert isinstance(entered, LoggedIn)
    assert entered.session.principal.account_id == account_of(services).id
    assert isinstance(second(services, key), LoggedIn)
    used = services.passkeys.list_own(account_of(services).id)[0]
    assert (used.sign_count, used.last_used_at) == (2, services.clock.now())
    assert "the passkey “My key” was added" in outbox.messages[0].body
    assert kinds(services)[-4:] == [
        "account:factor:added", "account:login:success", "account:factor:needed", "account:factor:success",
    ]  # fmt: skip
    events, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=9)
    added_by = [event.detail["kind"] for event in events if event.kind == "account:factor:added"]
    assert (added_by, events[0].detail["by"]) == (["passkey"], "passkey")


def test_the_earlier_session_of_the_browser_ends(services: Services) -> None:
    key = SoftKey()
    session = added(services, key)
    options = services.passkey_proofs.begin_sign_in(PARTY, browser=BROWSER)
    assert isinstance(enter(services, key.get(options), previous=session), LoggedIn)
    assert services.stores.sessions.load_session(session.digest) is None


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
    assert again["user"]["id"] == options["user"]["id"]
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


def other_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


FORGERIES: dict[str, dict[str, Any]] = {
    "another site's origin": {"origin": "http://localhost.evil.example"},
    "another port": {"origin": "http://localhost:81"},
    "another scheme": {"origin": "https://localhost"},
    "no origin": {"origin": None},
    "another site's id": {"rp_id": "evil.example"},
    "a challenge of one's own": {"challenge": "A" * 43},
    "no challenge": {"challenge": ""},
    "a challenge that is no text": {"challenge": 7},
    "inside another site's frame": {"cross_origin": True},
    "another ceremony": {"type": "webauthn.create"},
    "nobody present": {"flags": VERIFIED},
    "an impossible backup": {"flags": PRESENT | VERIFIED | BACKED_UP},
    "a signature by another key": {"signing_key": other_key()},
    "a signature of nothing": {"signature": b""},
    "noise for a signature": {"signature": b"\x30\x06\x02\x01\x01\x02\x01\x01"},
    "client data changed after signing": {"swapped_client": b'{"type":"webauthn.get"}'},
    "data changed after signing": {"swapped_data": bytes(37)},
    "data too short": {"swapped_data": b"short"},
    "an unknown credential": {"sent_id": b"x" * 32},
    "somebody else's handle": {"handle": b"h" * 32},
    "an empty handle": {"handle": b""},
}


@pytest.mark.asvs("V6.3.1", "V6.7.2")
@pytest.mark.parametrize("forgery", FORGERIES)
def test_no_changed_answer_signs_in(services: Services, forgery: str) -> None:
    key = SoftKey()
    session = added(services, key)
    for use in (alone, second):
        refused = use(services, key, **FORGERIES[forgery])
        assert isinstance(refused, Refused), use
        assert refused.reason in {RefusalReason.WRONG_SECRET, RefusalReason.UNKNOWN_ACCOUNT}
        unlock(services)
    options = services.passkey_proofs.begin_confirm(session, PARTY)
    assert options is not None
    sent = key.get(options, **FORGERIES[forgery])
    assert services.passkey_proofs.confirm(session, sent, HERE, party=PARTY) == WRONG
    assert isinstance(alone(services, key), LoggedIn)


@pytest.mark.parametrize(
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
    ids=str,
)  # fmt: skip
def test_no_changed_registration_is_kept(services: Services, changes: dict[str, Any]) -> None:
    session = sign_in(services).session
    assert add(services, SoftKey(), session, **changes) == WRONG
    assert not services.second_factors.is_on(account_of(services).id)
    assert added(services, SoftKey(), session)


def test_a_backed_up_passkey_is_known_as_such(services: Services) -> None:
    assert isinstance(add(services, SoftKey(), flags=PRESENT | VERIFIED | ELIGIBLE | BACKED_UP), Enrolled)
    assert services.passkeys.list_own(account_of(services).id)[0].is_backed_up


def test_a_passkey_that_verified_nobody_is_a_second_factor_only(services: Services) -> None:
    key = SoftKey(verifies=False)
    session = added(services, key)
    assert alone(services, key) == WRONG
    options = services.passkey_proofs.begin_confirm(session, PARTY)
    assert options is not None
    assert services.passkey_proofs.confirm(session, key.get(options), HERE, party=PARTY) == WRONG
    assert isinstance(second(services, key), LoggedIn)


def test_a_passkey_that_forgets_its_account_is_a_second_factor_only(services: Services) -> None:
    key = SoftKey(is_resident=False)
    added(services, key)
    assert alone(services, key) == WRONG
    assert isinstance(second(services, key), LoggedIn)


@pytest.mark.asvs("V6.5.1")
def test_no_answer_works_twice_late_or_elsewhere(services: Services, clock: FrozenClock) -> None:
    key = SoftKey()
    session = added(services, key)
    proofs = services.passkey_proofs
    sent = key.get(proofs.begin_sign_in(PARTY, browser=BROWSER))
    assert enter(services, sent, browser=b"c" * 32) == WRONG
    assert enter(services, sent) == WRONG
    sent = key.get(proofs.begin_sign_in(PARTY, browser=BROWSER))
    assert isinstance(enter(services, sent), LoggedIn)
    assert enter(services, sent) == WRONG
    late = key.get(proofs.begin_sign_in(PARTY, browser=BROWSER))
    clock.advance(timedelta(minutes=5))
    assert enter(services, late) == WRONG
    older = key.get(proofs.begin_sign_in(PARTY, browser=BROWSER))
    proofs.begin_sign_in(PARTY, browser=BROWSER)
    assert enter(services, older) == WRONG
    unlock(services)
    waiting = half_way(services)
    for_second = proofs.begin_second_factor(waiting, PARTY)
    assert for_second is not None
    caught = key.get(for_second)
    assert enter(services, caught, browser=waiting.digest) == WRONG
    confirming = proofs.begin_confirm(session, PARTY)
    assert confirming is not None
    assert proofs.second_factor(waiting, key.get(confirming), HERE, party=PARTY) == WRONG
    registering = services.passkeys.begin(session, account_of(services), PARTY)
    assert proofs.confirm(session, key.get(registering), HERE, party=PARTY) == WRONG


def test_a_registration_belongs_to_its_session(services: Services) -> None:
    first, other, account = sign_in(services).session, sign_in(services).session, account_of(services)
    sent = SoftKey().create(services.passkeys.begin(first, account, PARTY))
    assert services.passkeys.add(other, account, "x", sent, HERE, party=PARTY) == WRONG
    assert services.passkeys.add(first, account, "x", sent, HERE, party=PARTY) == WRONG


def test_somebody_else_s_passkey_opens_nothing(services: Services) -> None:
    register(services, "zoe")
    key, hers = SoftKey(), SoftKey()
    added(services, key)
    done = add(services, hers, name="zoe")
    assert isinstance(done, Enrolled)
    assert second(services, hers) == WRONG
    assert second(services, hers, handle=None) == WRONG
    assert second(services, hers, handle=key.handle) == WRONG
    assert second(services, hers, sent_id=key.credential_id) == WRONG
    assert alone(services, hers, handle=key.handle) == WRONG
    unlock(services)
    stolen = SoftKey(credential_id=key.credential_id)
    assert add(services, stolen, done.session, name="zoe") == WRONG
    zoe = services.passkeys.list_own(account_of(services, "zoe").id)
    assert [passkey.credential_id for passkey in zoe] == [hers.credential_id]


@pytest.mark.asvs("V6.7.2")
def test_a_counter_that_does_not_grow_is_refused_and_told(services: Services) -> None:
    key = SoftKey()
    added(services, key)
    assert isinstance(alone(services, key, count=7), LoggedIn)
    for stale in (7, 6, 0):
        assert alone(services, key, count=stale) == WRONG
    assert kinds(services).count("account:passkey:counter_refused") == 3
    assert isinstance(alone(services, key, count=8), LoggedIn)


def test_an_authenticator_that_counts_nothing_stays_good(services: Services) -> None:
    key = SoftKey(counts=False)
    added(services, key)
    assert isinstance(alone(services, key), LoggedIn)
    assert isinstance(alone(services, key), LoggedIn)
    assert isinstance(alone(services, key, count=1), LoggedIn)
    assert alone(services, key) == WRONG


def test_of_two_answers_with_one_counter_one_counts(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = SoftKey()
    added(services, key)
    store = services.stores.passkeys
    seen = store.find_passkey(key.credential_id)
    assert isinstance(alone(services, key), LoggedIn)
    monkeypatch.setattr(store, "find_passkey", lambda _: seen)
    assert alone(services, key, count=1) == WRONG
    assert kinds(services)[-2] == "account:passkey:counter_refused"


@pytest.mark.asvs("V6.3.1")
def test_guesses_draw_from_the_one_budget(services: Services) -> None:
    key = SoftKey()
    session = added(services, key)
    outcomes = [alone(services, key, signature=b"x") for _ in range(7)]
    assert outcomes[:5] == [WRONG] * 5
    assert all(
        isinstance(out, Refused) and out.reason is RefusalReason.LOCKED and out.retry_after
        for out in outcomes[5:]
    )
    refused = services.login.sign_in("maud", RIGHT, HERE, previous=None)
    assert refused == Refused(RefusalReason.LOCKED)
    locked = services.passkey_proofs.begin_confirm(session, PARTY)
    assert locked is not None
    assert services.passkey_proofs.confirm(session, key.get(locked), HERE, party=PARTY) == Refused(
        RefusalReason.LOCKED
    )
    unlock(services)
    for _ in range(5):
        services.login.sign_in("maud", WRONG_PASSWORD, HERE, previous=None)
    assert alone(services, key) == Refused(RefusalReason.LOCKED)
    unknown = [alone(services, SoftKey(credential_id=b"u" * 32)) for _ in range(6)]
    assert unknown[0] == Refused(RefusalReason.UNKNOWN_ACCOUNT)
    assert isinstance(unknown[5], Refused)
    assert unknown[5].reason is RefusalReason.LOCKED


def test_a_disabled_account_fails_like_a_wrong_passkey(services: Services) -> None:
    key = SoftKey()
    added(services, key)
    services.stores.accounts.set_active(account_of(services).id, is_active=False)
    assert alone(services, key) == Refused(RefusalReason.DISABLED)
    assert alone(services, SoftKey(credential_id=b"u" * 32)) == Refused(RefusalReason.UNKNOWN_ACCOUNT)
    assert kinds(services)[-2:] == ["account:login:failure"] * 2
    events, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=2)
    assert [event.detail["by"] for event in events] == ["passkey"] * 2


@pytest.mark.parametrize("change", ["removed", "disabled", "deleted"])
def test_what_changes_during_a_sign_in_stops_it(
    services: Services, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    key = SoftKey()
    added(services, key)
    account, lock = account_of(services), services.stores.accounts.lock_account
    before = services.stores.sessions.list_sessions(account.id)

    def lock_late(account_id: AccountId) -> Account | None:
        if change == "removed":
            services.stores.passkeys.remove_passkey(account.id, key.credential_id, keep=None)
        elif change == "disabled":
            services.stores.accounts.set_active(account.id, is_active=False)
        else:
            return None
        return lock(account_id)

    monkeypatch.setattr(services.stores.accounts, "lock_account", lock_late)
    reason = RefusalReason.DISABLED if change == "disabled" else RefusalReason.WRONG_SECRET
    assert alone(services, key) == Refused(reason)
    assert services.stores.sessions.list_sessions(account.id) in ([], before)


def test_confirming_makes_the_session_fresh_under_a_new_id(services: Services, clock: FrozenClock) -> None:
    key = SoftKey()
    session = added(services, key)
    clock.advance(timedelta(minutes=11))
    options = services.passkey_proofs.begin_confirm(session, PARTY)
    assert options is not None
    done = services.passkey_proofs.confirm(session, key.get(options), HERE, party=PARTY)
    assert isinstance(done, Confirmed)
    resumed = services.sessions.resume(done.session.session_id.reveal(), HERE.user_agent).session
    assert resumed is not None
    assert resumed.principal.is_fresh
    assert services.stores.sessions.load_session(session.digest) is None
    events, _ = services.stores.events.list_events(
        EventFilter(kinds=frozenset({EventKind.CONFIRM_SUCCESS})), offset=0, limit=1
    )
    assert events[0].detail["by"] == "passkey"


def test_a_stranger_s_session_confirms_nothing(services: Services) -> None:
    key = SoftKey()
    added(services, key)
    waiting = half_way(services)
    assert services.passkey_proofs.begin_confirm(waiting, PARTY) is None
    assert services.passkey_proofs.confirm(waiting, "{}", HERE, party=PARTY) == GONE


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


def test_an_authenticator_beside_a_passkey_brings_no_new_codes(services: Services) -> None:
    from bastide.core.sign_in import _totp as totp

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


def test_the_package_is_loaded_with_the_first_passkey_only() -> None:
    code = "import sys, bastide.core.request, bastide.pages.accounts; sys.exit('webauthn' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 -- the test's own code


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


def test_the_lifetime_of_a_challenge_is_declared(clock: FrozenClock, outbox: Outbox) -> None:
    services = make(clock, outbox, tickets={"passkey_lifetime": timedelta(seconds=30)})
    register(services)
    key = SoftKey()
    added(services, key)
    options = services.passkey_proofs.begin_sign_in(PARTY, browser=BROWSER)
    clock.advance(timedelta(seconds=30))
    assert enter(services, key.get(options)) == WRONG
    assert services.tickets.purge() == 1


NOTHING = PasskeyResponse()


@pytest.mark.parametrize(
    "sent",
    ["", "null", "[]", "7", "{}", '{"response": 7}', '{"response": {}}', "[" * 100_000, '{"id": "!", "response": {}}',
     '{"id": "YQ", "response": {"clientDataJSON": "bnVsbA"}}', '{"id": "YQ", "response": {"clientDataJSON": "é"}}',
     '{"id": "YQ", "response": {"clientDataJSON": "/w=="}}', '{"id": "YR", "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiJ4In0"}}',
     '{"id": "YQ", "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiJ4In0", "transports": 7}}', '{"id": 7, "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiJ4In0"}}'],
)  # fmt: skip
def test_what_cannot_be_read_opens_nothing(services: Services, sent: str) -> None:
    assert read_response(sent) == NOTHING
    assert enter(services, sent) == Refused(RefusalReason.UNKNOWN_ACCOUNT)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "response", "clientDataJSON", "userHandle", "signature", "transports", "x"]), inner, max_size=5),
    max_leaves=12,
))  # fmt: skip
def test_no_answer_breaks_the_reader(sent: Any) -> None:
    assert isinstance(read_response(json.dumps(sent)), PasskeyResponse)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_bytes_break_the_checks(client: bytes, rest: bytes) -> None:
    response = replace(NOTHING, credential_id=b"x", challenge="A" * 43, client_data=client, attestation=rest,
                       authenticator_data=rest, signature=rest)  # fmt: skip
    assert webauthn.verify_registration(response, PARTY) is None
    checked = webauthn.verify_assertion(
        response, PARTY, public_key=SoftKey().cose(), needs_verification=False
    )
    assert checked is None
