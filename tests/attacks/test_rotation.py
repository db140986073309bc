"""Keys are changed while the blog serves: nothing is lost, whatever stops it, and nothing stays behind."""

import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bastide.core.encryption import Rotation
from bastide.core.foundation import ConfigurationError, SealBroken
from bastide.core.mail import MAIL_COLUMN
from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import KEYS, Blog
from support.checks import without_checks
from support.factors import code_of, enrol, half_way
from support.processes import own_processes
from support.rotate import rotate, tend

NEWER = f"{KEYS}\n2:{'TkVX' * 10}TkU="
ROWS = 1_100
SSN = "078-05-1120"
SEALED = (("bastide_totp", "secret"), ("bastide_mail", "sealed"), ("profile", "ssn"))

Open = Callable[..., Blog]


@pytest.fixture
def opened(framework: str, database_url: str, tmp_path: Path, clock: FrozenClock) -> Any:
    """Open the blog with these keys; the one before is closed."""
    made: list[Blog] = []

    def start(keys: str) -> Blog:
        if made:
            made.pop().close()
        made.append(make_blog(database_url, tmp_path, clock, framework=framework, keys=keys))
        return made[-1]

    yield start
    made.pop().close()


def keys_in(blog: Blog, table: str, column: str) -> set[bytes]:
    return {
        bytes(row[0])[:3] for row in blog.rows(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")
    }


def fill_outbox(blog: Blog, count: int) -> None:
    """Seal messages that wait far in the future, as many as asked for."""
    keys = blog.services.column_keys
    assert keys is not None
    sealer, table = keys.sealer(*MAIL_COLUMN), "bastide_mail"
    mark = "?" if blog.engine.dialect.name == "sqlite" else "%s"
    rows = [(number.to_bytes(16, "big"), sealer.seal(b"message %d" % number, row=number.to_bytes(16, "big")))
            for number in range(1, count + 1)]  # fmt: skip
    statement = f"INSERT INTO {table} (id, sealed, due_at, good_until, tries) VALUES ({mark}, {mark}, {2**60}, {2**61}, 0)"
    with blog.engine.begin() as connection:
        connection.exec_driver_sql(statement, rows)


@pytest.mark.asvs("V11.2.2", "V13.3.4")
def test_everything_sealed_is_brought_under_the_newest_key(opened: Open) -> None:
    blog = opened(KEYS)
    browser = blog.signed_in("maud", "author", "reader")
    browser.confirm("maud")
    assert browser.post("/profile/ssn", {"ssn": SSN}).status_code == 303
    key, _ = enrol(blog, browser)
    fill_outbox(blog, 3)
    old, new = b"\x01\x00\x01", b"\x01\x00\x02"
    assert [keys_in(blog, *place) for place in SEALED] == [{old}] * 3
    index = blog.rows("SELECT ssn_index FROM profile")
    blog = opened(NEWER)
    status, output = blog.run("keys", "list")
    assert status == 0
    assert output.splitlines() == [
        "key 1", "key 2 (seals)", "key for blind indexes", "bastide_totp.secret: 1 by key 1",
        "bastide_mail.sealed: 3 by key 1", "profile.ssn: 1 by key 1",
    ]  # fmt: skip
    assert "QUJD" not in output
    assert blog.run("keys", "rotate") == (0, "5 values sealed anew\n")
    assert [keys_in(blog, *place) for place in SEALED] == [{new}] * 3
    assert blog.rows("SELECT ssn_index FROM profile") == index
    assert blog.run("keys", "rotate") == (0, "0 values sealed anew\n")
    assert "bastide_totp.secret: 1 by key 2" in blog.run("keys", "list")[1].splitlines()
    # The old key can go now: the number opens, and the factor still works.
    blog = opened("\n".join(NEWER.splitlines()[1:]))
    keys = blog.services.column_keys
    assert keys is not None
    ((user, sealed),) = blog.rows("SELECT user_id, ssn FROM profile")
    assert keys.sealer("profile", "ssn").open(bytes(sealed), row=user) == SSN.replace("-", "").encode()
    browser = half_way(blog)
    blog.clock.advance(timedelta(seconds=30))
    assert browser.post("/account/second-factor", {"code": code_of(key, blog), "next": ""}).status_code == 303


@pytest.mark.asvs("V11.3.2")
def test_a_value_that_does_not_open_is_named_and_keeps_nobody_waiting(opened: Open) -> None:
    blog = opened(KEYS)
    fill_outbox(blog, 3)
    blog.rows_changed(f"UPDATE bastide_mail SET sealed = {'x' if blog.engine.dialect.name == 'sqlite' else ''}'00' "
                      f"WHERE id = (SELECT id FROM bastide_mail ORDER BY id LIMIT 1)")  # fmt: skip
    blog = opened(NEWER)
    status, output = blog.run("keys", "rotate")
    assert status == 1
    assert "2 values sealed anew" in output
    assert f"bastide_mail.sealed:{1:032x} (not_sealed): does not open, left as it is" in output


@pytest.mark.asvs("V11.2.2")
def test_a_key_that_was_taken_out_too_early_is_missed(opened: Open) -> None:
    blog = opened(KEYS)
    fill_outbox(blog, 3)
    blog = opened("\n".join(NEWER.splitlines()[1:]))
    status, output = blog.run("keys", "list")
    assert status == 1
    assert "bastide_mail.sealed: 3 by key 1, cannot be opened" in output.splitlines()
    assert blog.run("keys", "rotate")[0] == 1
    assert keys_in(blog, "bastide_mail", "sealed") == {b"\x01\x00\x01"}
    blog = opened(NEWER)
    assert blog.run("keys", "list")[0] == 0
    assert blog.run("keys", "rotate") == (0, "3 values sealed anew\n")


@pytest.mark.asvs("V11.3.2", "V13.3.1")
def test_what_no_key_opens_is_found_before_anybody_reads_it(opened: Open) -> None:
    blog = opened(KEYS)
    browser = blog.signed_in("maud", "author", "reader")
    assert browser.post("/profile/ssn", {"ssn": SSN}).status_code == 303
    fill_outbox(blog, 3)
    assert blog.check_stored() == []
    is_sqlite = blog.engine.dialect.name == "sqlite"
    plain = "CAST('219099999' AS BLOB)" if is_sqlite else "'219099999'::bytea"
    with (
        blog.engine.begin() as connection,
        without_checks(connection.exec_driver_sql, "profile", is_sqlite=is_sqlite),
    ):
        connection.exec_driver_sql(f"UPDATE profile SET ssn = {plain}")
    blog = opened("\n".join(NEWER.splitlines()[1:]))
    assert blog.check_stored() == [
        "bastide_mail.sealed: 3 by key 1, cannot be opened", "profile.ssn: 1 by no key, cannot be opened",
    ]  # fmt: skip


@pytest.mark.asvs("V13.3.1", "V13.3.2")
def test_a_start_without_its_key_file_says_what_to_do(
    framework: str, tmp_path: Path, clock: FrozenClock
) -> None:
    url, keys = f"sqlite:///{tmp_path / 'blog.sqlite3'}", tmp_path / "keys"
    with pytest.raises(Exception, match="put the key ring back there"):
        make_blog(url, tmp_path, clock, framework=framework, keys=str(keys)).close()
    keys.write_text(KEYS, encoding="ascii")
    keys.chmod(0o644)
    with pytest.raises(Exception, match="chmod 600"):
        make_blog(url, tmp_path, clock, framework=framework, keys=str(keys)).close()
    keys.chmod(0o600)
    make_blog(url, tmp_path, clock, framework=framework, keys=str(keys)).close()


def test_a_worker_that_does_not_know_the_newest_key_is_noticed(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog = opened(KEYS)
    fill_outbox(blog, 3)
    keys = blog.services.column_keys
    assert keys is not None
    late = keys.sealer(*MAIL_COLUMN).seal(b"late", row=b"late")
    blog = opened(NEWER)
    rotate_one = Rotation._rotate  # noqa: SLF001 -- the moment after one column

    def rotate(self: Rotation, column: Any, *rest: Any) -> None:
        rotate_one(self, column, *rest)
        if column.column == "sealed":
            mark = "?" if blog.engine.dialect.name == "sqlite" else "%s"
            with blog.engine.begin() as connection:
                connection.exec_driver_sql(
                    f"INSERT INTO bastide_mail (id, sealed, due_at, good_until, tries) VALUES ({mark}, {mark}, 1, 2, 0)",
                    (b"late", late),
                )

    with monkeypatch.context() as patch:
        patch.setattr(Rotation, "_rotate", rotate)
        status, output = blog.run("keys", "rotate")
    assert status == 1
    assert "3 values sealed anew" in output
    assert "1 written meanwhile by a worker without the newest key" in output
    assert blog.run("keys", "rotate") == (0, "1 values sealed anew\n")


def test_two_rotations_and_a_writer_lose_nothing(opened: Open) -> None:
    from threading import Thread

    blog = opened(KEYS)
    fill_outbox(blog, 400)
    blog = opened(NEWER)
    keys = blog.services.column_keys
    assert keys is not None
    sealer = keys.sealer(*MAIL_COLUMN)
    written = {number.to_bytes(16, "big"): b"rewritten %d" % number for number in range(1, 400, 7)}

    def write() -> None:
        for row, text in written.items():
            mark = "?" if blog.engine.dialect.name == "sqlite" else "%s"
            with blog.engine.begin() as connection:
                connection.exec_driver_sql(
                    f"UPDATE bastide_mail SET sealed = {mark} WHERE id = {mark}",
                    (sealer.seal(text, row=row), row),
                )
        blog.leave_thread()

    def rotate() -> None:
        blog.run("keys", "rotate")
        blog.leave_thread()

    threads = [Thread(target=rotate), Thread(target=rotate), Thread(target=write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert blog.run("keys", "rotate")[0] == 0
    assert keys_in(blog, "bastide_mail", "sealed") == {sealer.header}
    for row, sealed in blog.rows("SELECT id, sealed FROM bastide_mail"):
        plain = sealer.open(bytes(sealed), row=bytes(row))
        assert plain == written.get(bytes(row), b"message %d" % int.from_bytes(bytes(row), "big"))


# Between two batches of 200 and in the middle of one: after some of its writes, after all, after the first.
KILLS = {
    "between transactions": {"200": 200, "400": 600, "300": 1000},
    "inside a transaction": {"w350": 200, "w200": 200, "w1": 200},
}


@pytest.mark.asvs("V11.2.2", "V2.3.3")
@pytest.mark.parametrize("kills", KILLS.values(), ids=KILLS)
def test_a_rotation_that_is_killed_three_times_is_taken_up_again(
    kills: dict[str, int], opened: Open, framework: str, database_url: str, tmp_path: Path
) -> None:
    blog = opened(KEYS)
    fill_outbox(blog, ROWS)
    new = b"\x01\x00\x02"

    def count_new() -> int:
        return sum(bytes(row[0])[:3] == new for row in blog.rows("SELECT sealed FROM bastide_mail"))

    context = own_processes()
    told, tell = context.Pipe(duplex=False)

    def run(killed_after: str = "") -> int | None:
        arguments = (framework, database_url, tmp_path, NEWER, killed_after, tell)
        process = context.Process(target=rotate, args=arguments)
        process.start()
        process.join()
        return process.exitcode

    for killed_after, kept in kills.items():
        assert run(killed_after) == -signal.SIGKILL
        assert count_new() == kept
    assert run() == 0
    assert told.recv() == (0, f"{ROWS - kept} values sealed anew\n")
    blog = opened(NEWER)
    keys = blog.services.column_keys
    assert keys is not None
    sealer = keys.sealer(*MAIL_COLUMN)
    rows = blog.rows("SELECT id, sealed FROM bastide_mail")
    assert {bytes(sealed)[:3] for _, sealed in rows} == {new}
    assert {int.from_bytes(bytes(row), "big") for row, _ in rows} == set(range(1, ROWS + 1))
    for row, sealed in rows:
        assert sealer.open(bytes(sealed), row=bytes(row)) == b"message %d" % int.from_bytes(bytes(row), "big")


@pytest.fixture
def operator(framework: str, database_url: str, tmp_path: Path) -> Callable[..., list[tuple[int, str]]]:
    """Runs commands in a process of its own, which reads the ring's file as it is by then."""

    def run(*commands: tuple[str, ...]) -> list[tuple[int, str]]:
        context = own_processes()
        told, tell = context.Pipe(duplex=False)
        process = context.Process(
            target=tend, args=(framework, database_url, tmp_path, str(tmp_path / "keys"), commands, tell)
        )
        process.start()
        process.join()
        assert process.exitcode == 0
        results: list[tuple[int, str]] = told.recv()
        return results

    return run


@pytest.mark.asvs("V11.2.2", "V13.3.4")
def test_a_worker_takes_a_new_key_up_while_it_serves(
    opened: Open, operator: Callable[..., list[tuple[int, str]]], tmp_path: Path
) -> None:
    path = tmp_path / "keys"
    path.touch(mode=0o600)
    path.write_text(KEYS)
    worker = opened(str(path))
    browser = worker.signed_in("maud", "author", "reader")
    browser.confirm("maud")
    assert browser.post("/profile/ssn", {"ssn": SSN}).status_code == 303
    key, _ = enrol(worker, browser)
    fill_outbox(worker, 3)
    old, new = b"\x01\x00\x01", b"\x01\x00\x02"
    with path.open("a") as file:
        file.write(NEWER.removeprefix(KEYS))
    # The worker has looked this very second, and goes on with the key that it knows.
    fill_late(worker, b"early")
    assert keys_in(worker, *SEALED[1]) == {old}
    assert operator(("users", "unlock", "maud"), ("keys", "rotate")) == [
        (0, ""),
        (0, "6 values sealed anew\n"),
    ]
    assert [keys_in(worker, *place) for place in SEALED] == [{new}] * 3
    # What another process sealed anew, and chained under the new key, the worker reads and goes on with.
    keys = worker.services.column_keys
    assert keys is not None
    sealer = keys.sealer(*MAIL_COLUMN)
    for row, sealed in worker.rows("SELECT id, sealed FROM bastide_mail"):
        assert sealer.open(bytes(sealed), row=bytes(row))
    assert "078" not in browser.get("/profile").text
    worker.clock.advance(timedelta(seconds=30))
    code = code_of(key, worker)
    assert half_way(worker).post("/account/second-factor", {"code": code, "next": ""}).status_code == 303
    assert worker.run("log", "verify")[0] == 0
    assert {row[0] for row in worker.rows("SELECT key_id FROM bastide_event")} == {1, 2}
    fill_late(worker, b"late")
    assert keys_in(worker, *SEALED[1]) == {new}
    assert worker.check_stored() == []
    assert operator(("keys", "rotate"), ("log", "verify"))[0] == (0, "0 values sealed anew\n")
    # Nothing of a ring that lost a key: the worker goes on with both.
    path.write_text(NEWER.splitlines()[-1])
    worker.clock.advance(timedelta(seconds=30))
    fill_late(worker, b"later")
    assert sorted(keys.ring.keys) == [1, 2]
    assert worker.check_stored() == []


def fill_late(blog: Blog, row: bytes) -> None:
    """Seal one more message as the worker does now."""
    keys = blog.services.column_keys
    assert keys is not None
    mark = "?" if blog.engine.dialect.name == "sqlite" else "%s"
    with blog.engine.begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO bastide_mail (id, sealed, due_at, good_until, tries) VALUES ({mark}, {mark}, {2**60}, {2**61}, 0)",
            (row, keys.sealer(*MAIL_COLUMN).seal(b"late", row=row)),
        )


@pytest.mark.asvs("V13.3.1")
def test_a_start_without_keys_or_without_the_one_for_indexes_is_refused(
    framework: str, tmp_path: Path, clock: FrozenClock
) -> None:
    for keys in ("", KEYS.splitlines()[0]):
        with pytest.raises(Exception, match="BASTIDE_KEYS") as refused:
            make_blog(
                f"sqlite:///{tmp_path / f'{len(keys)}.sqlite3'}",
                tmp_path,
                clock,
                framework=framework,
                keys=keys,
            ).close()
        assert (
            isinstance(refused.value, ConfigurationError)
            or "ImproperlyConfigured" in type(refused.value).__name__
        )


@pytest.mark.asvs("V13.3.4")
def test_another_key_under_the_same_id_is_found_before_people_meet_it(opened: Open) -> None:
    blog = opened(KEYS)
    fill_outbox(blog, 3)
    other = f"1:{'T1RI' * 10}T1Q=\n{KEYS.splitlines()[1]}"
    blog = opened(other)
    assert blog.check_stored() == ["bastide_mail.sealed: 3 by key 1, cannot be opened"]
    status, output = blog.run("keys", "rotate")
    assert status == 1
    assert [line for line in output.splitlines() if line.endswith("left as it is")] == [
        f"bastide_mail.sealed:{number:032x} (changed): does not open, left as it is" for number in (1, 3)
    ]
    assert opened(KEYS).check_stored() == []


def ssn_declared(framework: str) -> Any:
    """Return what declares the encrypted column of the blog's profiles."""
    if framework == "flask":
        from blog_flask.models import Profile

        return Profile.__table__.c.ssn.type
    from blog_django.models import Profile as DjangoProfile

    return DjangoProfile._meta.get_field("ssn")  # noqa: SLF001 -- Django's documented name


@pytest.mark.asvs("V11.3.3")
def test_a_renamed_column_keeps_the_name_it_is_sealed_under(
    opened: Open, framework: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog = opened(KEYS)
    monkeypatch.setattr(ssn_declared(framework), "sealed_as", "person.social_number")
    blog = opened(KEYS)
    browser = blog.signed_in("maud", "author", "reader")
    browser.confirm("maud")
    assert browser.post("/profile/ssn", {"ssn": SSN}).status_code == 303
    plain = SSN.replace("-", "").encode()

    def opens_under(table: str, column: str) -> bool:
        keys = blog.services.column_keys
        assert keys is not None
        ((user, sealed, index),) = blog.rows("SELECT user_id, ssn, ssn_index FROM profile")
        try:
            assert keys.sealer(table, column).open(bytes(sealed), row=user) == plain
        except SealBroken:
            return False
        return keys.index(table, column).digest(plain) == bytes(index)

    assert opens_under("person", "social_number")
    assert not opens_under("profile", "ssn")
    blog = opened(NEWER)
    assert "person.social_number: 1 by key 1" in blog.run("keys", "list")[1].splitlines()
    assert blog.run("keys", "rotate")[0] == 0
    assert keys_in(blog, "profile", "ssn") == {b"\x01\x00\x02"}
    assert opens_under("person", "social_number")
    assert blog.check_stored() == []
