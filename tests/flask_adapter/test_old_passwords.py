"""Hashes of applications that Flask served before: their settings stay where those applications had them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import NullPool, create_engine, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bastide.core.foundation import ConfigurationError
from bastide.core.records import account_key
from bastide.flask import AccountMixin, Bastide, current_exchange, public
from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import CHEAP_HASHING, Browser, Outbox
from support.old_hashes import KEYED_HASHES, KEYED_SALT, OLD_HASHES, OLD_PASSWORD, WEAK_HASHES
from support.processes import own_processes
from support.rewrap import FORMATS, rewrap
from support.stores import new_account


class Base(DeclarativeBase):
    pass


class User(AccountMixin, Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)


@contextmanager
def application(folder: Path, *, hashing: dict[str, Any] | None = None, **config: Any) -> Iterator[Flask]:
    """An application whose people have the hashes that are handed in later."""
    app = Flask("theirs")
    app.config.update(
        SECRET_KEY="k" * 64,
        BASTIDE={
            "hashing": {**CHEAP_HASHING, **(hashing or {})},
            "transport": {
                "allowed_hosts": frozenset({"localhost"}),
                "plain_http_hosts": frozenset({"localhost"}),
            },
        },
        **config,
    )
    engine = create_engine(f"sqlite:///{folder / 'theirs.sqlite3'}", poolclass=NullPool)
    Bastide(users=User, engine=engine, mailer=Outbox(), roles={"reader": {"read"}}).init_app(app)
    token = public(lambda: {"token": current_exchange().csrf_token()})
    app.add_url_rule("/csrf-token", view_func=token, endpoint="token")
    Base.metadata.create_all(engine)
    yield app
    engine.dispose()


def settle(app: Flask, hashes: dict[str, str]) -> None:
    """Make an account for each hash, as an import writes them."""
    rows = [
        {
            "username": name, "username_key": account_key(name), "username_skeleton": name,
            "email": f"{name}@example.org", "email_key": f"{name}@example.org", "password_hash": encoded,
            "is_active": True,
        }
        for name, encoded in hashes.items()
    ]  # fmt: skip
    with app.extensions["bastide"].engine.begin() as connection:
        connection.execute(insert(User), rows)


@pytest.mark.asvs("V11.4.2")
def test_flask_securitys_people_sign_in_where_its_salt_is_still_set(tmp_path: Path) -> None:
    people = {f"p{number}": encoded for number, encoded in enumerate(KEYED_HASHES.values())}
    with application(tmp_path, SECURITY_PASSWORD_SALT=KEYED_SALT.reveal()) as app:
        settle(app, people)
        for number, name in enumerate(people):
            browser = Browser(app, address=f"198.51.100.{number}")
            assert browser.sign_in(name, "wrong password number one").status_code == 403
            for _ in range(2):
                assert browser.sign_in(name, OLD_PASSWORD).status_code == 303, name


@pytest.mark.parametrize("salt", [KEYED_SALT.reveal(), KEYED_SALT.reveal().encode()], ids=["text", "bytes"])
def test_the_salt_is_read_as_flask_security_read_it(tmp_path: Path, salt: object) -> None:
    with application(tmp_path, SECURITY_PASSWORD_SALT=salt) as app:
        settle(app, {"maud": KEYED_HASHES["bcrypt"]})
        assert Browser(app).sign_in("maud", OLD_PASSWORD).status_code == 303


def test_where_flask_security_did_not_key_its_salt_says_nothing(tmp_path: Path) -> None:
    config = {"SECURITY_PASSWORD_SALT": KEYED_SALT.reveal(), "SECURITY_PASSWORD_SINGLE_HASH": True}
    with application(tmp_path, **config) as app:
        settle(app, {"maud": OLD_HASHES["bcrypt 2b"]})
        assert Browser(app).sign_in("maud", OLD_PASSWORD).status_code == 303


def test_without_the_salt_they_do_not(tmp_path: Path) -> None:
    with application(tmp_path) as app:
        settle(app, {"maud": KEYED_HASHES["bcrypt"]})
        assert Browser(app).sign_in("maud", OLD_PASSWORD).status_code == 403


def test_formats_that_are_left_out_are_not_read_and_unknown_ones_stop_the_start(tmp_path: Path) -> None:
    with application(tmp_path, hashing={"formats": {"pbkdf2"}}) as app:
        settle(app, {"maud": OLD_HASHES["werkzeug pbkdf2 sha256"], "tomas": OLD_HASHES["werkzeug scrypt"]})
        assert Browser(app).sign_in("maud", OLD_PASSWORD).status_code == 303
        assert Browser(app).sign_in("tomas", OLD_PASSWORD).status_code == 403
    with (
        pytest.raises(ConfigurationError, match="unknown formats of password hashes"),
        application(tmp_path, hashing={"formats": ["rot13"]}),
    ):
        pass


@pytest.mark.asvs("V11.4.2")
def test_rewrap_leaves_no_weak_hash_of_a_named_format_and_says_who_cannot_sign_in(tmp_path: Path) -> None:
    formats = ("argon2", "werkzeug_sha256", "hex_md5")
    people = {"maud": WEAK_HASHES["werkzeug_sha256"], "tomas": WEAK_HASHES["hex_md5"]}
    with application(tmp_path, hashing={"formats": formats}) as app:
        settle(app, people)
        ran = app.test_cli_runner().invoke(args=["bastide", "rewrap"])
        assert (ran.exit_code, ran.output) == (0, "2 hashes wrapped, 0 read as they are, 0 not read\n")
        settle(app, {"nora": "plain text", "olaf": OLD_HASHES["bcrypt 2b"]})
        ran = app.test_cli_runner().invoke(args=["bastide", "rewrap"])
        assert ran.exit_code == 1
        assert ran.output.splitlines() == [
            "0 hashes wrapped, 2 read as they are, 2 not read",
            "1 users cannot sign in: format_not_named ($2b$)",
            "1 users cannot sign in: unknown_format",
        ]
        ran = app.test_cli_runner().invoke(args=["bastide", "rewrap", "--workers", "5"])
        assert (ran.exit_code, "5 is not in the range 1<=x<=4" in ran.output) == (2, True)
    # From here on the formats need no name any more.
    with application(tmp_path) as app:
        for name in people:
            assert Browser(app).sign_in(name, "wrong password number one").status_code == 403
            assert Browser(app).sign_in(name, OLD_PASSWORD).status_code == 303


def test_the_start_says_whose_hashes_nobody_reads_and_shows_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with application(tmp_path) as app:
        settle(app, {"maud": "$1$salt$x", "tomas": WEAK_HASHES["hex_md5"], "olaf": OLD_HASHES["bcrypt 2b"]})

        def start() -> list[str]:
            caplog.clear()
            app.extensions["bastide"].seal()
            return [each.message for each in caplog.records]

        told = (
            "2 users cannot sign in, because nobody reads their password hashes: 1 format_not_named, 1 unknown_format"
            " ($1$); `flask bastide rewrap` counts them all"
        )
        assert start() == [told]
        monkeypatch.setattr("bastide.adopting.MOST_COUNTED", 2)
        assert start() == [told.replace("2 users", "2 users of the 3 that were looked at")]
    Base.metadata.drop_all(app.extensions["bastide"].engine)
    assert start() == []


@pytest.mark.asvs("V11.4.2", "V15.4.2")
def test_a_rewrap_that_is_killed_is_taken_up_again_and_two_at_once_do_no_harm(
    database_url: str, tmp_path: Path
) -> None:
    weak = WEAK_HASHES["hex_md5"]
    blog = make_blog(database_url, tmp_path, FrozenClock(), settings=FORMATS)
    for number in range(250):
        new = replace(new_account(f"n{number}"), password_hash=weak)
        blog.services.stores.accounts.add_account(new, ticket_digest=None, now=blog.clock.now())
    context = own_processes()
    told, tell = context.Pipe(duplex=False)

    def start(killed_after: str = "") -> Any:
        process = context.Process(target=rewrap, args=(database_url, tmp_path, killed_after, tell))
        process.start()
        return process

    def count_weak() -> int:
        rows = blog.services.stores.accounts.list_password_hashes(after=None, limit=999)
        return [encoded for _, encoded in rows].count(weak)

    for killed_after in ("100", "w50"):
        process = start(killed_after)
        process.join()
        assert (process.exitcode, count_weak()) == (-SIGKILL, 150)
    both = [start(), start()]
    for process in both:
        process.join()
        assert process.exitcode == 0
    said = [told.recv() for _ in both]
    assert [status for status, _ in said] == [0, 0]
    assert sum(int(output.split()[0]) for _, output in said) == 150
    assert count_weak() == 0
    browser = blog.browser()
    assert browser.sign_in("n249", "wrong password number one").status_code == 403
    assert browser.sign_in("n249", OLD_PASSWORD).status_code == 303
    blog.close()
