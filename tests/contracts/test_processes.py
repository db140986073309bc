"""Each atomic verb of the stores, raced from four processes on SQLite and PostgreSQL."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from sqlalchemy import create_engine

from bastide.core.attempts import Lane, LaneKind, Reserved
from bastide.core.http import Violation
from bastide.core.records import Added, NewAccount, NewSession, StoredPasskey
from bastide.core.request import Stores
from bastide.core.security_log import Anchor, Event, EventFilter, EventKind, Outcome, Verified
from bastide.core.security_log._chain_check import ChainCheck
from bastide.core.sign_in import Ticket, TicketPurpose
from bastide.stores.sql import Database, sql_stores
from bastide.testing.clock import START
from support.core import CHAIN
from support.django_blog import database_at
from support.processes import own_processes
from support.racers import Person, call
from support.templates import put_empty_database

PROCESSES, CALLS = 4, 24
LATER = START + timedelta(minutes=15)
Race: TypeAlias = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(PROCESSES, mp_context=own_processes()) as pool:
        yield pool


@pytest.fixture
def stores(framework: str, database_url: str) -> Iterator[Stores]:
    """Stores of each framework on each database."""
    roles = {"reader": frozenset({"read"}), "author": frozenset({"write"})}
    if framework == "django":
        with database_at(database_url):
            from bastide.django.accounts.stores import django_stores

            django_stores().accounts.define_roles(roles)
            yield django_stores()
        return
    put_empty_database(database_url)
    engine = create_engine(database_url)
    made = sql_stores(Database(engine), Person)
    Person.metadata.create_all(engine)
    made.accounts.define_roles(roles)
    yield made
    made.accounts._database.dispose()  # type: ignore[attr-defined]  # noqa: SLF001
    engine.dispose()


@pytest.fixture
def race(framework: str, processes: ProcessPoolExecutor, database_url: str, stores: Stores) -> Race:
    """Call one verb many times from every process; each call's arguments may depend on its number."""

    def run(store: str, verb: str, arguments: Callable[[int], Iterable[Any]], **options: Any) -> list[Any]:
        waiting = [
            processes.submit(call, framework, database_url, store, verb, tuple(arguments(number)), options)
            for number in range(CALLS)
        ]
        return [future.result() for future in waiting]

    return run


def person(name: str = "maud") -> NewAccount:
    return NewAccount(
        username=name, username_key=name, email=f"{name}@example.org", email_key=f"{name}@example.org",
        password_hash="hash", roles=frozenset({"reader"}),
    )  # fmt: skip


def ticket(number: int, subject: str) -> Ticket:
    return Ticket(
        digest=bytes([number]) * 32, purpose=TicketPurpose.INVITATION, subject=subject,
        facts={"role": "reader"}, expires_at=LATER,
    )  # fmt: skip


def session(number: int = 0, account: Any = None) -> NewSession:
    return NewSession(
        digest=bytes([number]) * 32, account_id=account, state="{}", confirmed_at=None, agent_family="x",
        network="n",
    )  # fmt: skip


def lane(limit: int) -> Lane:
    return Lane(kind=LaneKind.ACCOUNT, subject="1", owner="1", limit=limit, period=timedelta(minutes=15))


@pytest.mark.asvs("V15.4.1", "V15.4.2")
def test_processes_share_one_budget_and_its_refunds(stores: Stores, race: Race) -> None:
    drawn = race("attempts", "reserve_attempt", lambda _: [[lane(5)]], now=START)
    assert sum(isinstance(outcome, Reserved) for outcome in drawn) == 5
    race("attempts", "refund_attempt", lambda _: [[lane(5)]], now=START)
    again = race("attempts", "reserve_attempt", lambda _: [[lane(5)]], now=START)
    assert sum(isinstance(outcome, Reserved) for outcome in again) == 5
    assert race("attempts", "clear_account_lanes", lambda _: ["1"]).count(True) == 1


def test_a_ticket_makes_one_account_and_a_name_is_taken_once(stores: Stores, race: Race) -> None:
    stores.tickets.put_ticket(ticket(0, "a"))
    spent = race(
        "accounts", "add_account", lambda number: [person(f"n{number}")], ticket_digest=bytes(32), now=START
    )
    assert spent.count("TicketSpent") == CALLS - 1
    taken = race("accounts", "add_account", lambda _: [person()], ticket_digest=None, now=START)
    assert taken.count("AccountExists") == CALLS - 1


