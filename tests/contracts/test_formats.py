"""What one framework's security tables hold, the other reads: the same names, columns, digests and times."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bastide.core.attempts import Lane, LaneKind
from bastide.core.foundation import Client, Secret
from bastide.core.http import Violation
from bastide.core.records import NewSession
from bastide.core.security_log import Event, EventKind, Outcome
from bastide.core.sign_in import HashingSettings, PasswordHasher, Ticket, TicketPurpose
from bastide.testing import FrozenClock
from bastide.testing.clock import START
from conftest import make_blog
from support.blog import CHEAP_HASHING, PASSWORD, Blog
from support.templates import drop_database

TABLES = {
    "bastide_session": "digest, account_id, state, created_at, last_seen_at, confirmed_at, agent_family, network, must_rotate",
    "bastide_attempt": "kind, subject, owner, used, most, ends_at",
    "bastide_ticket": "digest, purpose, subject, facts, expires_at",
    "bastide_event": "id, at, kind, outcome, actor, target, session, address, route, request_id, detail, key_id, link",
    "bastide_chain": "name, sequence, key_id, link, seal",
    "bastide_violation": "fingerprint, directive, blocked, document, count, first_seen, last_seen",
}  # fmt: skip


def fill(blog: Blog) -> dict[str, list[Any]]:
    """Write the same through every store; return the rows as the database holds them."""
    stores, account = blog.services.stores, blog.add_account("maud")
    stores.sessions.create_session(
        NewSession(
            digest=b"s" * 32, account_id=account, state='{"a":1}', confirmed_at=START, agent_family="Firefox on Linux",
            network="2001:db8::/64",
        ), now=START,
    )  # fmt: skip
    lane = Lane(
        kind=LaneKind.NETWORK, subject="n", owner="", limit=5, period=blog.services.settings.attempts.period
    )
    stores.attempts.reserve_attempt((lane,), now=START)
    stores.tickets.put_ticket(
        Ticket(
            digest=b"t" * 32, purpose=TicketPurpose.INVITATION, subject="é", facts={"role": "reader"}, expires_at=START
        )
    )  # fmt: skip
    blog.services.log.append_event(
        Event(kind=EventKind.LOCKED, outcome=Outcome.NOTED, at=START, actor="1", detail={"lane": "é\n"})
    )
    stores.violations.record_violation(
        Violation(directive="script-src", blocked="https://evil.example", document="/"),
        now=START,
        max_groups=9,
    )
    return {
        table: [tuple(row) for row in blog.rows(f"SELECT {columns} FROM {table}")]
        for table, columns in TABLES.items()
    }


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_both_frameworks_write_the_same_rows(
    kind: str, tmp_path: Path, clock: FrozenClock, request: pytest.FixtureRequest
) -> None:
    found = {}
    for framework in ("flask", "django"):
        url = f"sqlite:///{tmp_path / framework}.sqlite3"
        if kind == "postgresql":
            url = fresh_database(request, framework)
        blog = make_blog(url, tmp_path, clock, framework=framework)
        found[framework] = fill(blog)
        blog.close()
    assert found["flask"] == found["django"]
    assert all(rows for rows in found["flask"].values())


@pytest.mark.asvs("V16.4.2")
@pytest.mark.parametrize(("writer", "reader"), [("flask", "django"), ("django", "flask")])
def test_one_framework_checks_what_the_other_wrote(
    writer: str, reader: str, tmp_path: Path, clock: FrozenClock
) -> None:
    blog = make_blog(f"sqlite:///{tmp_path / 'one.sqlite3'}", tmp_path, clock, framework=writer)
    blog.signed_in("maud")
    status, output = blog.run("log", "verify")
    assert status == 0
    other = make_blog(f"sqlite:///{tmp_path / 'two.sqlite3'}", tmp_path, clock, framework=reader)
    for table in ("bastide_event", "bastide_chain"):
        columns = TABLES[table].split(", ")
        rows = [
            dict(zip(columns, row, strict=True)) for row in blog.rows(f"SELECT {TABLES[table]} FROM {table}")
        ]
        marks = ", ".join(f":{name}" for name in columns)
        with other.engine.begin() as connection:
            connection.execute(text(f"INSERT INTO {table} ({TABLES[table]}) VALUES ({marks})"), rows)
    assert other.run("log", "verify") == (0, output)
    other.services.recorder.record(EventKind.LOGOUT, Outcome.SUCCESS, Client())
    assert other.run("log", "verify")[0] == 0
    other.close()
    blog.close()


@pytest.mark.asvs("V11.3.2", "V14.2.4")
@pytest.mark.parametrize(("writer", "reader"), [("flask", "django"), ("django", "flask")])
def test_one_framework_opens_and_finds_what_the_other_sealed(
    writer: str, reader: str, tmp_path: Path, clock: FrozenClock
) -> None:
    def open_as(framework: str, name: str) -> Any:
        blog = make_blog(f"sqlite:///{tmp_path / name}.sqlite3", tmp_path, clock, framework=framework)
        browser = blog.signed_in("maud", "author", "reader")
        browser.confirm("maud")
        return blog, browser

    blog, browser = open_as(writer, "one")
    assert browser.post("/profile/ssn", {"ssn": "078-05-1120"}).status_code == 303
    ((sealed, index),) = blog.rows("SELECT ssn, ssn_index FROM profile")
    blog.close()
    other, browser = open_as(reader, "two")
    assert browser.post("/profile/ssn", {"ssn": "219-09-9999"}).status_code == 303
    moved = f"UPDATE profile SET ssn = X'{sealed.hex()}', ssn_index = X'{index.hex()}'"
    assert other.rows_changed(moved) == 1
    assert "078-05-1120" in browser.post("/profile/ssn/reveal").text
    second = other.signed_in("ines", "author", "reader")
    second.confirm("ines")
    assert second.post("/profile/ssn", {"ssn": "078051120"}).status_code in {400, 409}
    assert other.rows("SELECT count(*) FROM profile WHERE ssn IS NOT NULL") == [(1,)]
    other.close()


def fresh_database(request: pytest.FixtureRequest, name: str) -> str:
    server = request.getfixturevalue("postgres_server")
    drop_database(f"postgresql://{server}", f"formats_{name}")
    return f"postgresql+psycopg://{server}/formats_{name}"


def test_a_hash_of_one_framework_opens_on_the_other(tmp_path: Path, clock: FrozenClock) -> None:
    """Django writes its algorithm's name before the encoded hash; the rest is the same string."""
    blog = make_blog(f"sqlite:///{tmp_path / 'hash.sqlite3'}", tmp_path, clock, framework="django")
    ours = PasswordHasher(HashingSettings(**CHEAP_HASHING))
    theirs: Any = blog.services.login._hasher  # type: ignore[attr-defined]  # noqa: SLF001
    assert theirs.verify(Secret(PASSWORD), "argon2" + ours.hash(Secret(PASSWORD)))
    assert ours.verify(Secret(PASSWORD), theirs.hash(Secret(PASSWORD)).removeprefix("argon2"))
    blog.close()
