"""Attacks on the security log: with the database in hand, and without the key."""

import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from attacks.test_factors import code_of, enrol, half_way, show
from bastide.core.api_tokens import find_token
from support.blog import PASSWORD, Blog, links_in

WRONG = "planted-wrong-password-7391"
COLUMNS = "at, kind, outcome, actor, target, session, address, route, request_id, detail, key_id, link"
ENDS = "name, sequence, key_id, link, seal"
ROW = f"INSERT INTO bastide_event (id, {COLUMNS}) SELECT"
UP_FROM_3 = (
    "UPDATE bastide_event SET id = -id WHERE id >= 3", "UPDATE bastide_event SET id = 1 - id WHERE id < 0",
)  # fmt: skip

# What somebody does who can write to the database: statements, and what the command must say.
ATTACKS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "another actor": (["UPDATE bastide_event SET actor = '99' WHERE id = 3"], ["edited 3"]),
    "another time": (["UPDATE bastide_event SET at = at - 1 WHERE id = 4"], ["edited 4"]),
    "another kind": (["UPDATE bastide_event SET kind = 'nothing:happened:here' WHERE id = 2"], ["edited 2"]),
    "another detail": (["UPDATE bastide_event SET detail = '{{}}' WHERE id = 1"], ["edited 1"]),
    "a link of another row": (
        ["UPDATE bastide_event SET link = (SELECT link FROM bastide_event WHERE id = 2) WHERE id = 5"], ["edited 5"],
    ),
    "a row deleted": (["DELETE FROM bastide_event WHERE id = 3"], ["missing 3"]),
    "a deleted row's gap closed": (
        ["DELETE FROM bastide_event WHERE id = 3", "UPDATE bastide_event SET id = -id WHERE id > 3",
         "UPDATE bastide_event SET id = -id - 1 WHERE id < 0"], ["edited 3-{before}", "missing {last}"],
    ),
    "a row put between two": ([*UP_FROM_3, f"{ROW} 3, {COLUMNS} FROM bastide_event WHERE id = 1"], ["inserted 3", "moved 4-{beyond}"]),
    "a row put behind the last": ([f"{ROW} {{last}} + 1, {COLUMNS} FROM bastide_event WHERE id = 2"], ["inserted {beyond}"]),
    "a row put before the first": ([f"{ROW} -5, {COLUMNS} FROM bastide_event WHERE id = 2"], ["inserted -5"]),
    "two rows swapped": (
        ["UPDATE bastide_event SET id = -2 WHERE id = 2", "UPDATE bastide_event SET id = 2 WHERE id = 5",
         "UPDATE bastide_event SET id = 5 WHERE id = -2"], ["moved 2", "moved 5"],
    ),
    "the newest rows dropped": (["DELETE FROM bastide_event WHERE id >= {last} - 1"], ["missing {before}-{last}"]),
    "the newest rows and the head dropped": (
        ["DELETE FROM bastide_event WHERE id > 4", "DELETE FROM bastide_chain WHERE name = 'head'"], ["head 4"],
    ),
    "the newest rows dropped and the head set back": (
        ["DELETE FROM bastide_event WHERE id > 4",
         "UPDATE bastide_chain SET sequence = 4, link = (SELECT link FROM bastide_event WHERE id = 4) WHERE name = 'head'"],
        ["head 4"],
    ),
    "the oldest rows dropped": (["DELETE FROM bastide_event WHERE id < 3"], ["missing 1-2"]),
    "the oldest rows and the base dropped": (
        ["DELETE FROM bastide_event WHERE id < 3", "DELETE FROM bastide_chain WHERE name = 'base'"], ["base 0"],
    ),
    "the base moved by hand": (
        ["DELETE FROM bastide_event WHERE id < 3",
         "UPDATE bastide_chain SET sequence = 2, link = (SELECT link FROM bastide_event WHERE id = 3) WHERE name = 'base'"],
        ["base 2"],
    ),
    "the head taken for the base": (
        ["DELETE FROM bastide_event", "DELETE FROM bastide_chain WHERE name = 'base'",
         f"INSERT INTO bastide_chain ({ENDS}) SELECT 'base', sequence, key_id, link, seal FROM bastide_chain"],
        ["base {last}"],
    ),
    "a row passed off as older than the chain": (
        ["UPDATE bastide_event SET link = NULL, key_id = NULL, actor = '99' WHERE id = 1"], ["unchained 1"],
    ),
    "every row dropped": (["DELETE FROM bastide_event"], ["missing 1-{last}"]),
    "every row and the head dropped": (
        ["DELETE FROM bastide_event", "DELETE FROM bastide_chain WHERE name = 'head'"], ["head 0"],
    ),
}  # fmt: skip


def live_through_some_days(blog: Blog) -> None:
    """Do what people do, so that the log has rows of several kinds."""
    blog.add_account("maud")
    blog.browser().sign_in("maud", WRONG)
    maud = blog.signed_in("maud")
    maud.get("/admin")
    maud.post("/account/sign-out")
    blog.browser().open("POST", "/account/sign-in", data={"name": "maud"})
    blog.browser().sign_in("nobody", WRONG)
    blog.signed_in("maud")


