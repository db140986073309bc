"""Attacks on what is kept encrypted: stealing the database, changing it, and asking for what is another's."""

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from bastide.core.foundation import StoreUnavailable
from support.api import Program, issue
from support.blog import Blog, Browser
from support.checks import without_checks
from support.rows import rows
from support.tools import find_postgres

SSN, DIGITS, OTHER = "078-05-1120", "078051120", "219099999"


@pytest.fixture
def owner(blog_on_each_database: Blog) -> Browser:
    return fresh(blog_on_each_database, "maud")


@pytest.fixture
def member(blog: Blog) -> Browser:
    """Whoever asks for nothing that a database decides."""
    return fresh(blog, "maud")


def fresh(blog: Blog, name: str) -> Browser:
    browser = blog.signed_in(name, "author", "reader")
    browser.confirm(name)
    return browser


def save(browser: Browser, ssn: str = SSN) -> int:
    return browser.post("/profile/ssn", {"ssn": ssn}).status_code


def dump(blog: Blog) -> bytes:
    """Return everything that somebody who takes the database has."""
    url = blog.engine.url
    if url.get_backend_name() == "sqlite":
        return b"".join(path.read_bytes() for path in Path(str(url.database)).parent.glob("*.sqlite3*"))
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.run([find_postgres("pg_dump"), plain], capture_output=True, check=True).stdout  # noqa: S603 -- the server's own tool


def set_bytes(blog: Blog, user: str, sql: str) -> None:
    """Write into a table that was made without the database's own check."""
    key = f"(SELECT id FROM user_account WHERE username = '{user}')"
    is_sqlite = blog.engine.dialect.name == "sqlite"
    with (
        blog.engine.begin() as connection,
        without_checks(connection.exec_driver_sql, "profile", is_sqlite=is_sqlite),
    ):
        done = connection.exec_driver_sql(f"UPDATE profile SET ssn = {sql} WHERE user_id = {key}")
        assert done.rowcount == 1


@pytest.mark.asvs("V14.2.4")
def test_the_database_itself_takes_no_plain_number(blog_on_each_database: Blog, owner: Browser) -> None:
    blog = blog_on_each_database
    save(owner)
    (before,) = blog.rows("SELECT ssn, ssn_index FROM profile")
    plain = f"'{DIGITS}'"
    for value in (plain, f"CAST({plain} AS {'BLOB' if blog.engine.dialect.name == 'sqlite' else 'BYTEA'})"):
        with pytest.raises(IntegrityError):
            blog.rows_changed(f"UPDATE profile SET ssn = {value}")
    assert blog.rows("SELECT ssn, ssn_index FROM profile") == [before]
    assert SSN in owner.post("/profile/ssn/reveal").text


@pytest.mark.asvs("V14.2.4", "V14.2.6")
def test_a_number_is_shown_by_its_end_and_whole_when_asked_for(blog: Blog, member: Browser) -> None:
    assert "On file" not in member.get("/profile/ssn").text
    assert save(member) == 303
    page = member.get("/profile/ssn").text
    assert "1120" in page
    assert "078" not in page
    shown = member.post("/profile/ssn/reveal")
    assert SSN in shown.text
    assert shown.headers["Cache-Control"] == "no-store, private"
    assert f'value="{SSN}"' not in shown.text
    assert blog.kinds()[-1] == "account:value:revealed"
    assert "social security number of your account was shown" in blog.outbox.messages[-1].body
    for text in (
        member.get("/profile").text,
        member.get("/authors/maud").text,
        member.get("/account/activity").text,
    ):
        assert DIGITS not in text
        assert SSN not in text
    assert member.post("/profile/ssn/remove").status_code == 303
    assert "On file" not in member.get("/profile/ssn").text
    assert blog.rows("SELECT ssn, ssn_index FROM profile") == [(None, None)]


@pytest.mark.profiles("factors.is_required")
@pytest.mark.asvs("V7.5.3")
def test_showing_and_changing_it_want_a_fresh_factor(blog: Blog, member: Browser) -> None:
    save(member)
    blog.clock.advance(timedelta(minutes=11))
    events = len(blog.kinds())
    assert member.get("/profile/ssn").status_code == 303
    for path, form in (
        ("/profile/ssn", {"ssn": OTHER}),
        ("/profile/ssn/reveal", {}),
        ("/profile/ssn/remove", {}),
    ):
        answer = member.post(path, form)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account/confirm")
    assert "account:value:revealed" not in blog.kinds()[events:]
    assert member.get("/profile/ssn/reveal").status_code == 405


@pytest.mark.asvs("V14.2.4", "V11.3.2")
def test_who_takes_the_database_gets_no_number(blog_on_each_database: Blog, owner: Browser) -> None:
    blog = blog_on_each_database
    owner.post("/profile", {"full_name": "Maud Planted", "phone": "", "bio": "", "website": ""})
    save(owner)
    owner.post("/profile/ssn/reveal")
    taken = dump(blog)
    assert b"Maud Planted" in taken
    for plain in (SSN, DIGITS):
        assert plain.encode() not in taken
        assert plain.encode().hex().encode() not in taken
    assert DIGITS not in str(blog.rows("SELECT * FROM bastide_event"))
    assert all(DIGITS not in message.body and SSN not in message.body for message in blog.outbox.messages)


