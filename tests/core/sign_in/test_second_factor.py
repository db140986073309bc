"""Second factors, as the services compose them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bastide.core.foundation import (
    STRANGER,
    AccessDenied,
    AccountId,
    Client,
    ConfigurationError,
    InvalidInput,
    Principal,
    Secret,
)
from bastide.core.records import Account
from bastide.core.request import Services
from bastide.core.sessions import ActiveSession
from bastide.core.sign_in import FactorNeeded, LoggedIn, Refused, totp
from bastide.core.sign_in.login import Confirmed
from bastide.core.sign_in.second_factor import Enrolled
from bastide.core.sign_in.secret_checks import RefusalReason
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import HERE, RIGHT, account_of, half_way, kinds, make, register, sign_in


def code_now(services: Services, *, steps: int = 0) -> str:
    """Return what an authenticator shows that was set up with the stored key."""
    found = services.stores.factors.find_totp(account_of(services).id)
    assert found is not None
    secret = services.second_factors._open(account_of(services).id, found)  # noqa: SLF001
    return totp.code_at(secret, totp.step_at(services.clock.now()) + steps)


def enrol(services: Services, clock: FrozenClock) -> tuple[ActiveSession, tuple[str, ...]]:
    register(services)
    return turn_on(services, clock)


def turn_on(services: Services, clock: FrozenClock) -> tuple[ActiveSession, tuple[str, ...]]:
    session, account = sign_in(services).session, account_of(services)
    assert services.second_factors.begin(account.id)
    done = services.second_factors.confirm(session, account, code_now(services), HERE)
    assert isinstance(done, Enrolled)
    clock.advance(timedelta(seconds=30))
    return done.session, done.codes


def show(services: Services, code: str) -> LoggedIn | Refused:
    return services.second_factors.sign_in(half_way(services), code, HERE)


@pytest.mark.asvs("V6.3.3", "V6.3.7")
def test_a_confirmed_factor_is_asked_for_and_its_owner_told(
    services: Services, clock: FrozenClock, outbox: Outbox
) -> None:
    session, codes = enrol(services, clock)
    assert len(set(codes)) == 10
    assert services.second_factors.is_on(account_of(services).id)
    assert services.second_factors.pending(account_of(services)) is None
    assert not services.second_factors.begin(account_of(services).id)
    done = show(services, code_now(services))
    assert isinstance(done, LoggedIn)
    assert done.session.principal.account_id == account_of(services).id
    assert [message.subject for message in outbox.messages] == ["Your second factor"]
    assert kinds(services)[-2:] == ["account:factor:needed", "account:factor:success"]
    resumed = services.sessions.resume(session.session_id.reveal(), HERE.user_agent)
    assert resumed.session is not None


def test_a_password_alone_opens_nothing_where_a_factor_is_on(services: Services, clock: FrozenClock) -> None:
    register(services)
    assert services.login.check_credentials("maud", RIGHT, HERE) == account_of(services)
    assert services.login.check_credentials("nobody", RIGHT, HERE) == Refused(RefusalReason.UNKNOWN_ACCOUNT)
    turn_on(services, clock)
    assert services.login.check_credentials("maud", RIGHT, HERE) == Refused(RefusalReason.FACTOR_NEEDED)
    waiting = services.sessions.resume(half_way(services).session_id.reveal(), HERE.user_agent).session
    assert waiting is not None
    assert not waiting.principal.is_signed_in
    assert waiting.pending_account == account_of(services).id


def test_a_waiting_session_ends_with_the_wait(services: Services, clock: FrozenClock) -> None:
    enrol(services, clock)
    waiting = half_way(services)
    clock.advance(timedelta(minutes=10))
    resumed = services.sessions.resume(waiting.session_id.reveal(), HERE.user_agent)
    assert (resumed.session, resumed.reason) == (None, "pending_timeout")


@pytest.mark.asvs("V6.5.1")
def test_no_code_counts_twice(services: Services, clock: FrozenClock) -> None:
    _, codes = enrol(services, clock)
    used = code_now(services)
    assert isinstance(show(services, used), LoggedIn)
    for refused in (used, code_now(services, steps=-1), "000000", "٠٠٠٠٠٠", "", "x" * 4000):
        assert show(services, refused) == Refused(RefusalReason.WRONG_SECRET), refused
        services.attempts.unlock_account(account_of(services).id)
    assert isinstance(show(services, codes[0]), LoggedIn)
    assert isinstance(show(services, codes[0]), Refused)
    assert services.second_factors.count_backup_codes(account_of(services).id) == 9


def test_a_right_code_clears_what_wrong_ones_drew(services: Services, clock: FrozenClock) -> None:
    enrol(services, clock)
    for _ in range(3):
        for _ in range(4):
            assert isinstance(show(services, "000000"), Refused)
        assert isinstance(show(services, code_now(services)), LoggedIn)
        clock.advance(timedelta(seconds=30))


def test_a_session_that_waits_for_nobody_finishes_nothing(services: Services, clock: FrozenClock) -> None:
    session, _ = enrol(services, clock)
    gone = Refused(RefusalReason.SESSION_GONE)
    assert services.second_factors.sign_in(session, code_now(services), HERE) == gone
    waiting = half_way(services)
    services.stores.accounts.set_active(account_of(services).id, is_active=False)
    assert services.second_factors.sign_in(waiting, code_now(services), HERE) == gone


def test_a_waiting_session_that_was_replaced_meanwhile_finishes_nothing(
    services: Services, clock: FrozenClock
) -> None:
    enrol(services, clock)
    waiting = half_way(services)
    services.sessions.end(waiting.digest)
    outcome = services.second_factors.sign_in(waiting, code_now(services), HERE)
    assert outcome == Refused(RefusalReason.SESSION_GONE)


@pytest.mark.asvs("V7.5.1")
def test_setting_up_takes_a_code_and_loses_to_a_faster_one(services: Services, clock: FrozenClock) -> None:
    register(services)
    session, account = sign_in(services).session, account_of(services)
    factors = services.second_factors
    assert factors.confirm(session, account, "000000", HERE) == Refused(RefusalReason.SESSION_GONE)
    assert factors.begin(account.id)
    waiting = factors.pending(account)
    assert waiting is not None
    assert waiting.key in waiting.uri
    assert factors.confirm(session, account, "000000", HERE) == Refused(RefusalReason.WRONG_SECRET)
    assert not factors.is_on(account.id)
    services.sessions.end(session.digest)
    with pytest.raises(AccessDenied):
        factors.confirm(session, account, code_now(services), HERE)
    assert not factors.is_on(account.id)


@pytest.mark.parametrize(("waited", "is_good"), [(599, True), (600, False)])
def test_a_secret_waits_so_long_for_its_first_code(
    services: Services, clock: FrozenClock, waited: int, *, is_good: bool
) -> None:
    register(services)
    session, account = sign_in(services).session, account_of(services)
    services.second_factors.begin(account.id)
    clock.advance(timedelta(seconds=waited))
    assert (services.second_factors.pending(account) is not None) is is_good
    outcome = services.second_factors.confirm(session, account, code_now(services), HERE)
    assert isinstance(outcome, Enrolled) if is_good else outcome == Refused(RefusalReason.SESSION_GONE)
    assert services.second_factors.is_on(account.id) is is_good


def test_an_authenticator_begun_anew_meanwhile_is_not_confirmed(
    services: Services, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(services)
    session, account = sign_in(services).session, account_of(services)
    factors, store = services.second_factors, services.stores.factors
    factors.begin(account.id)
    code, found = code_now(services), store.find_totp(account.id)
    monkeypatch.setattr(store, "find_totp", lambda _: found)
    factors.begin(account.id)
    assert factors.confirm(session, account, code, HERE) == Refused(RefusalReason.SESSION_GONE)


def test_removing_and_renewing(services: Services, clock: FrozenClock, outbox: Outbox) -> None:
    session, codes = enrol(services, clock)
    account = account_of(services)
    renewed = services.second_factors.renew_codes(session, account, HERE)
    assert not set(renewed) & set(codes)
    assert isinstance(show(services, codes[0]), Refused)
    assert isinstance(show(services, renewed[0]), LoggedIn)
    after = services.second_factors.remove(session, account, HERE)
    assert after is not None
    assert after.digest != session.digest
    assert services.second_factors.remove(after, account, HERE) is None
    assert services.second_factors.count_backup_codes(account.id) == 0
    assert isinstance(services.login.sign_in("maud", RIGHT, HERE, previous=None), LoggedIn)
    assert len(outbox.messages) == 3


def test_without_a_key_ring_no_factor_is_offered(clock: FrozenClock, outbox: Outbox) -> None:
    services = make(clock, outbox, keys="")
    register(services)
    assert not services.second_factors.is_offered
    with pytest.raises(ConfigurationError):
        services.second_factors.begin(account_of(services).id)


def test_a_stored_factor_without_its_ring_stops_the_sign_in(services: Services, clock: FrozenClock) -> None:
    enrol(services, clock)
    waiting, code = half_way(services), code_now(services)
    services.second_factors._sealer = None  # noqa: SLF001
    with pytest.raises(ConfigurationError):
        services.second_factors.sign_in(waiting, code, HERE)


def test_a_factor_turned_on_during_a_sign_in_is_asked_for(
    services: Services, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(services)
    lock = services.stores.accounts.lock_account
    monkeypatch.setattr(
        services.stores.accounts,
        "lock_account",
        lambda account_id: turn_on_first(services, clock, lock, account_id),
    )
    outcome = services.login.sign_in("maud", RIGHT, HERE, previous=None)
    assert isinstance(outcome, FactorNeeded)


def turn_on_first(services: Services, clock: FrozenClock, lock: Any, account_id: AccountId) -> Account | None:
    services.stores.accounts.lock_account = lock  # type: ignore[method-assign]
    turn_on(services, clock)
    found: Account | None = lock(account_id)
    return found


@pytest.mark.asvs("V7.5.1")
def test_a_code_makes_a_running_session_fresh_and_a_password_does_not(
    services: Services, clock: FrozenClock
) -> None:
    session, codes = enrol(services, clock)
    factors = services.second_factors
    assert services.login.confirm(session, RIGHT, HERE) == Refused(RefusalReason.FACTOR_NEEDED)
    assert factors.confirm_session(session, "000000", HERE) == Refused(RefusalReason.WRONG_SECRET)
    clock.advance(timedelta(minutes=11))
    stale = services.sessions.resume(session.session_id.reveal(), HERE.user_agent).session
    assert stale is not None
    assert not stale.principal.is_fresh
    confirmed = factors.confirm_session(stale, codes[0], HERE)
    assert isinstance(confirmed, Confirmed)
    fresh = services.sessions.resume(confirmed.session.session_id.reveal(), HERE.user_agent).session
    assert fresh is not None
    assert fresh.principal.is_fresh
    assert factors.confirm_session(stale, codes[1], HERE) == Refused(RefusalReason.SESSION_GONE)
    assert kinds(services)[-2:] == ["account:confirm:failure", "account:confirm:success"]


def test_a_code_confirms_nothing_for_an_account_without_a_factor(services: Services) -> None:
    register(services)
    session = sign_in(services).session
    wrong = Refused(RefusalReason.WRONG_SECRET)
    assert services.second_factors.confirm_session(session, "123456", HERE) == wrong


def test_nobody_confirms_for_a_stranger(services: Services) -> None:
    stranger = services.sessions.start(STRANGER, HERE)
    assert services.second_factors.confirm_session(stranger, "000000", HERE) == Refused(
        RefusalReason.SESSION_GONE
    )


@pytest.mark.asvs("V6.2.1")
def test_a_short_password_takes_a_factor_that_cannot_be_missing(clock: FrozenClock, outbox: Outbox) -> None:
    """Under the preset of NIST, eight characters are enough only where no right is held without the factor."""
    short = Secret("x8-gu4Tr")
    for factors, is_enough in (({"is_required": True}, True), ({}, False)):
        services = make(clock, outbox, passwords={"preset": "nist"}, factors=factors)
        session, _ = enrol(services, clock)
        if is_enough:
            assert isinstance(services.login.change_password(session, RIGHT, short, HERE), Confirmed)
            continue
        with pytest.raises(InvalidInput, match="too_short"):
            services.login.change_password(session, RIGHT, short, HERE)


def test_where_everybody_needs_a_factor_nobody_has_rights_without_one(
    clock: FrozenClock, outbox: Outbox
) -> None:
    services = make(clock, outbox, profile="asvs")
    register(services)
    resumed = services.sessions.resume(sign_in(services).session.session_id.reveal(), HERE.user_agent).session
    assert resumed is not None
    assert (resumed.principal.lacks_factor, resumed.principal.permissions) == (True, frozenset())
    session, _ = turn_on(services, clock)
    after = services.sessions.resume(session.session_id.reveal(), HERE.user_agent).session
    assert after is not None
    assert (after.principal.lacks_factor, after.principal.permissions) == (False, {"read"})


@pytest.mark.asvs("V7.5.1", "V6.3.1")
def test_a_password_change_buys_neither_freshness_nor_guesses(services: Services, clock: FrozenClock) -> None:
    session, _ = enrol(services, clock)
    clock.advance(timedelta(minutes=11))
    elsewhere = HERE._replace(address="198.51.100.1")
    for _ in range(4):
        services.second_factors.confirm_session(session, "000000", elsewhere)
    changed = services.login.change_password(session, RIGHT, Secret("an even better battery"), elsewhere)
    assert isinstance(changed, Confirmed)
    after = services.sessions.resume(changed.session.session_id.reveal(), HERE.user_agent).session
    assert after is not None
    assert not after.principal.is_fresh
    services.second_factors.confirm_session(changed.session, "000000", elsewhere)
    locked = services.second_factors.confirm_session(changed.session, "000000", elsewhere)
    assert isinstance(locked, Refused)
    assert locked.reason is RefusalReason.LOCKED


@pytest.mark.asvs("V6.3.1")
def test_a_right_password_buys_no_guesses_at_the_second_factor(
    services: Services, clock: FrozenClock
) -> None:
    enrol(services, clock)
    for number in range(12):
        client = Client(address=f"198.51.100.{number}")
        outcome = services.login.sign_in("maud", RIGHT, client, previous=None)
        if isinstance(outcome, FactorNeeded):
            services.second_factors.sign_in(outcome.session, f"{number:06}", client)
    assert kinds(services).count("account:factor:failure") == 5


def test_removing_a_factor_makes_nothing_fresher(services: Services, clock: FrozenClock) -> None:
    session, _ = enrol(services, clock)
    clock.advance(timedelta(minutes=9))
    removed = services.second_factors.remove(session, account_of(services), HERE)
    assert removed is not None
    clock.advance(timedelta(minutes=2))
    after = services.sessions.resume(removed.session_id.reveal(), HERE.user_agent).session
    assert after is not None
    assert not after.principal.is_fresh


def test_codes_are_renewed_only_where_a_factor_is_on_and_the_session_lives(
    services: Services, clock: FrozenClock
) -> None:
    session, _ = enrol(services, clock)
    account = account_of(services)
    services.sessions.end(session.digest)
    with pytest.raises(AccessDenied):
        services.second_factors.renew_codes(session, account, HERE)
    fresh = services.sessions.start(Principal(account_id=account.id, name="maud"), HERE)
    removed = services.second_factors.remove(fresh, account, HERE)
    assert removed is not None
    with pytest.raises(AccessDenied):
        services.second_factors.renew_codes(removed, account, HERE)
    assert services.second_factors.count_backup_codes(account.id) == 0


def test_a_seal_that_somebody_broke_makes_every_code_wrong(services: Services, clock: FrozenClock) -> None:
    _, codes = enrol(services, clock)
    account, code = account_of(services), code_now(services)
    kept = services.stores.factors.find_totp(account.id)
    assert kept is not None
    services.stores.factors.find_totp = lambda _: kept._replace(sealed=kept.sealed[:-1] + b"x")  # type: ignore[method-assign]
    assert show(services, code) == Refused(RefusalReason.WRONG_SECRET)
    assert isinstance(show(services, codes[0]), LoggedIn)


def test_an_account_disabled_during_the_second_factor_gets_nothing(
    services: Services, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(services, clock)
    waiting, code = half_way(services), code_now(services)
    for found in (None, replace(account_of(services), is_active=False)):
        monkeypatch.setattr(services.stores.accounts, "lock_account", lambda _, found=found: found)
        assert services.second_factors.sign_in(waiting, code, HERE) == Refused(RefusalReason.DISABLED)
    assert "account:factor:success" not in kinds(services)
