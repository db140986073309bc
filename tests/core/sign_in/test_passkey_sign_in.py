"""Passkeys at sign-in: every part of an answer changed in turn."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from bastide.core.foundation import AccountId
from bastide.core.records import Account
from bastide.core.request import Services
from bastide.core.security_log import EventFilter, EventKind
from bastide.core.sign_in import LoggedIn, Refused
from bastide.core.sign_in.login import Confirmed
from bastide.core.sign_in.second_factor import Enrolled
from bastide.core.sign_in.secret_checks import RefusalReason
from bastide.testing import FrozenClock
from support.authenticator import BACKED_UP, PRESENT, VERIFIED, SoftKey
from support.blog import Outbox
from support.core import HERE, RIGHT, account_of, half_way, kinds, make, register
from support.core import WRONG as WRONG_PASSWORD
from support.passkeys import BROWSER, GONE, PARTY, WRONG, add, added, alone, enter, second, unlock
from support.rows import rows


@pytest.fixture
def services(services: Services) -> Services:
    register(services)
    return services


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
@rows("forgery", FORGERIES)
def test_no_changed_answer_signs_in(clock: FrozenClock, outbox: Outbox, forgery: str) -> None:
    services, key = make(clock, outbox), SoftKey()
    register(services)
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
    # A passkey that is right, and opens nothing, clears nothing.
    refused = [alone(services, key) for _ in range(5)]
    assert refused[:4] == [Refused(RefusalReason.DISABLED)] * 4
    assert isinstance(refused[4], Refused)
    assert refused[4].reason is RefusalReason.LOCKED


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
