"""Whom an API token speaks for, and what guesses cost."""

from datetime import timedelta
from typing import Any

import pytest

from bastide.core.api_tokens.token_sign_in import MAX_PROVEN
from bastide.core.api_tokens.token_text import _check, issue_token_text, parse_token
from bastide.core.foundation import (
    TooManyRequests,
)
from bastide.core.records import NewToken
from bastide.core.request import Services
from bastide.testing import FrozenClock, SeededEntropy
from support.blog import Outbox
from support.core import HERE, account_of, kinds, make, register
from support.tokens import ELSEWHERE, READ, issue, owner, refused


@pytest.mark.asvs("V8.3.2")
def test_a_token_never_says_more_than_its_owner_may_now(services: Services) -> None:
    account = account_of(services)
    services.stores.accounts.define_roles({"author": frozenset({"read", "write"})})
    services.stores.accounts.grant_role(account.id, "author")
    text = issue(services, scopes=frozenset({"read", "write"})).text.reveal()
    assert services.bearer.match(text, HERE).principal.permissions == {"read", "write"}
    narrow = issue(services, scopes=READ).text.reveal()
    assert services.bearer.match(narrow, HERE).principal.permissions == READ
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


def test_what_proved_right_elsewhere_draws_from_this_network_s_budget(
    clock: FrozenClock, outbox: Outbox
) -> None:
    services = make(clock, outbox, attempts={"token_limit": 1})
    register(services)
    text = issue(services).text.reveal()
    assert services.bearer.match(text, HERE)
    assert refused(services, issue_token_text(SeededEntropy(9)).text.reveal(), ELSEWHERE) == "unknown"
    with pytest.raises(TooManyRequests):
        services.bearer.match(text, ELSEWHERE)
    assert services.bearer.match(text, HERE)


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
