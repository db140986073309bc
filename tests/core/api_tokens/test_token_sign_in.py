"""API tokens: their text, how they are issued and revoked, and whom they speak for."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.api_tokens import Admitted, ApiTokenSettings, bearer_of, find_token
from bastide.core.api_tokens.token_sign_in import MAX_PROVEN
from bastide.core.api_tokens.token_text import SCANNER_PATTERN, _check, issue_token_text, parse_token
from bastide.core.api_tokens.tokens import IssuedToken
from bastide.core.foundation import (
    AccessDenied,
    Client,
    ConfigurationError,
    InvalidInput,
    Principal,
    TokenRefused,
    TooManyRequests,
    digest,
)
from bastide.core.records import Account, NewToken, join_scopes, split_scopes
from bastide.core.request import Services
from bastide.core.sessions import ActiveSession
from bastide.testing import FrozenClock, SeededEntropy
from support.blog import Outbox
from support.core import HERE, kinds, make, register, sign_in

READ = frozenset({"read"})
ELSEWHERE = Client(address="198.51.100.9")


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def services(clock: FrozenClock, outbox: Outbox) -> Services:
    made = make(clock, outbox)
    register(made)
    return made


def account_of(services: Services) -> Account:
    account = services.stores.accounts.find_account("maud")
    assert account is not None
    return account


def owner(services: Services) -> ActiveSession:
    """Return a session of the owner's, as a request finds it: with the rights that are stored."""
    return resumed(services, sign_in(services).session)


def resumed(services: Services, session: ActiveSession) -> ActiveSession:
    found = services.sessions.resume(session.session_id.reveal(), HERE.user_agent).session
    assert found is not None
    return found


def issue(services: Services, session: ActiveSession | None = None, **wishes: Any) -> IssuedToken:
    wishes = {"name": "backup script", "scopes": READ, **wishes}
    issued = services.api_tokens.issue(session or owner(services), account_of(services), HERE, **wishes)
    assert issued is not None
    return issued


def refused(services: Services, presented: str, client: Client = HERE) -> str:
    with pytest.raises(TokenRefused) as found:
        services.bearer.match(presented, client)
    return found.value.reason


@pytest.mark.asvs("V11.5.1", "V6.5.2")
def test_a_token_is_known_by_its_looks_and_only_its_digest_is_kept() -> None:
    made = issue_token_text(SeededEntropy())
    text = made.text.reveal()
    assert re.fullmatch(SCANNER_PATTERN, text)
    assert text.startswith(f"bst_{made.id}_")
    found = parse_token(text)
    assert found is not None
    assert (found.id, found.digest) == (made.id, made.digest) == (text[4:15], digest(text.encode()))
    assert text not in repr(made)
    assert issue_token_text(SeededEntropy(2)).text != made.text


def test_the_shape_of_tokens_stays_what_it_was() -> None:
    assert (
        issue_token_text(SeededEntropy()).text.reveal()
        == "bst_FAS6EHAwa2w_Te3FJnoIz4vKcYTQZUcigO7V9LCaNQycJie3HORWLeU2YWW6q"
    )


@given(st.integers(0, 64), st.characters(codec="utf-8"))
def test_a_typo_is_refused_without_asking_a_store(position: int, char: str) -> None:
    text = issue_token_text(SeededEntropy()).text.reveal()
    position %= len(text)
    changed = text[:position] + char + text[position + 1 :]
    assert (parse_token(changed) is not None) is (changed == text)


@given(st.text(st.characters()))
def test_anything_else_is_no_token(text: str) -> None:
    assert parse_token(text) is None
    assert parse_token("bst_" + text) is None
    assert find_token(text) is None


@pytest.mark.parametrize(
    ("header", "presented"),
    [
        ("Bearer abc", "abc"), ("bearer  abc", "abc"), ("BEARER abc", "abc"), ("Bearer", ""), ("Bearer ", ""),
        ("Bearerabc", None), ("Basic YTpi", None), ("", None), ("Token abc", None), ("Bearer a b", "a b"),
    ],
)  # fmt: skip
def test_the_scheme_is_read_in_any_case(header: str, presented: str | None) -> None:
    assert bearer_of(header) == presented


def test_a_token_is_found_where_it_must_not_be() -> None:
    text = issue_token_text(SeededEntropy()).text.reveal()
    assert find_token(f"q=1&access_token={text}&x=2") == text
    assert find_token("access_token=bst_" + "x" * 61) is None
    assert find_token("q=bst_") is None


