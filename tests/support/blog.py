"""One way to drive either blog: a browser-like client over WSGI, and a look behind the scenes."""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from urllib.parse import parse_qsl

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import Client, TestResponse, encode_multipart

from bastide.core.foundation import AccountId, Secret
from bastide.core.mail import Message
from bastide.core.records import NewAccount, account_key
from bastide.core.request import Services
from bastide.core.security_log import EventFilter
from bastide.core.sign_in import HashingSettings, PasswordHasher
from bastide.core.sign_in._backup_codes import backup_code_digest, new_backup_code
from bastide.core.uploads import UploadStorage
from bastide.testing import FrozenClock

PASSWORD = "correct horse battery staple"
KEYS = f"1:{'QUJD' * 10}QUI=\nindex:{'SU5E' * 10}SU4="
BASE = "http://localhost"
EDITORS = ("editors@example.org", "desk@example.org")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHEAP_HASHING: dict[str, Any] = {"memory_kib": 64, "time_cost": 1, "allow_weak": True}

HASHER = PasswordHasher(HashingSettings(**CHEAP_HASHING))


@dataclass
class Outbox:
    """A mailer that keeps what it is given."""

    messages: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        self.messages.append(message)


class Browser:
    """A client with cookies that sends what a browser would send."""

    def __init__(
        self,
        application: Any,
        *,
        address: str = "203.0.113.7",
        agent: str = FIREFOX,
        token_field: str = "csrf_token",
        wallet: dict[str, list[str]] | None = None,
    ) -> None:
        self.client = Client(application)
        self.wallet = {} if wallet is None else wallet
        self.token_field = token_field
        self.address = address
        self.agent = agent

    def open(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"User-Agent": self.agent, **options.pop("headers", {})}
        environ = {"REMOTE_ADDR": self.address, **options.pop("environ", {})}
        # Buffered: the answer is closed as a server does it, and with it the files of the request.
        # The client puts its own cookies over a header that a test sends as it is.
        raw = Client(self.client.application, use_cookies=False) if "HTTP_COOKIE" in environ else self.client
        if isinstance(options.get("data"), Mapping):
            options |= in_memory(options["data"])
        return raw.open(
            path, method=method, base_url=options.pop("base_url", BASE), headers=headers,
            environ_overrides=environ, buffered=True, **options,
        )  # fmt: skip

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.open("GET", path, **options)

    def token(self) -> str:
        """Return a CSRF token for this browser."""
        return str(self.get("/csrf-token").get_json()["token"])

    def post(self, path: str, data: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
        """Post a form the way a browser does: with the token and its own origin."""
        form = {self.token_field: self.token(), **(data or {})}
        headers = {"Origin": BASE, "Sec-Fetch-Site": "same-origin", **options.pop("headers", {})}
        return self.open("POST", path, data=form, headers=headers, **options)

    def sign_in(
        self, name: str, password: str = PASSWORD, *, target: str = "", **options: Any
    ) -> TestResponse:
        """Sign in; where a second factor is asked for, with a backup code of the account's wallet."""
        form = {"name": name, "password": password, "next": target}
        answer = self.post("/account/sign-in", form, **options)
        page, _, query = answer.headers.get("Location", "").partition("?")
        if name not in self.wallet or page != "/account/second-factor":
            return answer
        kept = dict(parse_qsl(query)).get("next", "")
        return self.post(page, {"code": self.wallet[name].pop(), "next": kept}, **options)

    def confirm(self, name: str, *, target: str = "") -> TestResponse:
        """Step up: with the password, or with a backup code where the account has a wallet."""
        shown = {"code": self.wallet[name].pop()} if name in self.wallet else {"password": PASSWORD}
        return self.post("/account/confirm", {**shown, "next": target})

    def cookie(self, name: str) -> str | None:
        found = self.client.get_cookie(name, domain="localhost", path="/")
        return None if found is None else found.value

    def set_cookie(self, name: str, value: str) -> None:
        self.client.set_cookie(name, value, domain="localhost", path="/", secure=True)


def in_memory(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return what sends the form; one with files is encoded here, without a temporary file."""
    files = {name: value for name, value in form.items() if isinstance(value, tuple | list)}
    if not files:
        return {"data": form}
    sent: list[tuple[str, Any]] = [(name, value) for name, value in form.items() if name not in files]
    for name, value in files.items():
        for stream, filename, *kind in value if isinstance(value, list) else [value]:
            file = FileStorage(stream, filename, content_type=kind[0] if kind else None)
            sent.append((name, file))
    boundary, body = encode_multipart(MultiDict(sent))
    return {"data": body, "content_type": f'multipart/form-data; boundary="{boundary}"'}


class Route(NamedTuple):
    """One route, with ids filled in."""

    name: str
    methods: frozenset[str]
    path: str


@dataclass
class Blog:
    """A running blog and what stands behind it; `support.flask_blog` and `support.django_blog` make one each."""

    framework: ClassVar[str]
    token_field: ClassVar[str]

    application: Any
    services: Services
    clock: FrozenClock
    outbox: Outbox
    engine: Any
    folder: Path
    gives_factors: bool = field(default=False, init=False)
    wallet: dict[str, list[str]] = field(default_factory=dict, init=False)

    def browser(self, **options: Any) -> Browser:
        return Browser(self.application, token_field=self.token_field, wallet=self.wallet, **options)

    def routes(self) -> list[Route]:
        """Return every route."""
        raise NotImplementedError

    def matrix(self) -> str:
        """Return the access matrix as the framework's command prints it."""
        raise NotImplementedError

    def break_view(self, name: str, error: Exception) -> AbstractContextManager[None]:
        """Make the view of that name raise."""
        raise NotImplementedError

    def start_with_forgotten_routes(self) -> None:
        """Start once more with the routes ``/also`` and ``/forgotten``, which declare no rule."""
        raise NotImplementedError

    def start_with_uploads_in(self, storage: UploadStorage | None, *, static: Path = Path("static")) -> None:
        """Start once more with another place for uploads, or with none, and with static files in that folder."""
        raise NotImplementedError

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run one of Bastide's commands; return its exit status and output."""
        raise NotImplementedError

    def check_stored(self) -> list[str]:
        """Return what the framework's own check before a deployment says of values that no key opens."""
        raise NotImplementedError

    def leave_thread(self) -> None:
        """Close what a serving thread has open, before it ends."""

    def reconnect(self) -> None:
        """Let the application and the stores connect anew."""
        raise NotImplementedError

    def close(self) -> None:
        """Close what is open."""
        raise NotImplementedError

    def delete_account(self, name: str) -> None:
        """Delete an account, as an application's own code does."""
        raise NotImplementedError

    def save(self, model: str, row: dict[str, Any]) -> bool:
        """Save an object of the blog's model of that name, as a script does; tell whether its rules take it."""
        raise NotImplementedError

    def add_account(self, name: str, *roles: str) -> AccountId:
        new = NewAccount(
            username=name, username_key=account_key(name), email=f"{name}@example.org",
            email_key=account_key(f"{name}@example.org"), password_hash=self.hash(PASSWORD),
            roles=frozenset(roles or ("reader",)),
        )  # fmt: skip
        account_id = self.services.stores.accounts.add_account(new, ticket_digest=None, now=self.clock.now())
        if self.gives_factors:
            self.wallet[name] = self._give_factor(account_id)
        return account_id

    def _give_factor(self, account_id: AccountId) -> list[str]:
        """Turn a second factor on, as its owner would have long ago; return backup codes."""
        factors, store = self.services.second_factors, self.services.stores.factors
        assert factors.begin(account_id)
        pending = store.find_totp(account_id)
        assert pending is not None
        codes = [new_backup_code(self.services.entropy) for _ in range(40)]
        digests = [backup_code_digest(account_id, code) for code in codes]
        assert store.confirm_totp(account_id, sealed=pending.sealed, step=0, codes=digests, keep=b"")
        return codes

    def hash(self, password: str) -> str:
        return self.services.login._hasher.hash(Secret(password))  # noqa: SLF001 -- the framework's own

    def verify(self, password: str, encoded: str | None) -> bool:
        return self.services.login._hasher.verify(Secret(password), encoded)  # noqa: SLF001 -- the framework's own

    def signed_in(self, name: str, *roles: str, **options: Any) -> Browser:
        """Return a browser signed in as a new account, or as the one of that name."""
        if self.services.stores.accounts.find_account(account_key(name)) is None:
            self.add_account(name, *roles)
        browser = self.browser(**options)
        answer = browser.sign_in(name)
        assert answer.status_code == 303, answer.text
        return browser

    def kinds(self) -> list[str]:
        """Return the kinds of all events, oldest first."""
        events, _ = self.services.stores.events.list_events(EventFilter(), offset=0, limit=10_000)
        return [str(event.kind) for event in reversed(events)]

    def write_post(
        self, browser: Browser, title: str, content: str = "Ten letters and more.", tags: str = ""
    ) -> int:
        answer = browser.post("/posts/new", {"title": title, "content": content, "tags": tags})
        assert answer.status_code == 303, answer.text
        return int(answer.headers["Location"].rpartition("/")[2])

    def publish(
        self, browser: Browser, title: str, content: str = "Ten letters and more.", tags: str = ""
    ) -> int:
        post_id = self.write_post(browser, title, content, tags)
        assert browser.post(f"/posts/{post_id}/publish").status_code == 303
        return post_id

    def rows(self, statement: str) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.exec_driver_sql(statement))

    def rows_changed(self, statement: str) -> int:
        with self.engine.begin() as connection:
            return int(connection.exec_driver_sql(statement).rowcount)

    def forget_rates(self) -> None:
        """Forget what was counted, where rates are not what the test is about."""
        self.rows_changed("DELETE FROM bastide_attempt")


def last_link(blog: Blog) -> str:
    """Return the link that was mailed last; notices hold none."""
    return [link for message in blog.outbox.messages for link in links_in(message)][-1]


def links_in(message: Message | EmailMessage) -> list[str]:
    body = message.body if isinstance(message, Message) else message.get_content()
    return [unescape(link).removeprefix(BASE) for link in re.findall(r"http://localhost\S+", body)]
