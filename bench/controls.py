"""What single controls cost, beside the floor that they stand on."""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import argon2
import nh3
from markdown_it import MarkdownIt
from rich.table import Table
from werkzeug.test import create_environ

from bastide.core.attempts import Lane, LaneKind
from bastide.core.foundation import Client, InvalidInput, Secret
from bastide.core.output import ARTICLE, COMMENT, render_markdown, sanitize
from bastide.core.records import NewAccount
from bastide.core.request import Services
from bastide.core.security_log import Event, EventKind, Outcome
from bastide.core.sign_in import CommonPasswords, PasswordHasher
from bastide.core.tripwires import QueryTripwire, Value, environ_values, find_carried
from bench.assemblies import bastide

SNIPPET = (
    "<p>Some <strong>bold</strong> words and a <a href='https://example.org/x'>link</a> &amp; more.</p>" * 2
)
ARTICLE_TEXT = SNIPPET * 100
REMARK = (
    "I tried the *second* recipe, and **it works**: the crust is better when the oven is hot & dry.\n\n"
    "- flour, 500 g\n- water, 350 g\n\nThe crumb, though, is less open than in your picture. Why?\n\n" * 12
)[:2000]
SOURCE = f"## A heading\n\n{REMARK[:900]}\n\n> quoted\n>\n> - one\n>   - two\n\n"
CLEANER = nh3.Cleaner(link_rel="nofollow noopener noreferrer")
PLAIN, PLAIN_CLEANER = MarkdownIt("commonmark"), nh3.Cleaner(tags=set(COMMENT.tags), attributes={})
NESTED = "<div>" * 20_000
PASSWORD, WRONG = Secret("correct horse battery staple"), Secret("wrong horse battery staple")
BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-GB,en;q=0.7,fr;q=0.3",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Referer": "http://localhost/posts/12",
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}
CALLER = Client(address="198.51.100.1")


def median(call: Callable[[], Any], rounds: int) -> float:
    """Return the CPU microseconds of one call."""
    costs = []
    for _ in range(rounds):
        start = time.process_time()
        call()
        costs.append((time.process_time() - start) * 1e6)
    return statistics.median(costs)


def controls_table(folder: Path) -> Table:
    """Measure and return one table."""
    table = Table("control", "us", "floor", "ratio", "target")

    def row(name: str, cost: float, floor: float | None, target: str) -> None:
        shown = ("", "") if floor is None else (f"{floor:.1f}", f"{cost / floor:.2f}x")
        table.add_row(name, f"{cost:.1f}", *shown, target)

    for size, text in (("200 B", SNIPPET), ("20 KB", ARTICLE_TEXT)):
        cost, floor = interleaved(
            lambda text=text: sanitize(text, ARTICLE), lambda text=text: CLEANER.clean(text)
        )
        row(f"sanitise {size}, floor a reused nh3 cleaner", cost, floor, "<= 1.2x")
    listed = MarkdownIt("commonmark").render(SOURCE * 15)
    cost, floor = interleaved(lambda: sanitize(listed, ARTICLE), lambda: CLEANER.clean(listed))
    row("sanitise 20 KB of lists and quotes, the same floor", cost, floor, "")
    cost, floor = interleaved(lambda: render_markdown(REMARK, COMMENT), _render_plainly)
    row("render a comment of 2 KB, floor CommonMark and nh3", cost, floor, "<= 1.0x")
    row("render an article of 2 KB", median(lambda: render_markdown(REMARK, ARTICLE), 99), None, "")
    row("refuse 100 KB of nesting", median(_refuse_nesting, 9), None, "<= 30 ms")
    common = CommonPasswords()
    row("common-password look-up", median(lambda: "unlisted phrase" in common, 999), None, "<= 10 us")
    _tripwire_rows(row)
    _password_rows(row, folder / "controls")
    return table


def interleaved(*calls: Callable[[], Any], rounds: int = 99) -> list[float]:
    """Return the median of each, taken in turns."""
    costs: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for place, call in enumerate(calls):
            costs[place].append(median(call, 1))
    return [statistics.median(values) for values in costs]


def _render_plainly() -> str:
    return PLAIN_CLEANER.clean(PLAIN.render(REMARK))


def _refuse_nesting() -> None:
    try:
        sanitize(NESTED, ARTICLE)
    except InvalidInput:
        return
    raise RuntimeError(NESTED[:10])


