"""The journal, into which docs/howto/existing-flask.md puts one layer after another."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import rmtree
from typing import Final

import pytest

from support.existing import Existing, Guide, formats, sign_everybody_in
from support.existing_users import COUNT, WERKZEUG, Person, make_people

GUIDE: Final = Guide("existing-flask.md")
OWN_TESTS: Final = 21
# Each of these makes an Argon2id hash of full cost; all five hundred sign in likewise.
SAMPLE: Final = 24
BEGIN: Final = """
import re
from journal import create_app
from journal.db import Base, get_db
from sqlalchemy import inspect, text
from flask import request

app = create_app()
ran = app.test_cli_runner().invoke(args=["init-db"])
assert ran.exit_code == 0, ran.output
SECURE = {"base_url": "https://localhost"}

tables = sorted(name for name in inspect(app.engine).get_table_names() if name.startswith("bastide_"))
"""
ATTACKS: Final = {
    "1. Headers": """
answer = app.test_client().get("/", **SECURE)
assert answer.headers["X-Frame-Options"] == "DENY"
assert answer.headers["X-Content-Type-Options"] == "nosniff"
assert "Content-Security-Policy" not in answer.headers
assert "script-src 'none'" in answer.headers["Content-Security-Policy-Report-Only"]
""",
    "2. Enforce the policy": """
answer = app.test_client().get("/", **SECURE)
assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
maud = app.test_client()
maud.post("/auth/login", data={"username": "User 1", "password": PASSWORD}, **SECURE)
maud.post("/create", data={"title": "mine", "body": "<script>alert(1)</script>"}, **SECURE)
page = maud.get("/1/update", **SECURE)
nonce = re.search(r'<script src="/static/confirm.js" nonce="([^"]+)">', page.text)[1]
assert f"script-src 'nonce-{nonce}' 'strict-dynamic'" in page.headers["Content-Security-Policy"]
assert "onclick" not in page.text
assert "preventDefault" in maud.get("/static/confirm.js", **SECURE).text
""",
    "3. Hosts and HTTPS": """
client = app.test_client()
assert client.get("/", base_url="https://evil.example").status_code == 400
plain = client.get("/?a=b", base_url="http://journal.example")
assert (plain.status_code, plain.headers["Location"]) == (308, "https://journal.example/?a=b")
assert client.get("/", base_url="http://localhost").status_code == 200
""",
    "4. Queries": """
def find():
    name = request.args["name"]
    return {"found": get_db().scalar(text(f"SELECT count(*) FROM user WHERE username = '{name}'"))}
app.add_url_rule("/find", "find", find)
client = app.test_client()
assert client.get("/find", query_string={"name": "x' OR 'a'='a"}).status_code == 400
""",
    "5. Attempts and the security log": """
owner, guesser = app.test_client(), app.test_client()
def guess(client, password):
    return client.post("/auth/login", data={"username": "User 1", "password": password}, **SECURE).status_code
assert guess(owner, PASSWORD) == 302
owner.get("/auth/logout", **SECURE)
assert [guess(guesser, "guess") for _ in range(6)] == [200] * 5 + [429]
assert guess(guesser, PASSWORD) == 429
assert guess(owner, PASSWORD) == 302
with app.engine.connect() as connection:
    kinds = connection.scalars(text("SELECT kind FROM bastide_event ORDER BY id")).all()
assert kinds.count("account:login:failure") == 5
assert "account:lock:set" in kinds
""",
    "6. Forms": """
client = app.test_client()
page = client.get("/auth/login", **SECURE)
token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
form = {"username": "User 2", "password": PASSWORD.replace("1", "2")}
assert client.post("/auth/login", data=form, headers={"Origin": "https://localhost"}, **SECURE).status_code == 403
form["csrf_token"] = token
assert client.post("/auth/login", data=form, headers={"Origin": "https://evil.example"}, **SECURE).status_code == 403
assert client.post("/auth/login", data=form, headers={"Origin": "https://localhost"}, **SECURE).status_code == 302
form = {"title": "mine", "body": ""}
for path in ("/auth/register", "/create"):
    form["csrf_token"] = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path, **SECURE).text)[1]
client.post("/create", data=form, headers={"Origin": "https://localhost"}, **SECURE)
assert client.get("/2/update", **SECURE).text.count('name="csrf_token"') == 2
""",
    "7. Rules": """
