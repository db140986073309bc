"""The guild, whose Flask-Security docs/howto/from-flask-security.md keeps or replaces."""

from pathlib import Path
from typing import Final

import pytest

from support.existing import Existing, Guide, formats, sign_everybody_in
from support.existing_users import flask_security, make_people

GUIDE: Final = Guide("from-flask-security.md")
OWN_TESTS: Final = 5
# Its pages take their time; all five hundred sign in likewise.
SAMPLE: Final = 60
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


@pytest.mark.asvs("V6.3.1")
def test_the_budget_stands_in_front_of_flask_security_and_no_user_notices(tmp_path: Path) -> None:
    guild, people = Existing("guild", tmp_path), make_people(flask_security(), SAMPLE + 1)
    for command in ("init", "migrate", "upgrade"):
        guild.run("-m", "flask", "--app", "guild", "db", command)
    sign_everybody_in(guild, people, settle=True)
    step = "1. In front of it"
    GUIDE.follow(guild, step)
    for command in ("migrate", "upgrade"):
        guild.run("-m", "flask", "--app", "guild", "db", command)
    assert guild.run_own_tests() == OWN_TESTS
    GUIDE.attack(guild, step, BEGIN, ATTACK, people[0].password)
    # The first one is whose password was guessed.
    assert sign_everybody_in(guild, people[1:]) == formats(people[1:])
