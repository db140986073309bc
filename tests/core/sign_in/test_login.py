"""Signing in, changing the password and signing out, as the services compose them."""

import pytest

from bastide.core.foundation import (
    STRANGER,
    AccessDenied,
    AccountId,
    InvalidInput,
    Secret,
)
from bastide.core.records import Account
from bastide.core.request import Services
from bastide.core.security_log import EventFilter
from bastide.core.sessions import ActiveSession
from bastide.core.sign_in import LoggedIn, PasswordLengths, PasswordPreset, Refused
from bastide.core.sign_in.login import Confirmed
from bastide.core.sign_in.secret_checks import RefusalReason
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import HERE, NEW, RIGHT, WRONG, account_of, kinds, make, register, sign_in
from support.old_hashes import OLD_HASHES, OLD_PASSWORD, WEAK_HASHES
from support.rows import rows
from support.tokens import issue, owner


@pytest.mark.asvs("V7.2.4", "V16.3.1")
def test_the_right_password_gives_a_session_and_a_device(services: Services) -> None:
    account = register(services)
    first = sign_in(services)
    assert first.session.principal.account_id == account
    second = services.login.sign_in("MAUD@example.org", RIGHT, HERE, previous=first.session)
    assert isinstance(second, LoggedIn)
    assert services.sessions.resume(first.session.session_id.reveal(), HERE.user_agent).session is None
    assert kinds(services)[-2:] == ["account:login:success"] * 2


@pytest.mark.asvs("V7.2.4", "V7.4.2")
def test_whom_the_application_checked_itself_gets_a_session_unless_disabled(services: Services) -> None:
    account = register(services)
    first = sign_in(services)
    second = services.login.open_session(account, HERE, previous=first.session)
    assert isinstance(second, LoggedIn)
    assert second.session.principal.account_id == account
    assert services.sessions.resume(first.session.session_id.reveal(), HERE.user_agent).session is None
    services.stores.accounts.set_active(account, is_active=False)
    for nobody in (account, 4711):
        refused = services.login.open_session(nobody, HERE, previous=None)
        assert refused == Refused(RefusalReason.DISABLED)
    events, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=2)
    assert [(event.kind, event.detail["by"]) for event in events] == [
        ("account:login:success", "outside"), ("account:login:success", "password"),
    ]  # fmt: skip


@pytest.mark.asvs("V11.4.2", "V11.2.2")
def test_a_weaker_hash_is_renewed_at_sign_in(services: Services) -> None:
    from bastide.core.sign_in import HashingSettings, PasswordHasher

    account = register(services)
    stored = services.stores.accounts.get_account(account)
    assert stored is not None
    old = PasswordHasher(HashingSettings(memory_kib=32, time_cost=1, allow_weak=True)).hash(RIGHT)
    assert services.stores.accounts.replace_password_hash(
        account, old_hash=stored.password_hash or "", new_hash=old
    )
    sign_in(services)
    renewed = services.stores.accounts.get_account(account)
    assert renewed is not None
    assert "m=64," in (renewed.password_hash or "")
    assert "account:password:rehashed" in kinds(services)