def kept(blog: Blog) -> dict[str, list[dict[str, Any]]]:
    tables = {"bastide_event": f"id, {COLUMNS}", "bastide_chain": ENDS}
    return {
        table: [
            dict(zip(columns.split(", "), row, strict=True))
            for row in blog.rows(f"SELECT {columns} FROM {table}")
        ]
        for table, columns in tables.items()
    }


def put_back(blog: Blog, tables: dict[str, list[dict[str, Any]]]) -> None:
    with blog.engine.begin() as connection:
        for table, rows in tables.items():
            connection.execute(text(f"DELETE FROM {table}"))
            names = ", ".join(rows[0])
            marks = ", ".join(f":{name}" for name in rows[0])
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), rows)


def write(blog: Blog, *statements: str) -> None:
    with blog.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.mark.asvs("V16.4.2")
def test_whatever_is_done_to_the_rows_is_named(blog_on_each_database: Blog) -> None:
    blog = blog_on_each_database
    live_through_some_days(blog)
    status, output = blog.run("log", "verify")
    assert status == 0, output
    whole, last = kept(blog), len(blog.kinds())
    assert last >= 6
    numbers = {"last": last, "before": last - 1, "beyond": last + 1}
    for name, (statements, expected) in ATTACKS.items():
        put_back(blog, whole)
        assert blog.run("log", "verify") == (0, output), name
        write(blog, *(statement.format(**numbers) for statement in statements))
        status, found = blog.run("log", "verify")
        assert status == 1, name
        told = "SELECT id FROM bastide_event WHERE kind = 'system:log:broken'"
        assert len(blog.rows(told)) == 1, name
        assert {fault.format(**numbers) for fault in expected} <= set(found.splitlines()), (name, found)
        # Life goes on and hides nothing.
        assert blog.browser().sign_in("maud").status_code == 303
        assert blog.run("log", "verify")[0] == 1, name


@pytest.mark.asvs("V16.4.2")
def test_a_log_put_back_to_yesterday_is_told_by_a_note_of_its_head(blog: Blog) -> None:
    live_through_some_days(blog)
    yesterday = kept(blog)
    blog.browser().sign_in("maud", WRONG)
    noted = blog.run("log", "verify")[1].splitlines()[1].removeprefix("head ")
    put_back(blog, yesterday)
    assert blog.run("log", "verify")[0] == 0
    status, found = blog.run("log", "verify", "--expect", noted)
    assert status == 1
    assert found.startswith("anchor ")


@pytest.mark.asvs("V16.4.2")
def test_retention_does_not_drop_what_somebody_dated_back(blog: Blog) -> None:
    live_through_some_days(blog)
    write(blog, "UPDATE bastide_event SET at = 0 WHERE id <= 3")
    before = len(blog.kinds())
    for command in (("purge",), ("log", "purge"), ("log", "purge", "--older-than", "1")):
        status, output = blog.run(*command)
        assert status == 1
        assert "edited 1-3" in output
    assert len(blog.kinds()) == before + 3
    assert blog.run("log", "purge", "--even-if-broken")[0] == 0
    assert "system:log:purged" in blog.kinds()
    assert blog.run("log", "verify")[0] == 0


def test_a_broken_log_is_handed_out_and_begun_anew(blog_on_each_database: Blog) -> None:
    blog = blog_on_each_database
    live_through_some_days(blog)
    last = len(blog.kinds())
    write(
        blog, "DELETE FROM bastide_chain WHERE name = 'head'", "UPDATE bastide_event SET actor = '9' WHERE id = 2",
        f"{ROW} {last + 3}, {COLUMNS} FROM bastide_event WHERE id = 1",
    )  # fmt: skip
    assert blog.browser().sign_in("maud").status_code == 303
    blog.clock.advance(timedelta(seconds=1))
    assert blog.run("log", "verify")[0] == 1
    assert len(blog.run("log", "export")[1].splitlines()) == last + 3
    blog.clock.advance(timedelta(seconds=1))
    assert blog.run("log", "purge", "--older-than", "0")[0] == 1
    blog.clock.advance(timedelta(seconds=1))
    assert blog.run("log", "purge", "--older-than", "0", "--even-if-broken")[0] == 0
    assert blog.kinds() == ["system:log:broken", "system:log:purged"]
    assert blog.run("log", "verify")[0] == 0


def test_rows_older_than_the_chain_are_counted(blog_on_each_database: Blog) -> None:
    blog = blog_on_each_database
    live_through_some_days(blog)
    last = len(blog.kinds())
    write(blog, "UPDATE bastide_event SET link = NULL, key_id = NULL", "DELETE FROM bastide_chain")
    assert (
        blog.run("log", "verify")[1]
        == f"0 events verified, {last} older than the chain\nno row is chained yet\n"
    )
    assert blog.browser().sign_in("maud").status_code == 303
    assert blog.run("log", "verify")[1].startswith(
        f"1 events verified, {last} older than the chain\nhead {last + 1}:"
    )
    write(blog, f"UPDATE bastide_event SET link = NULL WHERE id = {last + 1}")
    assert blog.run("log", "verify")[1].startswith(f"unchained {last + 1}\n")


