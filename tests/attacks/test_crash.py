"""The process dies before each single write of each flow: what is stored is as before, or complete."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from itertools import count
from typing import Any

import pytest

from bastide.core.records import Account, account_key
from bastide.core.security_log import EventFilter
from bastide.core.sign_in import passkey_handle
from bastide.testing import FrozenClock
from conftest import make_blog
from support.authenticator import SoftKey
from support.blog import PASSWORD, Blog, Browser, last_link
from support.factors import code_of, enrol, half_way
from support.templates import drop_database

pytestmark = pytest.mark.own_factors

NEW = "an even better battery staple"
NEVER = 10_000
PASSKEYS, SIGN_IN = "/account/passkeys", "/account/sign-in"
WRITES = (
    "add_", "append_", "burn_", "change_", "claim_", "confirm_", "create_", "drop_", "end_", "grant_", "put_",
    "remove_", "replace_", "reset_", "revoke_", "rotate_", "set_", "use_",
)  # fmt: skip


class Crash(BaseException):
    """The process dies here."""


@dataclass
class Fuse:
    """Blows before the write of that number; counts all others."""

    blows_at: int = 0
    seen: int = 0

    def guard(self, verb: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any, **options: Any) -> Any:
            if self.blows_at:
                self.seen += 1
                if self.seen == self.blows_at:
                    raise Crash
            return verb(*arguments, **options)

        return guarded


def put_fuse_in(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> Fuse:
    """Put one fuse before every write of every store but the attempts, which count whatever happens."""
    fuse, stores = Fuse(), blog.services.stores
    for entry in fields(stores):
        if entry.name in {"attempts", "violations", "units"}:
            continue
        store = getattr(stores, entry.name)
        for name in dir(store):
            if name.startswith(WRITES):
                monkeypatch.setattr(store, name, fuse.guard(getattr(store, name)))
    return fuse


@dataclass
class Case:
    """One account, its browser, and what was prepared."""

    blog: Blog
    number: int
    browser: Browser
    made: Any = None

    @property
    def name(self) -> str:
        return f"person{self.number:04}"

    @property
    def ssn(self) -> str:
        return f"219-09-{self.number + 1:04}"

    @property
    def account(self) -> Account:
        found = self.blog.services.stores.accounts.find_account(account_key(self.name))
        assert found is not None
        return found

    def other_browser(self) -> Browser:
        return self.blog.browser(address=self.browser.address)

    def last_link(self) -> str:
        return last_link(self.blog)


def state_of(case: Case) -> Any:
    """Return all that is known of the account, without what is random; mail that waits is handed over first."""
    blog, stores = case.blog, case.blog.services.stores
    blog.services.outbox.deliver()
    mails = sorted(message.subject for message in blog.outbox.messages if case.name in message.to)
    account = stores.accounts.find_account(account_key(case.name))
    if account is None:
        return mails
    events, _ = stores.events.list_events(EventFilter(account=account.id), offset=0, limit=1_000)
    factor = stores.factors.find_totp(account.id)
    passkeys = [(key.name, key.sign_count) for key in stores.passkeys.list_passkeys(account.id)]
    sessions = blog.rows(
        f"SELECT is_pending, must_rotate FROM bastide_session WHERE account_id = {account.id}"
    )
    subjects = f"('{case.name}', 'account:{account.id}')"
    tickets = blog.rows(f"SELECT count(*) FROM bastide_ticket WHERE subject IN {subjects}")
    told = [str(event.kind) for event in events if event.target == f"account:{account.id}"]
    numbers = blog.rows(f"SELECT ssn FROM profile WHERE user_id = {account.id} AND ssn IS NOT NULL")
    return [
        mails, account.email.rpartition("@")[2], account.is_active, sorted(account.roles),
        blog.verify(PASSWORD, account.password_hash), factor and (factor.is_confirmed, factor.last_step > 0),
        passkeys, len(stores.tokens.list_tokens(account.id)), stores.factors.count_backup_codes(account.id), sorted(tuple(map(bool, row)) for row in sessions),
        tickets[0][0], len(numbers), sorted(told),
    ]  # fmt: skip


def nothing(case: Case) -> None:
    case.blog.add_account(case.name)


def signed_in(case: Case) -> None:
    case.blog.add_account(case.name)
    case.browser.sign_in(case.name)


def with_factor(case: Case) -> tuple[str, list[str]]:
    signed_in(case)
    return enrol(case.blog, case.browser)


def waiting(case: Case) -> tuple[str, list[str], Browser]:
    key, codes = with_factor(case)
    return key, codes, half_way(case.blog, case.name, address=case.browser.address)


def begun(case: Case) -> str:
    signed_in(case)
    case.browser.post("/account/factors", {"action": "begin"})
    pending = case.blog.services.second_factors.pending(case.account)
    assert pending is not None
    return pending.key


def with_passkey(case: Case) -> SoftKey:
    signed_in(case)
    key = SoftKey()
    assert (
        case.browser.post(
            PASSKEYS, {"name": "My key", "credential": key.create(asked(case.browser, PASSKEYS))}
        ).status_code
        == 200
    )
    return key


def twice_with_passkey(case: Case) -> SoftKey:
    key = with_passkey(case)
    case.other_browser().sign_in(case.name)
    return key


def asked(browser: Browser, path: str) -> dict[str, Any]:
    """Return what the browser is to ask its passkeys, before the fuse is lit."""
    found: dict[str, Any] = browser.post(f"{path}/options").get_json()
    return found


def alone(case: Case) -> tuple[Browser, str]:
    key, browser = with_passkey(case), case.other_browser()
    return browser, key.get(asked(browser, f"{SIGN_IN}/passkey"))


def beside(case: Case) -> tuple[Browser, str]:
    key = with_passkey(case)
    browser = half_way(case.blog, case.name, address=case.browser.address)
    return browser, key.get(asked(browser, "/account/second-factor/passkey"))


def to_confirm(case: Case) -> tuple[Browser, str]:
    key = with_passkey(case)
    return case.browser, key.get(asked(case.browser, "/account/confirm/passkey"))


def new_passkey(case: Case) -> tuple[Browser, str]:
    signed_in(case)
    return case.browser, SoftKey().create(asked(case.browser, PASSKEYS))


def use_passkey(path: str) -> Callable[[Case], Any]:
    return lambda case: case.made[0].post(path, {"credential": case.made[1], "next": ""})


def with_tokens(case: Case) -> None:
    signed_in(case)
    for name in ("First", "Second"):
        assert case.browser.post("/account/tokens", {**TOKEN, "name": name}).status_code == 200


def token_of(case: Case) -> str:
    return case.blog.services.api_tokens.list_own(case.account.id)[0].id


def with_tokens_and_administrator(case: Case) -> Browser:
    with_tokens(case)
    return case.blog.signed_in("boss", "administrator", address="203.0.113.200")


def with_tokens_and_reset_link(case: Case) -> str:
    with_tokens(case)
    case.other_browser().post("/account/reset", {"email": f"{case.name}@example.org"})
    return case.last_link()


def handle_of(case: Case) -> str:
    (found,) = case.blog.services.passkeys.list_own(case.account.id)
    return passkey_handle(found)


def reset_link(case: Case) -> str:
    signed_in(case)
    case.other_browser().post("/account/reset", {"email": f"{case.name}@example.org"})
    return case.last_link()


def email_link(case: Case) -> str:
    signed_in(case)
    case.other_browser().sign_in(case.name)
    case.browser.post("/account/email", {"email": f"{case.name}@elsewhere.example"})
    return case.last_link()


def registration_link(case: Case) -> str:
    case.browser.post("/account/register", {"email": f"{case.name}@example.org"})
    return case.last_link()


def with_number(case: Case) -> None:
    signed_in(case)
    assert case.browser.post("/profile/ssn", {"ssn": case.ssn}).status_code == 303


def twice_signed_in(case: Case) -> None:
    signed_in(case)
    case.other_browser().sign_in(case.name)


def administrator(case: Case) -> Browser:
    signed_in(case)
    return case.blog.signed_in("boss", "administrator", address="203.0.113.200")


def as_administrator(page: str, **data: str) -> Callable[[Case], Any]:
    return lambda case: case.made.post(f"/admin/users/{case.account.id}/{page}", data)


def post(path: str, **data: str) -> Callable[[Case], Any]:
    return lambda case: case.browser.post(path, data)


def show(code: Callable[[Case], str]) -> Callable[[Case], Any]:
    return lambda case: case.made[2].post("/account/second-factor", {"code": code(case), "next": ""})


TOKEN = {"name": "CI", "days": "30", "scope.read_post": "yes"}
TWO = {"password": NEW, "password_again": NEW}
# What is prepared, and the one request that may die half-way.
FLOWS: dict[str, tuple[Callable[[Case], Any], Callable[[Case], Any]]] = {
    "sign in": (nothing, lambda case: case.browser.sign_in(case.name)),
    "sign in, first half": (with_factor, lambda case: case.other_browser().sign_in(case.name)),
    "second factor": (waiting, show(lambda case: code_of(case.made[0], case.blog))),
    "backup code": (waiting, show(lambda case: case.made[1][0])),
    "set up a factor": (
        begun, lambda case: case.browser.post("/account/factors/totp", {"code": code_of(case.made, case.blog)}),
    ),
    "remove the factor": (with_factor, post("/account/factors", action="remove")),
    "renew backup codes": (with_factor, post("/account/factors", action="renew")),
    "confirm": (signed_in, post("/account/confirm", password=PASSWORD, next="")),
    "confirm with a code": (
        with_factor, lambda case: case.browser.post("/account/confirm", {"code": case.made[1][0], "next": ""}),
    ),
    "change the password": (signed_in, post("/account/password", current_password=PASSWORD, **TWO)),
    "ask for a reset": (
        nothing, lambda case: case.browser.post("/account/reset", {"email": f"{case.name}@example.org"}),
    ),
    "reset the password": (reset_link, lambda case: case.other_browser().post(case.made, TWO)),
    "ask for another address": (
        signed_in, lambda case: case.browser.post("/account/email", {"email": f"{case.name}@elsewhere.example"}),
    ),
    "change the address": (email_link, lambda case: case.browser.post(case.made)),
    "ask to register": (
        lambda _: None, lambda case: case.browser.post("/account/register", {"email": f"{case.name}@example.org"}),
    ),
    "register": (registration_link, lambda case: case.browser.post(case.made, {"username": case.name, **TWO})),
    "add a passkey": (
        new_passkey,
        lambda case: case.browser.post(PASSKEYS, {"name": "My key", "credential": case.made[1]}),
    ),
    "passkey alone": (alone, use_passkey("/account/sign-in/passkey")),
    "passkey as second factor": (beside, use_passkey("/account/second-factor/passkey")),
    "confirm with a passkey": (to_confirm, use_passkey("/account/confirm/passkey")),
    "remove a passkey": (
        twice_with_passkey,
        lambda case: case.browser.post(f"{PASSKEYS}/remove", {"passkey": handle_of(case)}),
    ),
    "issue a token": (signed_in, post("/account/tokens", **TOKEN)),
    "revoke a token": (
        with_tokens, lambda case: case.browser.post("/account/tokens/revoke", {"token": token_of(case)}),
    ),
    "revoke all tokens": (with_tokens, post("/account/tokens/revoke", token="all")),
    "revoke somebody's tokens": (with_tokens_and_administrator, as_administrator("revoke-tokens")),
    "reset with tokens": (
        with_tokens_and_reset_link, lambda case: case.other_browser().post(case.made, TWO),
    ),
    "save a sealed value": (
        signed_in, lambda case: case.browser.post("/profile/ssn", {"ssn": case.ssn}),
    ),
    "remove a sealed value": (with_number, post("/profile/ssn/remove")),
    "sign out": (signed_in, post("/account/sign-out")),
    "end the other sessions": (twice_signed_in, post("/account/devices", session="others")),
    "grant a role": (administrator, as_administrator("roles", role="author", action="grant")),
    "take a role": (administrator, as_administrator("roles", role="reader", action="revoke")),
    "disable": (administrator, as_administrator("disable")),
    "sign somebody out": (administrator, as_administrator("end-sessions")),
}  # fmt: skip


@pytest.fixture(scope="module", params=["flask", "django"])
def site(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def blog(
    request: pytest.FixtureRequest, site: str, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Blog]:
    """One blog for all flows, on each framework and each database: every try has an account of its own."""
    folder = tmp_path_factory.mktemp("crash")
    name = f"crash_{site}"
    url = f"sqlite:///{folder / 'blog.sqlite3'}"
    if request.param == "postgresql":
        url = f"postgresql+psycopg://{postgres_server}/{name}"
    made = make_blog(url, folder, FrozenClock(), framework=site)
    yield made
    made.close()
    drop_database(f"postgresql://{postgres_server}", name)


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return count()


@pytest.mark.asvs("V2.3.3")
@pytest.mark.parametrize("flow", FLOWS)
def test_a_crash_before_any_write_leaves_all_or_nothing(
    flow: str, blog: Blog, numbers: Iterator[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    blog.forget_rates()
    fuse = put_fuse_in(blog, monkeypatch)
    _, complete, is_done = run(flow, blog, fuse, next(numbers), 0)
    assert is_done
    outcomes, write, is_done = set(), 0, False
    while not is_done:
        write += 1
        before, after, is_done = run(flow, blog, fuse, next(numbers), write)
        assert after in (before, complete), f"before write {write}"
        outcomes.add("nothing" if after == before else "all")
    assert outcomes == {"nothing", "all"}
    assert write > 2


def run(flow: str, blog: Blog, fuse: Fuse, number: int, blows_at: int) -> tuple[Any, Any, bool]:
    """Return the state before and after, and whether the request came through."""
    prepare, act = FLOWS[flow]
    case = Case(blog, number, blog.browser(address=f"198.51.{number // 250}.{number % 250}"))
    case.made = prepare(case)
    before = state_of(case)
    fuse.seen, fuse.blows_at = 0, blows_at or NEVER
    try:
        answer = act(case)
    except Crash:
        is_done = False
    else:
        is_done = True
        assert answer.status_code in {200, 303}, answer.text
    fuse.blows_at = 0
    return before, state_of(case), is_done