def test_a_hash_changed_meanwhile_is_not_renewed(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    register(services)
    monkeypatch.setattr("bastide.core.sign_in.PasswordHasher.needs_rehash", lambda *_: True)
    monkeypatch.setattr("bastide.stores.memory.MemoryAccounts.replace_password_hash", lambda *_, **__: False)
    sign_in(services)
    assert "account:password:rehashed" not in kinds(services)


def keep(services: Services, account: AccountId, encoded: str) -> None:
    """Put a hash there as an application's own code would have."""
    stored = services.stores.accounts.get_account(account)
    assert stored is not None
    assert services.stores.accounts.replace_password_hash(
        account, old_hash=stored.password_hash or "", new_hash=encoded
    )


@pytest.mark.asvs("V11.4.2", "V6.2.12")
@rows("number, encoded", enumerate(OLD_HASHES.values()))
def test_who_came_with_a_hash_of_another_library_signs_in_and_has_one_of_ours(
    services: Services, number: int, encoded: str
) -> None:
    """Whatever the policy of new passwords says of the one that they have."""
    account = account_of(services).id if services.stores.accounts.find_account("maud") else register(services)
    client = HERE._replace(address=f"203.0.113.{number}")
    keep(services, account, encoded)
    assert services.login.sign_in("maud", WRONG, client, previous=None) == Refused(RefusalReason.WRONG_SECRET)
    assert account_of(services).password_hash == encoded
    outcome = services.login.sign_in("maud", Secret(OLD_PASSWORD), client, previous=None)
    assert isinstance(outcome, LoggedIn)
    assert (account_of(services).password_hash or "").startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert kinds(services)[-3:] == [
        "account:login:failure",
        "account:password:rehashed",
        "account:login:success",
    ]
    assert isinstance(services.login.sign_in("maud", Secret(OLD_PASSWORD), client, previous=None), LoggedIn)


@pytest.mark.asvs("V15.4.2")
@rows("is_changed", [False, True])
def test_of_two_renewals_one_is_kept_and_an_old_password_never_comes_back(
    services: Services, monkeypatch: pytest.MonkeyPatch, is_changed: object
) -> None:
    """Another sign-in, `rewrap` or a new password comes between the check and the renewal."""
    account = account_of(services).id if services.stores.accounts.find_account("maud") else register(services)
    encoded, typed = OLD_HASHES["bcrypt 2b"], Secret(OLD_PASSWORD)
    keep(services, account, encoded)
    theirs = services.login._hasher.hash(NEW if is_changed else typed)  # noqa: SLF001
    with monkeypatch.context() as patch:
        replaced = services.stores.accounts.replace_password_hash

        def overtaken(account_id: AccountId, *, old_hash: str, new_hash: str) -> bool:
            replaced(account_id, old_hash=encoded, new_hash=theirs)
            return replaced(account_id, old_hash=old_hash, new_hash=new_hash)

        patch.setattr(services.stores.accounts, "replace_password_hash", overtaken)
        outcome = services.login.sign_in("maud", typed, HERE, previous=None)
    assert account_of(services).password_hash == theirs
    if is_changed:
        assert outcome == Refused(RefusalReason.SESSION_GONE)
    else:
        assert isinstance(outcome, LoggedIn)


def test_an_account_that_went_meanwhile_opens_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(services, register(services), OLD_HASHES["bcrypt 2b"])
    monkeypatch.setattr(services.stores.accounts, "replace_password_hash", lambda *_, **__: False)
    for verb in ("get_account", "lock_account"):
        monkeypatch.setattr(services.stores.accounts, verb, lambda _: None)
    outcome = services.login.sign_in("maud", Secret(OLD_PASSWORD), HERE, previous=None)
    assert outcome == Refused(RefusalReason.SESSION_GONE)


@pytest.mark.asvs("V16.3.1", "V15.2.2")
@rows(
    "encoded, reason",
    [
        ("plain text", "unknown_format"), ("$2b$04$x", "malformed"), (WEAK_HASHES["hex_md5"], "format_not_named"),
        ("$2b$31$" + OLD_HASHES["bcrypt 2b"][7:], "too_costly"),
    ],
)  # fmt: skip
def test_a_hash_that_is_not_read_refuses_is_counted_and_told(
    services: Services, encoded: str, reason: str
) -> None:
    account = account_of(services).id if services.stores.accounts.find_account("maud") else register(services)
    keep(services, account, encoded)
    outcome = services.login.sign_in("maud", Secret(OLD_PASSWORD), HERE, previous=None)
    assert outcome == Refused(RefusalReason.WRONG_SECRET)
    assert account_of(services).password_hash == encoded
    (failure, told), _ = services.stores.events.list_events(EventFilter(), offset=0, limit=2)
    assert (failure.kind, told.kind) == ("account:login:failure", "account:password:unreadable")
    assert (told.detail["reason"], told.target) == (reason, f"account:{account}")


@pytest.mark.asvs("V6.2.3", "V7.4.3", "V6.3.7")
def test_changing_the_password(services: Services, outbox: Outbox) -> None:
    register(services)
    here, there = sign_in(services).session, sign_in(services).session
    assert services.login.change_password(here, WRONG, NEW, HERE) == Refused(RefusalReason.WRONG_SECRET)
    with pytest.raises(InvalidInput, match="common"):
        services.login.change_password(here, RIGHT, Secret("Password123!"), HERE)
    changed = services.login.change_password(here, RIGHT, NEW, HERE)
    assert isinstance(changed, Confirmed)
    assert services.sessions.resume(there.session_id.reveal(), HERE.user_agent).session is None
    assert services.sessions.resume(changed.session.session_id.reveal(), HERE.user_agent).session is not None
    assert [message.to for message in outbox.messages] == ["maud@example.org"]
    assert isinstance(services.login.sign_in("maud", NEW, HERE, previous=None), LoggedIn)
    stranger = ActiveSession(session_id=Secret("x"), digest=b"", principal=STRANGER)
    assert services.login.change_password(stranger, RIGHT, NEW, HERE) == Refused(RefusalReason.SESSION_GONE)


@pytest.mark.asvs("V6.2.1")
@rows(("is_required", "least"), [(True, 8), (False, 15)])
def test_beside_a_factor_that_is_demanded_a_shorter_password_will_do(
    clock: FrozenClock,
    outbox: Outbox,
    is_required: bool,  # noqa: FBT001
    least: int,
) -> None:
    services = make(
        clock, outbox, passwords={"preset": PasswordPreset.NIST}, factors={"is_required": is_required}
    )
    register(services)
    session, store = sign_in(services).session, services.stores.factors
    account, short = services.stores.accounts.find_account("maud"), Secret("x7 q9 z3")
    assert account is not None
    assert services.login.password_lengths(account) == PasswordLengths(15, 15)
    with pytest.raises(InvalidInput) as refused:
        services.login.change_password(session, RIGHT, short, HERE)
    assert (refused.value.code, refused.value.limits) == ("too_short", {"min": 15})
    assert store.put_totp(account.id, b"sealed", step=0)
    assert store.confirm_totp(account.id, sealed=b"sealed", step=1, codes=(), keep=session.digest)
    assert services.login.password_lengths(account) == PasswordLengths(least, least)
    if is_required:
        assert isinstance(services.login.change_password(session, RIGHT, short, HERE), Confirmed)
    else:
        with pytest.raises(InvalidInput, match="too_short"):
            services.login.change_password(session, RIGHT, short, HERE)


@pytest.mark.asvs("V7.4.3")
@pytest.mark.parametrize(("keep", "left", "said"), [(False, 0, "revoked"), (True, 1, "kept")])
def test_a_new_password_asks_what_becomes_of_tokens(
    services: Services, outbox: Outbox, *, keep: bool, left: int, said: str
) -> None:
    register(services)
    session = owner(services)
    issue(services, session)
    changed = services.login.change_password(session, RIGHT, NEW, HERE, keep_tokens=keep)
    assert isinstance(changed, Confirmed)
    assert len(services.api_tokens.list_own(account_of(services).id)) == left
    assert f"API tokens were {said}." in outbox.messages[-1].body
    (told, *_), _ = services.stores.events.list_events(EventFilter(), offset=0, limit=1)
    assert told.detail["tokens"] == said


def test_two_changes_at_once_do_not_both_win(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    register(services)
    session = sign_in(services).session
    with monkeypatch.context() as patch:
        patch.setattr("bastide.stores.memory.MemoryAccounts.replace_password_hash", lambda *_, **__: False)
        assert services.login.change_password(session, RIGHT, NEW, HERE) == Refused(
            RefusalReason.SESSION_GONE
        )
    with monkeypatch.context() as patch:
        patch.setattr("bastide.stores.memory.MemorySessions.rotate_session", lambda *_, **__: False)
        with pytest.raises(AccessDenied):
            services.login.change_password(session, RIGHT, NEW, HERE)
    assert isinstance(services.login.sign_in("maud", RIGHT, HERE, previous=None), LoggedIn)


def test_signing_out_ends_the_session(services: Services) -> None:
    register(services)
    session = sign_in(services).session
    services.login.sign_out(session, HERE)
    assert services.sessions.resume(session.session_id.reveal(), HERE.user_agent).session is None
    assert kinds(services)[-1] == "account:logout:success"


@pytest.mark.asvs("V7.4.3")
def test_a_sign_in_that_a_new_password_overtakes_opens_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = register(services)
    lock = services.stores.accounts.lock_account

    def overtaken(locked: AccountId) -> Account | None:
        account = services.stores.accounts.get_account(account_id)
        assert account is not None
        services.stores.accounts.replace_password_hash(
            account_id, old_hash=account.password_hash or "", new_hash="$argon2id$new"
        )
        services.sessions.end_others(account_id, keep=None)
        return lock(locked)

    monkeypatch.setattr(services.stores.accounts, "lock_account", overtaken)
    outcome = services.login.sign_in("maud", RIGHT, HERE, previous=None)
    assert outcome == Refused(RefusalReason.SESSION_GONE)
    assert services.sessions.end_others(account_id, keep=None) == 0


@pytest.mark.asvs("V7.4.2")
def test_a_sign_in_that_a_disabling_overtakes_opens_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = register(services)
    lock = services.stores.accounts.lock_account

    def overtaken(locked: AccountId) -> Account | None:
        services.stores.accounts.set_active(account_id, is_active=False)
        return lock(locked)

    monkeypatch.setattr(services.stores.accounts, "lock_account", overtaken)
    outcome = services.login.sign_in("maud", RIGHT, HERE, previous=None)
    assert outcome == Refused(RefusalReason.SESSION_GONE)
    assert "account:login:success" not in kinds(services)
    assert services.sessions.end_others(account_id, keep=None) == 0


@pytest.mark.asvs("V7.5.2")
def test_people_end_their_own_sessions_elsewhere(services: Services) -> None:
    register(services)
    here, there, third = (sign_in(services).session for _ in range(3))
    end = services.login.end_elsewhere
    assert end(here, HERE, handle=there.digest.hex()[:32])
    assert not end(here, HERE, handle=there.digest.hex()[:32])
    assert end(here, HERE, handle=None)
    assert not end(here, HERE, handle=None)
    assert services.sessions.resume(third.session_id.reveal(), HERE.user_agent).session is None
    assert services.sessions.resume(here.session_id.reveal(), HERE.user_agent).session is not None
    assert kinds(services).count("session:end:requested") == 2
    assert not end(services.sessions.start(STRANGER, HERE), HERE, handle=None)