@pytest.mark.asvs("V6.3.7", "V8.2.1")
def test_a_token_is_shown_once_and_its_owner_is_told(
    services: Services, outbox: Outbox, clock: FrozenClock
) -> None:
    issued = issue(services)
    assert issued.summary.expires_at == clock.now() + timedelta(days=30)
    (listed,) = services.api_tokens.list_own(account_of(services).id)
    assert listed == issued.summary
    assert issued.text.reveal() not in repr(issued)
    assert "account:token:issued" in kinds(services)
    assert "The API token “backup script” was issued" in outbox.messages[-1].body
    assert issued.text.reveal() not in outbox.messages[-1].body
    admitted = services.bearer.match(issued.text.reveal(), HERE)
    assert admitted == Admitted(
        listed.id, Principal(account_id=account_of(services).id, name="maud", permissions=READ)
    )


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        ({"scopes": frozenset()}, "scopes"), ({"scopes": frozenset({"read", "admin_access"})}, "scopes"),
        ({"lifetime": timedelta(days=366)}, "lifetime"), ({"lifetime": timedelta()}, "lifetime"),
    ],
)  # fmt: skip
def test_nobody_gives_more_than_they_have_or_for_ever(services: Services, wishes: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as found:
        issue(services, **wishes)
    assert found.value.field == field
    assert services.api_tokens.list_own(account_of(services).id) == []


def test_a_right_that_would_be_two_scopes_is_none(services: Services) -> None:
    services.stores.accounts.define_roles({"odd": frozenset({"read mail"})})
    services.stores.accounts.grant_role(account_of(services).id, "odd")
    with pytest.raises(InvalidInput):
        issue(services, scopes=frozenset({"read mail"}))


def test_an_account_has_no_more_tokens_than_its_limit(clock: FrozenClock, outbox: Outbox) -> None:
    services = make(clock, outbox, api_tokens={"max_per_account": 2, "lifetime": timedelta(hours=1)})
    register(services)
    session = owner(services)
    for name in ("one", "two"):
        assert issue(services, session, name=name).summary.name == name
    account = account_of(services)
    assert services.api_tokens.issue(session, account, HERE, name="three", scopes=READ) is None
    clock.advance(timedelta(minutes=61))
    assert services.api_tokens.list_own(account.id) == []
    assert issue(services, name="three").summary.name == "three"


def test_a_session_that_ended_meanwhile_issues_and_revokes_nothing(services: Services) -> None:
    session = owner(services)
    issued = issue(services, session)
    services.sessions.end(session.digest)
    account = account_of(services)
    for act in (
        lambda: services.api_tokens.issue(session, account, HERE, name="late", scopes=READ),
        lambda: services.api_tokens.revoke(session, account, issued.summary.id, HERE),
        lambda: services.api_tokens.revoke_all(session, account, HERE),
    ):
        with pytest.raises(AccessDenied):
            act()
    assert services.bearer.match(issued.text.reveal(), HERE)


@pytest.mark.asvs("V7.4.1")
def test_a_revoked_token_is_dead_at_once(services: Services, outbox: Outbox) -> None:
    session, account = owner(services), account_of(services)
    kept, gone = issue(services, session, name="kept"), issue(services, session, name="gone")
    assert services.bearer.match(gone.text.reveal(), HERE)
    assert services.api_tokens.revoke(session, account, gone.summary.id, HERE)
    assert "The API token “gone” was revoked" in outbox.messages[-1].body
    assert not services.api_tokens.revoke(session, account, gone.summary.id, HERE)
    assert not services.api_tokens.revoke(session, account, "AAAAAAAAAAA", HERE)
    assert refused(services, gone.text.reveal()) == "unknown"
    assert services.bearer.match(kept.text.reveal(), HERE)
    assert services.api_tokens.revoke_all(session, account, HERE)
    assert not services.api_tokens.revoke_all(session, account, HERE)
    assert refused(services, kept.text.reveal()) == "unknown"


def test_nobody_revokes_what_is_another_s(services: Services) -> None:
    issued = issue(services)
    other = register(services, "ines")
    stranger = sign_in(services, "ines").session
    account = services.stores.accounts.get_account(other)
    assert account is not None
    assert not services.api_tokens.revoke(stranger, account, issued.summary.id, HERE)
    assert services.bearer.match(issued.text.reveal(), HERE)


@pytest.mark.asvs("V7.4.5")
def test_an_administrator_revokes_them_all(services: Services, outbox: Outbox) -> None:
    issued = issue(services)
    assert services.administration.revoke_tokens(account_of(services), HERE, by=None)
    assert not services.administration.revoke_tokens(account_of(services), HERE, by=None)
    assert refused(services, issued.text.reveal()) == "unknown"
    assert kinds(services).count("account:token:revoked") == 1
    assert "API tokens were revoked" in outbox.messages[-1].body


@pytest.mark.asvs("V8.3.2")
def test_a_token_never_says_more_than_its_owner_may_now(services: Services) -> None:
    account = account_of(services)
    services.stores.accounts.define_roles({"author": frozenset({"read", "write"})})
    services.stores.accounts.grant_role(account.id, "author")
    text = issue(services, scopes=frozenset({"read", "write"})).text.reveal()
    assert services.bearer.match(text, HERE).principal.permissions == {"read", "write"}
    services.stores.accounts.revoke_role(account.id, "author")
    found = services.bearer.match(text, HERE).principal
    assert (found.permissions, found.roles, found.is_fresh) == (READ, frozenset(), False)


def test_rights_are_withheld_from_tokens_too_until_a_demanded_factor_is_there(
    clock: FrozenClock, outbox: Outbox
) -> None:
    services = make(clock, outbox, factors={"required_roles": frozenset({"administrator"})})
    register(services)
    text = issue(services).text.reveal()
    assert services.bearer.match(text, HERE).principal.permissions == READ
    services.stores.accounts.grant_role(account_of(services).id, "administrator")
    found = services.bearer.match(text, HERE).principal
    assert (found.permissions, found.lacks_factor) == (frozenset(), True)


@pytest.mark.asvs("V7.4.2")
def test_who_is_disabled_is_out_and_stays_out(services: Services) -> None:
    text, account = issue(services).text.reveal(), account_of(services)
    services.administration.disable(account, HERE, by=None)
    assert refused(services, text) == "unknown"
    services.administration.enable(account, HERE, by=None)
    assert refused(services, text) == "unknown"


def test_a_token_that_outlived_the_disabling_opens_nothing(services: Services, clock: FrozenClock) -> None:
    account, made = account_of(services), issue_token_text(SeededEntropy(7))
    services.administration.disable(account, HERE, by=None)
    services.stores.tokens.add_token(
        NewToken(
            id=made.id, digest=made.digest, account_id=account.id, name="late", scopes=READ,
            created_at=clock.now(), expires_at=clock.now() + timedelta(days=1),
        ),
        limit=5,
    )  # fmt: skip
    assert refused(services, made.text.reveal()) == "account_disabled"


def test_a_token_ends_with_its_time(services: Services, clock: FrozenClock) -> None:
    text = issue(services, lifetime=timedelta(hours=1)).text.reveal()
    clock.advance(timedelta(minutes=59))
    assert services.bearer.match(text, HERE)
    clock.advance(timedelta(minutes=1))
    assert refused(services, text) == "expired"


def test_its_use_is_written_once_a_minute(services: Services, clock: FrozenClock) -> None:
    text, account = issue(services).text.reveal(), account_of(services)

    def last_used() -> Any:
        return services.api_tokens.list_own(account.id)[0].last_used_at

    assert last_used() is None
    first = clock.now()
    services.bearer.match(text, HERE)
    clock.advance(timedelta(seconds=59))
    services.bearer.match(text, HERE)
    assert last_used() == first
    clock.advance(timedelta(seconds=1))
    services.bearer.match(text, HERE)
    assert last_used() == clock.now()


def test_a_token_in_use_writes_nothing_within_the_minute(
    services: Services, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, written = issue(services).text.reveal(), list[str]()
    services.bearer.match(text, HERE)
    for store, verb in (
        (services.stores.tokens, "touch_token"), (services.stores.attempts, "reserve_attempt"),
        (services.stores.attempts, "refund_attempt"), (services.stores.attempts, "clear_lane"),
    ):  # fmt: skip
        monkeypatch.setattr(store, verb, lambda *_, verb=verb, **__: written.append(verb))
    for _ in range(9):
        assert services.bearer.match(text, HERE).principal.is_signed_in
    assert written == []
    clock.advance(timedelta(minutes=1))
    services.bearer.match(text, HERE)
    assert written == ["touch_token"]


def with_other_secret(text: str) -> str:
    """Return a token with the same id and a secret of its own, whose check is right."""
    made = issue_token_text(SeededEntropy(7)).text.reveal()
    body = text[:16] + made[16:-6]
    return body + _check(body)


@pytest.mark.asvs("V6.3.1")
def test_who_knows_an_id_still_needs_the_secret(clock: FrozenClock, outbox: Outbox) -> None:
    services = make(clock, outbox, attempts={"token_limit": 2})
    register(services)
    text = issue(services).text.reveal()
    forged = with_other_secret(text)
    assert parse_token(forged) is not None
    assert refused(services, forged) == "unknown"
    # From where the token is in use, the guess is counted as well.
    assert services.bearer.match(text, HERE)
    assert refused(services, forged) == "unknown"
    with pytest.raises(TooManyRequests):
        services.bearer.match(forged, HERE)
    services.bearer.expose(forged, ELSEWHERE, where="query")
    assert services.bearer.match(text, ELSEWHERE)


@pytest.mark.asvs("V6.3.1")
def test_a_network_s_guesses_are_counted_before_they_are_looked_at(
    clock: FrozenClock, outbox: Outbox
) -> None:
    services = make(clock, outbox, attempts={"token_limit": 3})
    register(services)
    good = issue(services).text.reveal()
    other = issue(services, name="other").text.reveal()
    assert services.bearer.match(good, HERE)
    made_up = [issue_token_text(SeededEntropy(number)).text.reveal() for number in range(100, 104)]
    for guess in made_up[:3]:
        assert refused(services, guess) == "unknown"
    assert kinds(services).count("account:lock:set") == 1
    with pytest.raises(TooManyRequests):
        services.bearer.match(made_up[3], HERE)
    # What proved right from here before goes on; what did not is not even looked at.
    assert services.bearer.match(good, HERE)
    with pytest.raises(TooManyRequests):
        services.bearer.match(other, HERE)
    assert services.bearer.match(other, ELSEWHERE)
    clock.advance(timedelta(minutes=16))
    assert services.bearer.match(other, HERE)


def test_a_token_in_use_that_is_revoked_falls_back_into_the_budget(
    clock: FrozenClock, outbox: Outbox
) -> None:
    services = make(clock, outbox, attempts={"token_limit": 1})
    register(services)
    issued = issue(services)
    text = issued.text.reveal()
    services.bearer.match(text, HERE)
    services.api_tokens.revoke(owner(services), account_of(services), issued.summary.id, HERE)
    assert refused(services, text) == "unknown"
    with pytest.raises(TooManyRequests):
        services.bearer.match(text, HERE)


def test_typos_cost_nobody_anything(services: Services) -> None:
    for text in ("", "bst_", "x" * 100_000, "\ud800", "bst_" + "A" * 61):
        assert refused(services, text) == "malformed"
    assert kinds(services).count("account:token:refused") == 5
    assert services.bearer.match(issue(services).text.reveal(), HERE)


def test_what_proved_right_is_remembered_within_bounds(services: Services) -> None:
    text = issue(services).text.reveal()
    for number in range(MAX_PROVEN + 2):
        services.bearer._remember((str(number), "x"))  # noqa: SLF001 -- thousands of networks
    services.bearer.match(text, HERE)
    assert len(services.bearer._proven) == MAX_PROVEN  # noqa: SLF001


@pytest.mark.asvs("V14.2.1")
def test_a_token_that_others_could_read_is_revoked(services: Services, outbox: Outbox) -> None:
    text = issue(services).text.reveal()
    services.bearer.expose(text, HERE, where="query")
    assert refused(services, text) == "unknown"
    assert "is revoked for that" in outbox.messages[-1].body
    assert kinds(services).count("account:token:exposed") == 1
    services.bearer.expose(text, HERE, where="query")
    services.bearer.expose("no token", HERE, where="query")
    assert kinds(services).count("account:token:exposed") == 2
    assert len([message for message in outbox.messages if "is revoked for that" in message.body]) == 1


def test_two_who_expose_one_token_revoke_it_once(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    text = issue(services).text.reveal()
    monkeypatch.setattr(services.stores.tokens, "revoke_token", lambda *_: False)
    services.bearer.expose(text, HERE, where="query")
    assert "account:token:exposed" not in kinds(services)


def test_guesses_in_addresses_are_counted_too(clock: FrozenClock, outbox: Outbox) -> None:
    services = make(clock, outbox, attempts={"token_limit": 1})
    register(services)
    good = issue(services).text.reveal()
    services.bearer.expose(issue_token_text(SeededEntropy(9)).text.reveal(), HERE, where="query")
    services.bearer.expose(good, HERE, where="query")
    assert services.bearer.match(good, ELSEWHERE)


def test_where_tokens_are_not_offered_none_is_right(clock: FrozenClock, outbox: Outbox) -> None:
    services = make(clock, outbox, api_tokens={"is_offered": False})
    register(services)
    assert refused(services, issue(services).text.reveal()) == "malformed"


def test_scopes_are_kept_as_one_text() -> None:
    assert join_scopes({"write", "read"}) == "read write"
    assert split_scopes("read write") == {"read", "write"}


@pytest.mark.parametrize(
    "bad",
    [
        {"lifetime": timedelta()}, {"lifetime": timedelta(days=400)}, {"max_lifetime": timedelta(days=1)},
        {"max_lifetime": timedelta(days=400)}, {"touch_interval": timedelta()}, {"max_per_account": 0},
    ],
)  # fmt: skip
def test_settings_are_held_to_what_makes_sense(bad: Any) -> None:
    with pytest.raises(ConfigurationError):
        ApiTokenSettings(**bad)