def _tripwire_rows(row: Callable[..., None]) -> None:
    """Measure a statement that is known to be the application's own, and one that comes up first."""
    statement = (
        "SELECT post.id, post.title, post.created, user_account.username FROM post JOIN user_account ON "
        "user_account.id = post.author_id WHERE post.state = 'published' AND (lower(post.title) LIKE ? "
        "ESCAPE '\\' OR lower(post.content) LIKE ? ESCAPE '\\') "
        "ORDER BY post.created DESC, post.id DESC LIMIT ? OFFSET ?"
    )
    environ = create_environ("/posts/12/edit", query_string="q=green+tea&sort=title&page=2", headers=BROWSER)
    environ["HTTP_COOKIE"] = f"__Host-session={'x' * 43}; __Host-device={'y' * 60}"
    values = list(environ_values(environ))
    form = [Value("form", "Title"), Value("form", ("A garden's words, and more of them. " * 60)[:2000])]
    tripwire = QueryTripwire()
    tripwire.find(statement, values)
    row(
        "statement known as constant", median(lambda: tripwire.is_constant(statement), 9_999), None, "<= 1 us"
    )
    first = median(lambda: find_carried(statement, environ_values(environ)), 999)
    row("statement seen for the first time", first, None, "")
    row(
        "and with a form of 2,000 letters",
        median(lambda: find_carried(statement, [*values, *form]), 999),
        None,
        "",
    )


def _password_rows(row: Callable[..., None], folder: Path) -> None:
    """Measure a sign-in with a known and an unknown name: one price for both (V6.3.8)."""
    often = {"account_limit": 10**6, "network_limit": 10**6, "global_limit": 10**6}
    known, house = _wrong_sign_in(folder / "open", "known", often)
    unknown, _ = _wrong_sign_in(folder / "open too", "", often)
    verifier = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
    hashed = verifier.hash(PASSWORD.reveal())

    def raw() -> None:
        try:
            verifier.verify(hashed, WRONG.reveal())
        except argon2.exceptions.VerifyMismatchError:
            return

    floor, of_known, of_unknown = interleaved(raw, known, unknown, rounds=60)
    row("wrong password, known name; floor argon2", of_known, floor, "hash + 1 %")
    row("unknown name; floor known name", of_unknown, of_known, "within 2 %")
    lanes = tuple(
        Lane(kind=kind, subject="bench", limit=10**6, period=timedelta(minutes=15))
        for kind in (LaneKind.NETWORK, LaneKind.GLOBAL)
    )
    event = Event(
        kind=EventKind.LOGIN_FAILURE, outcome=Outcome.FAILURE, at=house.clock.now(), target="account:1",
        address=CALLER.address, route="accounts.sign_in", request_id="Fl45SAZI4Ifg",
        detail={"reason": "wrong_secret"},
    )  # fmt: skip

    def reserve() -> None:
        house.stores.attempts.reserve_attempt(lanes, now=house.clock.now())

    def attempt() -> None:
        reserve()
        house.log.append_event(event)

    drawn, kept, both = interleaved(reserve, lambda: house.log.append_event(event), attempt, rounds=999)
    row("reserve two lanes, SQLite", drawn, None, "")
    row("append a chained event, SQLite", kept, None, "")
    row("two lanes and a chained event", both, None, "<= 150 us")
    _verify_row(row, house)


def _verify_row(row: Callable[..., None], house: Services) -> None:
    """Check a log of some ten thousand rows."""
    for _ in range(10_000):
        house.recorder.record(EventKind.LOGOUT, Outcome.SUCCESS, CALLER)
    head = house.stores.events.chain_ends().head
    rows = 0 if head is None else head.sequence
    cost = median(lambda: house.log_keeper.verify(CALLER), 9) / rows
    row("verify the log, per row, SQLite", cost, None, "")


def _wrong_sign_in(folder: Path, name: str, attempts: dict[str, int]) -> tuple[Callable[[], Any], Services]:
    """Return a wrong attempt at ``name``, or at nobody where it is empty."""
    folder.mkdir(parents=True)
    services: Services = bastide(folder, attempts=attempts).application.extensions["bastide"].services
    if name:
        add_account(services, name)
    return lambda: services.login.sign_in(name or "nobody", WRONG, CALLER, previous=None), services


def add_account(services: Services, name: str) -> None:
    """Make an account whose password is known here."""
    email = f"{name}@example.org"
    new = NewAccount(
        username=name, username_key=name, email=email, email_key=email,
        password_hash=PasswordHasher(services.settings.hashing).hash(PASSWORD), roles=frozenset({"reader"}),
    )  # fmt: skip
    services.stores.accounts.add_account(new, ticket_digest=None, now=services.clock.now())