@pytest.mark.asvs("V11.3.2", "V11.3.3")
@rows(
    "sql", ["other", "X'00'", "plain", "edited", "cut"],
)  # fmt: skip
def test_what_was_changed_in_the_database_is_refused_loudly(
    blog_on_each_database: Blog, owner: Browser, sql: str
) -> None:
    blog = blog_on_each_database
    is_sqlite = blog.engine.dialect.name == "sqlite"
    save(owner)
    save(fresh(blog, "ines"), OTHER)
    if sql == "other":
        set_bytes(
            blog,
            "maud",
            "(SELECT other.ssn FROM profile other JOIN user_account u ON u.id = other.user_id WHERE u.username = 'ines')",
        )
    else:
        (stored,) = (bytes(row[0]) for row in blog.rows(
            "SELECT ssn FROM profile WHERE user_id = (SELECT id FROM user_account WHERE username = 'maud')"))  # fmt: skip
        changed = {
            "X'00'": b"\0",
            "plain": DIGITS.encode(),
            "edited": stored[:-1] + bytes([stored[-1] ^ 1]),
            "cut": stored[:-1],
        }[sql]
        set_bytes(blog, "maud", f"X'{changed.hex()}'" if is_sqlite else f"'\\x{changed.hex()}'")
    told = blog.kinds().count("system:seal:broken")
    answer = owner.get("/profile/ssn")
    # Waiting helps nobody: it is not "out for a moment".
    assert (answer.status_code, "Retry-After" in answer.headers) == (500, False)
    assert DIGITS not in answer.text
    assert blog.kinds().count("system:seal:broken") > told
    assert fresh(blog, "ines").get("/profile/ssn").status_code == 200
    # What is not read does no harm.
    assert owner.get("/account").status_code == 200


@rows(
    "ssn",
    ["", "123", "000-12-3456", "666-12-3456", "900-12-3456", "219-00-9999", "219-09-0000", "219-099999", "219 09 9999",
     "٢١٩٠٩٩٩٩٩", "219-09-9999\n1", "AQABAAAAAAAAAAAAAAAA", "\x01\x00\x01" + "x" * 40, "219-09-9999" * 20],
)  # fmt: skip
def test_what_is_no_number_is_refused(blog: Blog, member: Browser, ssn: str) -> None:
    blog.forget_rates()
    assert member.post("/profile/ssn", {"ssn": ssn}).status_code == 400
    assert blog.rows("SELECT * FROM profile WHERE ssn IS NOT NULL") == []


@pytest.mark.asvs("V15.4.2")
def test_one_number_belongs_to_one_person(blog_on_each_database: Blog, owner: Browser) -> None:
    blog = blog_on_each_database
    save(owner)
    other = fresh(blog, "ines")
    before = blog.kinds().count("account:value:changed")
    assert save(other, DIGITS) in {400, 409}
    assert blog.kinds().count("account:value:changed") == before
    assert len(blog.rows("SELECT * FROM profile WHERE ssn IS NOT NULL")) == 1
    assert save(owner, OTHER) == 303
    assert save(other, SSN) == 303


@pytest.mark.asvs("V6.3.7", "V16.3.2")
def test_what_the_owner_cannot_be_told_of_does_not_happen(
    blog_on_each_database: Blog, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog = blog_on_each_database
    save(owner)
    before, told = (
        blog.rows("SELECT ssn, ssn_index FROM profile"),
        blog.kinds().count("account:value:changed"),
    )

    def away(*_: Any, **__: Any) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(type(blog.services.reveals._notices), "send", away)  # noqa: SLF001 -- mail that cannot be kept
        assert save(owner, OTHER) == 503
        assert owner.post("/profile/ssn/remove").status_code == 503
        shown = owner.post("/profile/ssn/reveal")
        assert (shown.status_code, DIGITS in shown.text, SSN in shown.text) == (503, False, False)
    assert blog.rows("SELECT ssn, ssn_index FROM profile") == before
    assert blog.kinds().count("account:value:changed") == told
    assert save(owner, OTHER) == 303


def test_asking_and_trying_are_counted(blog: Blog, member: Browser) -> None:
    save(member)
    statuses = [member.post("/profile/ssn/reveal").status_code for _ in range(11)]
    assert statuses == [200] * 9 + [429] * 2


def test_no_program_sees_it(blog: Blog, member: Browser) -> None:
    save(member)
    program = Program(blog, issue(member, "read_post", "write_post", "edit_profile"))
    seen: Any = program.get("/profile").get_json()
    assert set(seen) == {"username", "full_name", "phone", "bio", "website"}
    assert program.call("PATCH", "/profile", {"ssn": OTHER}).status_code == 400
    assert DIGITS not in str(seen)
