"""The market place, in which docs/howto/from-flask-login.md replaces Talisman and Limiter, and keeps Flask-Login."""

import re
from pathlib import Path
from typing import Final

import pytest

from support.existing import Existing, Guide, formats, sign_everybody_in
from support.existing_users import COUNT, Person, make_people, mixed

GUIDE: Final = Guide("from-flask-login.md")
OWN_TESTS: Final = 12
# Each of these makes an Argon2id hash of full cost; all five hundred sign in likewise.
SAMPLE: Final = 24
BEGIN: Final = """
import re
from bazaar import create_app
from bazaar.extensions import db
from sqlalchemy import inspect

app = create_app()
with app.app_context():
    tables = sorted(name for name in inspect(db.engine).get_table_names() if name.startswith("bastide_"))

def ask(client, method, path, **options):
    return client.open(path, method=method, base_url="https://shop.example", headers={"Referer": "https://shop.example/"}, **options)

def token(client):
    return re.search(r'<meta name="csrf-token" content="([^"]+)"', ask(client, "GET", "/").text)[1]

def enter(client, number, password):
    form = {"email": f"User.{number}@shop.example", "password": password, "csrf_token": token(client)}
    return ask(client, "POST", "/login", data=form).status_code
"""
ATTACKS: Final = {
    "1. Flask-Talisman": """
client = app.test_client()
answer = ask(client, "GET", "/")
nonces = re.findall(r'<script nonce="([^"]+)"', answer.text)
assert (len(nonces), len(set(nonces)), answer.text.count("<script")) == (2, 1, 2)
assert f"script-src 'nonce-{nonces[0]}' 'strict-dynamic'" in answer.headers["Content-Security-Policy"]
assert answer.headers["X-Frame-Options"] == "DENY"
assert client.get("/", base_url="http://shop.example").headers["Location"] == "https://shop.example/"
assert client.get("/", base_url="https://evil.example").status_code == 400
""",
    "2. Flask-Limiter on the sign-in": """
owner, guesser = app.test_client(), app.test_client()
assert enter(owner, 1, PASSWORD) == 302
ask(owner, "POST", "/logout", data={"csrf_token": token(owner)})
assert [enter(guesser, 1, "guess") for _ in range(6)] == [200] * 5 + [429]
assert enter(guesser, 1, PASSWORD) == 429
assert enter(owner, 1, PASSWORD) == 302
""",
    "3. Flask-Login": """
client = app.test_client()
assert ask(client, "GET", "/items/new").headers["Location"] == "/login?next=%2Fitems%2Fnew"
assert enter(client, 2, PASSWORD.replace("1", "2")) == 302
assert ask(client, "GET", "/items/new").status_code == 200
assert ask(client, "POST", "/favourites", json={"item": 1}).status_code == 400  # Flask-WTF's own
app = create_app()
app.add_url_rule("/forgotten", "forgotten", lambda: "open")
try:
    ask(app.test_client(), "GET", "/")
    raise SystemExit("it started")
except Exception as error:
    assert "/forgotten (forgotten)" in str(error), error
""",
}


ACCOUNTS: Final = "4. Accounts"
ENTER: Final = """
def enter(person, password):
    client, there = app.test_client(), {"base_url": "https://shop.example"}
    page = client.get("/account/sign-in", **there).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    form = {"name": f"user.{person['number']}@Shop.example", "password": password, "next": "", "csrf_token": token}
    client.post("/account/sign-in", data=form, headers={"Origin": "https://shop.example"}, **there)
    return "Sign out" in client.get("/", **there).text
"""


@pytest.mark.asvs("V3.4.3", "V6.3.1", "V8.3.1")
def test_each_step_replaces_what_it_says_and_no_user_notices(tmp_path: Path) -> None:
    bazaar, people = Existing("bazaar", tmp_path), make_people(mixed(), COUNT + 1)
    assert list(GUIDE.steps)[: len(ATTACKS) + 1] == [*ATTACKS, ACCOUNTS]
    for command in ("init", "migrate", "upgrade"):
        bazaar.run("-m", "flask", "--app", "bazaar", "db", command)
    sign_everybody_in(bazaar, people, settle=True)
    for step, script in ATTACKS.items():
        GUIDE.follow(bazaar, step)
        assert bazaar.run_own_tests() == OWN_TESTS, step
        if "none" not in GUIDE.table[step]["tables"]:
            bazaar.run("-m", "flask", "--app", "bazaar", "db", "migrate")
            bazaar.run("-m", "flask", "--app", "bazaar", "db", "upgrade")
        GUIDE.attack(bazaar, step, BEGIN, script, people[0].password)
    # The first one is whose password was guessed.
    assert formats(people[1:]) == sign_everybody_in(bazaar, people[1:])
    take_accounts_over(bazaar, people[1 : SAMPLE + 1])


def take_accounts_over(bazaar: Existing, people: list[Person]) -> None:
    """Follow the last step, after which nobody is told apart by what the password was kept with."""
    GUIDE.follow(bazaar, ACCOUNTS)
    assert bazaar.run_own_tests() == OWN_TESTS - 2
    (commands,) = re.findall(r"^```sh\n(.*?)```", GUIDE.steps[ACCOUNTS], re.DOTALL | re.MULTILINE)
    printed = [bazaar.run("-m", *command.split()) for command in commands.splitlines()]
    assert f"{COUNT + 1} users written" in printed[-1]
    for _ in range(2):
        assert sign_everybody_in(bazaar, people, enter=ENTER) == formats(people)