client = app.test_client()
assert client.get("/create", **SECURE).headers["Location"] == "/auth/login"
token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/auth/login", **SECURE).text)[1]
form = {"username": "User 2", "password": PASSWORD.replace("1", "2"), "csrf_token": token}
client.post("/auth/login", data=form, headers={"Origin": "https://localhost"}, **SECURE)
assert client.get("/1/update", **SECURE).status_code == 404
assert client.get("/2/update", **SECURE).status_code == 200

app = create_app()
app.add_url_rule("/forgotten", "forgotten", lambda: "open")
try:
    app.test_client().get("/", **SECURE)
    raise SystemExit("it started")
except Exception as error:
    assert "/forgotten (forgotten)" in str(error), error
""",
}


ACCOUNTS: Final = "8. Accounts"
ENTER: Final = """
def post(client, path, **form):
    page = client.get("/").text + client.get("/account/sign-in").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return client.post(path, data={**form, "csrf_token": token}, headers={"Origin": "http://localhost"})

def enter(person, password):
    client = app.test_client()
    post(client, "/account/sign-in", name=f"user {person['number']}", password=password, next="")
    return "Log out" in client.get("/").text
"""
TAKEN_OVER: Final = """
import json
from argon2 import PasswordHasher
from journal.db import User
from sqlalchemy import select
from werkzeug.security import check_password_hash
from flask.sessions import SecureCookieSessionInterface
before = app.test_client()
before.set_cookie("session", SecureCookieSessionInterface().get_signing_serializer(app).dumps({"user_id": 1}))
asked = before.get("/create", **SECURE)
assert asked.headers["Location"] == "/account/sign-in?next=/create", asked.headers
for is_told in (True, False):
    assert ("You were signed out because" in before.get(asked.headers["Location"], **SECURE).text) is is_told
people = {person["number"]: person["password"] for person in json.load(open("people.json"))}
with app.app_context():
    for number, hash in get_db().execute(select(User.id, User.password).where(User.id.in_(people))):
        assert PasswordHasher().verify(hash, people[number])
        try:
            assert not check_password_hash(hash, people[number])
        except ValueError:
            pass
"""


@pytest.mark.asvs("V3.4.3", "V6.3.1", "V8.3.1")
def test_each_step_holds_an_attack_and_no_user_notices(tmp_path: Path) -> None:
    journal, people = Existing("journal", tmp_path), make_people(WERKZEUG, COUNT + 1)
    assert sign_everybody_in(journal, people, settle=True) == formats(people)
    assert list(GUIDE.steps)[: len(ATTACKS)] == list(ATTACKS)
    for step, script in ATTACKS.items():
        GUIDE.follow(journal, step)
        assert journal.run_own_tests() == OWN_TESTS, step
        GUIDE.attack(journal, step, BEGIN, script, people[0].password)
    # The first one is whose password was guessed.
    others = people[1:]
    assert sign_everybody_in(journal, others) == formats(others)
    take_accounts_over(journal, others[:SAMPLE])


def take_accounts_over(journal: Existing, people: list[Person]) -> None:
    """Follow the last step, after which nobody is told apart by what the password was kept with."""
    step = GUIDE.steps[ACCOUNTS]
    GUIDE.follow(journal, ACCOUNTS)
    rmtree(journal.folder / "journal/templates/auth")
    assert journal.run_own_tests() == OWN_TESTS - 4
    (sql,) = re.findall(r"^```sql\n(.*?)```", step, re.DOTALL | re.MULTILINE)
    with closing(sqlite3.connect(journal.folder / "instance/journal.sqlite3")) as database:
        database.executescript(sql)
    (commands,) = re.findall(r"^```sh\n(.*?)```", step, re.DOTALL | re.MULTILINE)
    printed = [journal.run("-m", *command.split()) for command in commands.splitlines()]
    assert f"{COUNT + 1} users written" in printed[-1]
    for _ in range(2):
        assert sign_everybody_in(journal, people, enter=ENTER) == formats(people)
    (journal.folder / "attack.py").write_text(f"{BEGIN}\n{TAKEN_OVER}\nprint('held')")
    assert journal.run("attack.py") == "held\n"
