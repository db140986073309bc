"""The guild, whose Flask-Security docs/howto/from-flask-security.md keeps or replaces."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from support.existing import Existing, Guide, formats, sign_everybody_in
from support.existing_users import Person, flask_security, make_people

GUIDE: Final = Guide("from-flask-security.md")
OWN_TESTS: Final = 5
# Its pages take their time; all five hundred sign in likewise.
SAMPLE: Final = 24
BEGIN: Final = """
import re
from guild import create_app
from guild.models import db
from sqlalchemy import inspect, text

app = create_app()
with app.app_context():
    tables = sorted(name for name in inspect(db.engine).get_table_names() if name.startswith("bastide_"))
"""
ATTACK: Final = """
def enter(client, password):
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get("/login").text)[1]
    form = {"email": "user.1@guild.example", "password": password, "csrf_token": token}
    return client.post("/login", data=form).status_code
owner, guesser = app.test_client(), app.test_client()
assert enter(owner, PASSWORD) == 302
assert owner.post("/logout").status_code == 302
assert [enter(guesser, "guess") for _ in range(6)] == [200] * 5 + [429]
assert enter(guesser, PASSWORD) == 429
assert enter(owner, PASSWORD) == 302
with app.app_context():
    kinds = db.session.scalars(text("SELECT kind FROM bastide_event ORDER BY id")).all()
assert (kinds.count("account:login:failure"), kinds.count("account:lock:set")) == (5, 1)
"""


ENTER: Final = """
def enter(person, password):
    client, origin = app.test_client(), {"Origin": "http://localhost"}
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/account/sign-in").text)[1]
    form = {"name": f"User.{person['number']}@guild.example", "password": password, "next": "", "csrf_token": token}
    client.post("/account/sign-in", data=form, headers=origin)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/account").text)
    if token is None:
        return False
    written = client.post("/minutes", data={"text": "We met.", "csrf_token": token[1]}, headers=origin)
    assert written.status_code == (201 if person["number"] == 2 else 403), written.text
    return client.get("/minutes").status_code == 200
"""
CLERK: Final = "INSERT INTO role VALUES (1, 'clerk'); INSERT INTO roles_users VALUES (2, 1);"


def migrate(guild: Existing) -> None:
    for command in ("migrate", "upgrade"):
        guild.run("-m", "flask", "--app", "guild", "db", command)


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return make_people(flask_security(), SAMPLE + 1)


@pytest.fixture
def guild(tmp_path: Path, people: list[Person]) -> Existing:
    made = Existing("guild", tmp_path)
    made.run("-m", "flask", "--app", "guild", "db", "init")
    migrate(made)
    sign_everybody_in(made, people, settle=True)
    return made


@pytest.mark.asvs("V6.3.1")
def test_the_budget_stands_in_front_of_flask_security_and_no_user_notices(
    guild: Existing, people: list[Person]
) -> None:
    step = "1. In front of it"
    GUIDE.follow(guild, step)
    migrate(guild)
    assert guild.run_own_tests() == OWN_TESTS
    GUIDE.attack(guild, step, BEGIN, ATTACK, people[0].password)
    # The first one is whose password was guessed.
    assert sign_everybody_in(guild, people[1:]) == formats(people[1:])


@pytest.mark.asvs("V11.4.2")
def test_bastide_takes_the_accounts_over_and_people_keep_passwords_and_roles(
    guild: Existing, people: list[Person]
) -> None:
    for step in ("1. In front of it", "2. Instead of it"):
        GUIDE.follow(guild, step)
    assert guild.run_own_tests() == OWN_TESTS - 1
    blocks = re.findall(r"^```(sh|sql)\n(.*?)```", GUIDE.steps["2. Instead of it"], re.DOTALL | re.MULTILINE)
    assert [kind for kind, _ in blocks] == ["sh", "sql", "sh"]
    for kind, text in blocks:
        if kind == "sql":
            with closing(sqlite3.connect(guild.folder / "instance/guild.sqlite3")) as database:
                database.executescript(CLERK + text)
        else:
            printed = [guild.run("-m", *command.split()) for command in text.splitlines()]
    assert f"{len(people)} users written" in printed[-1]
    for _ in range(2):
        assert sign_everybody_in(guild, people, enter=ENTER) == formats(people)