def test_hash_status_and_roles_change_once(stores: Stores, race: Race) -> None:
    account = stores.accounts.add_account(person(), ticket_digest=None, now=START)
    swapped = race("accounts", "replace_password_hash", lambda _: [account], old_hash="hash", new_hash="new")
    assert swapped.count(True) == 1
    assert race("accounts", "grant_role", lambda _: [account, "author"]).count(True) == 1
    assert race("accounts", "revoke_role", lambda _: [account, "author"]).count(True) == 1
    assert race("accounts", "set_active", lambda _: [account], is_active=False).count(True) == 1


@pytest.mark.asvs("V6.5.1", "V15.4.2")
def test_a_second_factor_is_confirmed_and_each_code_used_once(stores: Stores, race: Race) -> None:
    account = stores.accounts.add_account(person(), ticket_digest=None, now=START)
    stores.factors.put_totp(account, b"sealed", step=3)
    confirmed = race(
        "factors", "confirm_totp", lambda _: [account], sealed=b"sealed", step=7, codes=[bytes(32)], keep=b""
    )
    assert confirmed.count(True) == 1
    assert race("factors", "use_totp_step", lambda _: [account, 8]).count(True) == 1
    assert race("factors", "burn_backup_code", lambda _: [account, bytes(32)]).count(True) == 1
    assert race("factors", "remove_totp", lambda _: [account], keep=None).count(True) == 1


def test_a_passkey_is_added_used_and_removed_once(stores: Stores, race: Race) -> None:
    account = stores.accounts.add_account(person(), ticket_digest=None, now=START)
    new = StoredPasskey(
        credential_id=b"c", account_id=account, public_key=b"k", sign_count=0, transports=(), name="x",
        is_backed_up=False, created_at=START,
    )  # fmt: skip
    added = race("passkeys", "add_passkey", lambda _: [new], codes=[bytes(32)], keep=b"", limit=20)
    assert added.count(Added.FIRST) == 1
    assert added.count(Added.NOTHING) == len(added) - 1
    used = race("passkeys", "use_passkey", lambda _: [b"c"], old_count=0, new_count=1, now=LATER)
    assert used.count(True) == 1
    assert race("passkeys", "remove_passkey", lambda _: [account, b"c"], keep=None).count(True) == 1
    assert stores.factors.count_backup_codes(account) == 0


def test_a_session_is_rotated_touched_and_ended_once(stores: Stores, race: Race) -> None:
    stores.sessions.create_session(session(200), now=START)
    key = bytes([200]) * 32
    touched = race("sessions", "touch_session", lambda _: [key], now=LATER, seen_before=START)
    assert touched.count(True) == 1
    rotated = race(
        "sessions", "rotate_session", lambda _: [key], new_digest=bytes(32), confirmed_at=None,
        agent_family=None,
    )  # fmt: skip
    assert rotated.count(True) == 1
    assert race("sessions", "end_session", lambda _: [bytes(32)]).count(True) == 1


def test_the_newest_ticket_of_a_subject_is_the_only_one(stores: Stores, race: Race) -> None:
    race("tickets", "put_ticket", lambda number: [ticket(number, "same")])
    alive = [
        number for number in range(CALLS)
        if stores.tickets.get_ticket(bytes([number]) * 32, purpose=TicketPurpose.INVITATION, now=START)
    ]  # fmt: skip
    assert len(alive) == 1


def test_no_event_is_lost_and_violation_groups_stay_within_bounds(stores: Stores, race: Race) -> None:
    event = Event(kind=EventKind.LOGIN_FAILURE, outcome=Outcome.FAILURE, at=START)
    race("events", "append_event", lambda _: [event, CHAIN])
    assert stores.events.list_events(EventFilter(), offset=0, limit=1)[1] == CALLS
    rows, ends = stores.events.read_chain(start=0, limit=99), stores.events.chain_ends()
    assert [row.sequence for row in rows] == list(range(1, CALLS + 1))
    check = ChainCheck(CHAIN, base=ends.base)
    check.feed(rows)
    assert check.finish(ends.head) == Verified(CALLS, 0, Anchor(CALLS, rows[-1].link or b""))

    def violation(number: int) -> list[Violation]:
        return [Violation(directive="script-src", blocked=f"https://{number % 3}.example", document="/")]

    news = race("violations", "record_violation", violation, now=START, max_groups=3)
    groups = stores.violations.list_violations(limit=9)
    assert news.count(True) == len(groups) == 3
    assert sum(group.count for group in groups) == CALLS
    race("violations", "record_violation", violation, now=START, max_groups=2)
    assert len(stores.violations.list_violations(limit=9)) == 3