def test_a_planted_row_does_not_stop_the_log(blog_on_each_database: Blog) -> None:
    blog = blog_on_each_database
    live_through_some_days(blog)
    last = len(blog.kinds())
    for number in (last + 1, last + 3, 2**63 - 1):
        write(blog, f"{ROW} {number}, {COLUMNS} FROM bastide_event WHERE id = 1")
        count = len(blog.kinds())
        assert blog.browser().sign_in("maud").status_code == 303
        assert len(blog.kinds()) == count + 1
    status, found = blog.run("log", "verify")
    assert (status, found.splitlines()[:3]) == (
        1, [f"inserted {last + 1}", f"inserted {last + 3}", f"inserted {2**63 - 1}"],
    )  # fmt: skip


@pytest.mark.profiles("factors.is_required")
@pytest.mark.own_factors
@pytest.mark.asvs("V16.2.5", "V14.2.1")
def test_no_secret_is_in_a_row_a_line_or_the_page_of_the_log(
    blog: Blog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="bastide.events")
    owner = blog.signed_in("maud", "administrator")
    key, codes = enrol(blog, owner)
    code = code_of(key, blog)
    browser = half_way(blog)
    pending = browser.cookie("__Host-session")
    assert show(browser, "000000") == 403
    assert show(browser, code) == 303
    assert show(browser, code) == 303
    assert show(half_way(blog), codes[0]) == 303
    assert blog.browser().sign_in("maud", WRONG).status_code == 403
    assert blog.browser().sign_in(WRONG, WRONG).status_code == 403
    blog.browser().post("/account/reset", {"email": "maud@example.org"})
    link = links_in(blog.outbox.messages[-1])[0]
    short = {"password": "short", "password_again": "short"}
    assert blog.browser().post(link, short).status_code == 400
    assert blog.browser().get(f"{link}x").status_code == 410
    thief = blog.browser()
    thief.set_cookie("__Host-session", str(pending))
    thief.get("/account")
    form = {"name": "CI", "days": "30", "scope.read_post": "yes"}
    shown = owner.post("/account/tokens", form).text
    api_token = find_token(shown)
    assert api_token is not None
    program = blog.browser()
    for presented in (api_token, f"{api_token[:-1]}{'0' if api_token[-1] != '0' else '1'}"):
        program.get("/", headers={"Authorization": f"Bearer {presented}"})
    assert program.get(f"/?access_token={api_token}").status_code == 400
    token = browser.token()
    assert (
        browser.open("POST", "/account/sign-out", data={browser.token_field: f"{token}x"}).status_code == 403
    )
    secrets = {
        "password": PASSWORD, "wrong password": WRONG, "key": key, "code": code, "backup code": codes[0],
        "bare backup code": codes[0].replace("-", ""), "pending session": pending, "csrf token": token,
        "session": browser.cookie("__Host-session"), "device": browser.cookie("__Host-device"),
        "API token": api_token, "secret of the API token": api_token[16:-6],
        "reset token": link.rpartition("/")[2],
    }  # fmt: skip
    places = {
        "rows": str(kept(blog)), "lines": caplog.text, "page": browser.get("/admin/log").text,
        "export": blog.run("log", "export")[1],
    }  # fmt: skip
    assert len(json.loads(places["export"].splitlines()[0])) == 12
    for place, content in places.items():
        assert "account:factor:failure" in content, place
        for name, secret in secrets.items():
            assert secret, name
            assert secret not in content, (name, place)


@pytest.mark.asvs("V16.5.2")
def test_a_log_that_cannot_be_written_is_told_and_opens_nothing(
    blog_on_each_database: Blog, caplog: pytest.LogCaptureFixture
) -> None:
    blog = blog_on_each_database
    caplog.set_level(logging.INFO, logger="bastide.events")
    live_through_some_days(blog)
    count = len(blog.kinds())
    write(blog, "ALTER TABLE bastide_chain RENAME TO bastide_away")
    assert blog.browser().sign_in("maud", WRONG).status_code == 403
    sessions = blog.rows("SELECT count(*) FROM bastide_session")
    refused = blog.browser()
    assert refused.sign_in("maud").status_code == 503
    assert refused.get("/account").status_code == 303
    assert blog.rows("SELECT count(*) FROM bastide_session") == sessions
    assert len(blog.kinds()) == count
    told = [record for record in caplog.records if record.name == "bastide"]
    lost = [record for record in told if "in this log only" in record.getMessage()]
    assert len(lost) == 3
    lines = [
        json.loads(record.getMessage())["kind"]
        for record in caplog.records
        if record.name == "bastide.events"
    ]
    assert lines[-3:] == ["account:login:failure", "system:store:unavailable", "access:check:denied"]
    write(blog, "ALTER TABLE bastide_away RENAME TO bastide_chain")
    assert blog.browser().sign_in("maud").status_code == 303
    assert len(blog.kinds()) == count + 1
    assert blog.run("log", "verify")[0] == 0
