"""API tokens: their text, the way in with one, and what their owner does with them."""

import re
import string
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core import bearer
from bastide.core.access import Audience, Rule
from bastide.core.accounts import Account
from bastide.core.api_tokens import ApiTokenSettings, IssuedToken
from bastide.core.assembly import Services
from bastide.core.client import Client
from bastide.core.errors import (
    ConfigurationError,
    InvalidInput,
    StoreUnavailable,
    TokenRefused,
    TooManyRequests,
)
from bastide.core.events import EventFilter
from bastide.core.principal import Principal
from bastide.core.sessions import ActiveSession
from bastide.core.token_text import SCANNER_PATTERN, bearer_of, find_token, issue_token_text, parse_token
from bastide.testing import FrozenClock, SeededEntropy
from support.blog import Outbox
from support.core import HERE, kinds, make, register, sign_in

ELSEWHERE = Client(address="198.51.100.9")


def text(seed: int = 0) -> str:
    entropy = SeededEntropy()
    for _ in range(seed):
        issue_token_text(entropy)
    return issue_token_text(entropy).text.reveal()


@pytest.mark.asvs("V6.5.2", "V11.5.1")
def test_a_token_has_a_prefix_an_id_256_bits_and_a_check() -> None:
    made = issue_token_text(SeededEntropy())
    shown = made.text.reveal()
    assert re.fullmatch(SCANNER_PATTERN, shown)
    assert (shown[:4], shown[4:15], len(shown)) == ("bst_", made.id, 65)
    assert 62**43 > 2**256
    assert parse_token(shown) == (made.id, made.digest)
    assert made.digest not in shown.encode()
    assert str(made.text) == "***"


@pytest.mark.parametrize("place", range(65))
def test_a_typo_anywhere_is_no_token(place: int) -> None:
    shown = text()
    for letter in string.ascii_letters + string.digits + "_-":
        typed = shown[:place] + letter + shown[place + 1 :]
        assert (parse_token(typed) is None) == (typed != shown)


@given(st.one_of(
    st.text(), st.binary().map(lambda raw: raw.decode("latin-1")), st.just("\udc80bst_"), st.just("b" * 10**6),
    st.text(string.ascii_letters + string.digits, min_size=60, max_size=60).map(lambda body: f"bst_{body}"),
))  # fmt: skip
def test_anything_else_is_refused_without_an_exception(presented: str) -> None:
    assert parse_token(presented) is None
    assert find_token(presented) is None
    assert bearer_of(presented) is None or presented.lower().startswith("bearer")


@pytest.mark.parametrize(
    ("header", "presented"),
    [
        ("Bearer x", "x"), ("bearer  x y", "x y"), ("BEARER", ""), ("Bearer ", ""), ("Bearerx", None), ("Basic x", None),
        ("", None), ("Token bst_", None), (" Bearer x", None),
    ],
)  # fmt: skip
def test_the_scheme_is_read_in_any_case_and_no_other_one(header: str, presented: str | None) -> None:
    assert bearer_of(header) == presented


def test_a_token_is_found_where_it_must_not_be() -> None:
    shown = text()
    assert find_token(f"q=1&access_token={shown}&x=2") == shown
    assert find_token(f"q={shown[:-1]}") is None
    assert find_token(f"q={text(1)[:-1]}x&r={shown}") == shown


@pytest.mark.parametrize(
    "unsafe",
    [
        {"lifetime": timedelta()}, {"lifetime": timedelta(days=400)}, {"max_lifetime": timedelta(days=367)},
        {"touch_interval": timedelta()}, {"max_per_account": 0},
    ],
)  # fmt: skip
def test_unsafe_settings_are_refused(unsafe: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        ApiTokenSettings(**unsafe)


@pytest.mark.parametrize("contradiction", [{"needs_fresh": True}, {"audience": Audience.SUSPECT_TOO}])
def test_a_rule_cannot_take_tokens_and_ask_for_what_none_can_show(contradiction: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        Rule(is_api=True, takes_tokens=True, **contradiction)
    assert Rule(takes_tokens=True).describe() == "signed_in, takes API tokens"


class Owner:
    """Somebody signed in who may read, and what they do with tokens."""

    def __init__(self, clock: FrozenClock, **settings: Any) -> None:
        self.outbox = Outbox()
        self.services: Services = make(clock, self.outbox, **settings)
        account_id = register(self.services)
        account = self.services.stores.accounts.get_account(account_id)
        assert account is not None
        self.account: Account = account
        opened = sign_in(self.services).session
        session = self.services.sessions.resume(opened.session_id.reveal(), HERE.user_agent).session
        assert session is not None
        self.session: ActiveSession = session

    def issue(self, name: str = "CI", lifetime: timedelta | None = None) -> IssuedToken:
        made = self.services.api_tokens.issue(
            self.session, self.account, HERE, name=name, scopes=frozenset({"read"}), lifetime=lifetime
        )
        assert made is not None
        return made

    def match(self, token: str, client: Client = HERE) -> Principal:
        return self.services.bearer.match(token, client).principal

    def refused(self, token: str, client: Client = HERE) -> str:
        with pytest.raises(TokenRefused) as caught:
            self.match(token, client)
        return caught.value.reason

    def lanes(self) -> int:
        return len(self.services.stores.attempts._data.lanes)  # type: ignore[attr-defined]  # noqa: SLF001


@pytest.fixture
def owner(clock: FrozenClock) -> Owner:
    return Owner(clock)


@pytest.mark.asvs("V8.3.3")
def test_a_token_speaks_for_its_owner_within_its_scopes(owner: Owner) -> None:
    services, token = owner.services, owner.issue()
    services.stores.accounts.grant_role(owner.account.id, "administrator")
    speaker = owner.match(token.text.reveal())
    assert speaker == Principal(account_id=owner.account.id, name="maud", permissions=frozenset({"read"}))
    services.stores.accounts.revoke_role(owner.account.id, "reader")
    assert owner.match(token.text.reveal()).permissions == frozenset()
    assert kinds(services)[-1] == "account:token:issued"
    assert "the API token “CI” was issued" in owner.outbox.messages[-1].body
    assert token.text.reveal() not in owner.outbox.messages[-1].body


def test_a_token_needs_a_scope_that_its_owner_holds_and_an_end(owner: Owner) -> None:
    issue = owner.services.api_tokens.issue
    for scopes, lifetime, field in (
        (frozenset[str](), None, "scopes"), (frozenset({"admin_access"}), None, "scopes"),
        (frozenset({"read"}), timedelta(days=366), "lifetime"), (frozenset({"read"}), timedelta(), "lifetime"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as caught:
            issue(owner.session, owner.account, HERE, name="x", scopes=scopes, lifetime=lifetime)
        assert caught.value.field == field
    assert owner.issue().summary.expires_at == owner.services.clock.now() + timedelta(days=30)


def test_an_account_has_no_more_tokens_than_its_limit(clock: FrozenClock) -> None:
    owner = Owner(clock, api_tokens={"max_per_account": 1})
    owner.issue(lifetime=timedelta(days=1))
    issue, scopes = owner.services.api_tokens.issue, frozenset({"read"})
    assert issue(owner.session, owner.account, HERE, name="x", scopes=scopes) is None
    clock.advance(timedelta(days=1))
    assert owner.services.api_tokens.list_own(owner.account.id) == []


@pytest.mark.asvs("V6.5.6")
def test_a_revoked_token_is_dead_at_once(owner: Owner) -> None:
    tokens, kept, gone = owner.services.api_tokens, owner.issue("kept"), owner.issue("gone")
    assert [token.name for token in tokens.list_own(owner.account.id)] in (["kept", "gone"], ["gone", "kept"])
    assert tokens.revoke(owner.session, owner.account, gone.summary.id, HERE)
    assert not tokens.revoke(owner.session, owner.account, gone.summary.id, HERE)
    assert owner.refused(gone.text.reveal()) == "unknown"
    assert owner.match(kept.text.reveal()).is_signed_in
    assert tokens.revoke_all(owner.session, owner.account, HERE)
    assert not tokens.revoke_all(owner.session, owner.account, HERE)
    assert owner.refused(kept.text.reveal()) == "unknown"
    assert [kind for kind in kinds(owner.services) if kind.endswith("revoked")] == [
        "account:token:revoked"
    ] * 2


def test_an_administrator_revokes_all_tokens_of_an_account(owner: Owner) -> None:
    token = owner.issue()
    assert owner.services.administration.revoke_tokens(owner.account, HERE, by=None)
    assert not owner.services.administration.revoke_tokens(owner.account, HERE, by=None)
    assert owner.refused(token.text.reveal()) == "unknown"


@pytest.mark.asvs("V7.4.2")
def test_expired_tokens_and_those_of_disabled_owners_are_dead(owner: Owner, clock: FrozenClock) -> None:
    token = owner.issue(lifetime=timedelta(days=1))
    clock.advance(timedelta(days=1) - timedelta(microseconds=1))
    assert owner.match(token.text.reveal()).is_signed_in
    clock.advance(timedelta(microseconds=1))
    assert owner.refused(token.text.reveal()) == "expired"
    assert owner.services.stores.tokens.purge_tokens(now=clock.now()) == 1
    token = Owner.issue(owner)
    row = owner.services.stores.accounts._data.accounts[owner.account.id]  # type: ignore[attr-defined]  # noqa: SLF001
    from dataclasses import replace

    row.account = replace(row.account, is_active=False)
    assert owner.refused(token.text.reveal()) == "account_disabled"
    row.account = replace(row.account, is_active=True)
    owner.services.administration.disable(owner.account, HERE, by=None)
    owner.services.administration.enable(owner.account, HERE, by=None)
    assert owner.refused(token.text.reveal()) == "unknown"


def test_a_token_of_somebody_whose_role_demands_a_factor_has_no_rights_without_one(
    clock: FrozenClock,
) -> None:
    owner = Owner(clock)
    token = owner.issue()
    owner.services.bearer._demands_factor = lambda roles: "reader" in roles  # noqa: SLF001
    speaker = owner.match(token.text.reveal())
    assert (speaker.permissions, speaker.lacks_factor, speaker.is_fresh) == (frozenset(), True, False)


@pytest.mark.asvs("V6.3.1")
def test_a_draw_comes_before_the_look_and_a_shut_lane_refuses_before_it(owner: Owner) -> None:
    good, made_up = owner.issue().text.reveal(), text(9)
    store, asked = owner.services.stores.tokens, []
    original = store.find_token
    store.find_token = lambda token_id: asked.append(token_id) or original(token_id)  # type: ignore[method-assign, func-returns-value]
    for _ in range(20):
        assert owner.refused(made_up, ELSEWHERE) == "unknown"
    for presented in (made_up, good):
        with pytest.raises(TooManyRequests):
            owner.match(presented, ELSEWHERE)
    assert len(asked) == 20
    assert owner.match(good).is_signed_in
    told = kinds(owner.services)
    assert told.count("account:token:refused") == 22
    assert told.count("account:lock:set") == 1


@pytest.mark.asvs("V6.1.1")
def test_a_token_in_use_writes_nothing_and_is_not_shut_out_by_its_neighbours(
    owner: Owner, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = owner.issue().text.reveal()
    assert owner.match(good).is_signed_in
    for _ in range(20):
        owner.refused(text(9))
    with pytest.raises(TooManyRequests):
        owner.match(text(9))
    writes = []
    for store, verb in (
        (owner.services.stores.attempts, "reserve_attempt"), (owner.services.stores.attempts, "refund_attempt"),
        (owner.services.stores.tokens, "touch_token"),
    ):  # fmt: skip
        kept = getattr(store, verb)
        monkeypatch.setattr(
            store, verb, lambda *a, kept=kept, verb=verb, **o: (writes.append(verb), kept(*a, **o))[1]
        )
    for _ in range(5):
        assert owner.match(good).is_signed_in
    assert writes == []
    clock.advance(timedelta(minutes=1))
    for _ in range(5):
        assert owner.match(good).is_signed_in
    assert writes == ["touch_token"]
    (listed,) = owner.services.api_tokens.list_own(owner.account.id)
    assert listed.last_used_at == clock.now()


def test_a_wrong_secret_under_a_known_id_is_counted_even_where_the_token_is_in_use(owner: Owner) -> None:
    good = owner.issue().text.reveal()
    owner.match(good)
    body = good[:-7] + ("0" if good[-7] != "0" else "1")
    from bastide.core.token_text import _check

    wrong = body + _check(body)
    assert owner.refused(wrong) == "unknown"
    assert owner.lanes() >= 1
    for _ in range(19):
        owner.refused(wrong)
    with pytest.raises(TooManyRequests):
        owner.match(wrong)


def test_what_proved_right_is_remembered_within_bounds(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearer, "MAX_PROVEN", 2)
    good = owner.issue().text.reveal()
    for number in range(5):
        owner.match(good, Client(address=f"198.51.100.{number}"))
    assert [address for _, address in owner.services.bearer._proven] == ["198.51.100.3", "198.51.100.4"]  # noqa: SLF001


def test_a_typo_asks_no_store(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise StoreUnavailable("away")

    good = owner.issue().text.reveal()
    monkeypatch.setattr(owner.services.stores.tokens, "find_token", away)
    monkeypatch.setattr(owner.services.stores.attempts, "reserve_attempt", away)
    assert owner.refused(good[:-1]) == "malformed"
    with pytest.raises(StoreUnavailable):
        owner.match(good)


def test_tokens_can_be_turned_off(clock: FrozenClock) -> None:
    owner = Owner(clock, api_tokens={"is_offered": False})
    assert owner.refused(owner.issue().text.reveal()) == "malformed"


@pytest.mark.asvs("V14.2.1", "V4.1.2")
def test_a_token_that_others_could_read_is_revoked_and_its_owner_told(owner: Owner) -> None:
    expose, good = owner.services.bearer.expose, owner.issue().text.reveal()
    expose("no token", HERE, where="query")
    expose(text(9), HERE, where="query")
    assert owner.match(good).is_signed_in
    expose(good, HERE, where="query")
    assert owner.refused(good) == "unknown"
    assert "revoked for that" in owner.outbox.messages[-1].body
    events, _ = owner.services.stores.events.list_events(EventFilter(), offset=0, limit=100)
    told = [
        (event.target, event.detail["where"]) for event in events if event.kind == "account:token:exposed"
    ]
    assert told == [(f"account:{owner.account.id}", "query"), ("", "query")]


def test_made_up_tokens_in_addresses_are_counted_too(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(25):
        owner.services.bearer.expose(text(9), HERE, where="query")
    told = kinds(owner.services)
    assert (told.count("account:token:exposed"), told.count("account:token:refused")) == (20, 5)
    good = owner.issue().text.reveal()
    monkeypatch.setattr(owner.services.stores.tokens, "revoke_token", lambda *_: False)
    owner.services.bearer.expose(good, ELSEWHERE, where="query")
    assert kinds(owner.services).count("account:token:exposed") == 20
