"""The blog into which docs/howto/existing-django.md puts one layer after another."""

import re
import shlex
from pathlib import Path
from typing import Final

import pytest

from support.existing import APPLICATIONS, Existing, Guide, formats
from support.existing_django import DJANGO, run_own_tests, sign_everybody_in
from support.existing_users import Person, make_people

GUIDE: Final = Guide("existing-django.md")
OWN_TESTS: Final = 14
_COMMAND: Final = re.compile(r"^python manage.py (.+)$", re.MULTILINE)

BEGIN: Final = """
import os, re
os.environ["DJANGO_SETTINGS_MODULE"] = "gazette.settings"
import django
django.setup()
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import path
from django.http import HttpResponse
from posts.models import Post

SECURE = {"secure": True, "headers": {"host": "localhost"}}

tables = sorted(name for name in connection.introspection.table_names() if name.startswith("bastide_"))

def browser():
    return Client(headers={"host": "localhost", "origin": "https://localhost"})

def enter(client, name, password):
    return client.post("/accounts/login/", {"username": name, "password": password}, secure=True).status_code

def kinds():
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM bastide_event ORDER BY id")
        return [kind for kind, in cursor.fetchall()]
"""
ATTACKS: Final = {
    "1. Headers": """
answer = Client().get("/", **SECURE)
assert answer.headers["X-Frame-Options"] == "DENY"
assert answer.headers["X-Content-Type-Options"] == "nosniff"
assert "Content-Security-Policy" not in answer.headers
assert "script-src 'none'" in answer.headers["Content-Security-Policy-Report-Only"]
""",
    "2. Enforce the policy": """
Post.objects.create(title="Out", body="<script>alert(1)</script>", author_id=1, is_published=True)
page = Client().get("/posts/1/", **SECURE)
nonces = re.findall(r'<script [^>]*nonce="([^"]+)"', page.text)
assert len(nonces) == page.text.count("<script") == 2 and len(set(nonces)) == 1
assert f"script-src 'nonce-{nonces[0]}' 'strict-dynamic'" in page.headers["Content-Security-Policy"]
assert "<style" not in page.text and "style=" not in page.text
assert "style-src 'self'" in page.headers["Content-Security-Policy"]
""",
    "3. Hosts and HTTPS": """
assert Client().get("/", secure=True, headers={"host": "evil.example"}).status_code == 400
plain = Client().get("/?a=b", headers={"host": "gazette.example"})
assert (plain.status_code, plain.headers["Location"]) == (308, "https://gazette.example/?a=b")
assert Client().get("/", headers={"host": "localhost"}).status_code == 200
""",
    "4. Queries": """
from gazette import urls
from django.urls import clear_url_caches
from bastide.django import public

@public
def find(request):
    name = request.GET["name"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM auth_user WHERE username = '{name}'")
        return HttpResponse(str(cursor.fetchone()[0]))

urls.urlpatterns.append(path("find", find))
clear_url_caches()
assert Client().get("/find", {"name": "x' OR 'a'='a"}, **SECURE).status_code == 400
assert Client().get("/find", {"name": "nobody"}, **SECURE).text == "0"
""",
    "5. Attempts and the security log": """
get_user_model().objects.create_user("victim", password=PASSWORD)
owner, guesser, before = browser(), browser(), kinds().count("account:login:failure")
assert enter(owner, "victim", PASSWORD) == 302
assert [enter(guesser, "victim", "guess") for _ in range(5)] == [200] * 5
assert enter(guesser, "victim", PASSWORD) == 429
assert enter(owner, "victim", PASSWORD) == 302
assert "account:lock:set" in kinds() and kinds().count("account:login:failure") == before + 5
""",
    "6. Rules": """
assert browser().get("/drafts/", secure=True).headers["Location"] == "/accounts/login/?next=/drafts/"
maud = browser()
assert enter(maud, "Person.1", PASSWORD) == 302
assert maud.get("/drafts/", secure=True).status_code == 200
open("old_session", "w").write(maud.cookies["sessionid"].value)
from gazette import urls
urls.urlpatterns.append(path("forgotten", lambda request: HttpResponse("open")))
from django.core.checks import run_checks
assert [(each.id, each.msg) for each in run_checks() if "bastide" in each.id] == [("bastide.E005", "/forgotten has no rule")]
""",
    "7. Accounts": """
get_user_model().objects.create_user("another", password=PASSWORD)
assert [enter(browser(), "another", "guess") for _ in range(5)] == [200] * 5
assert enter(closed := browser(), "another", PASSWORD) == 200  # the right one, and not looked at
assert closed.get("/drafts/", secure=True).status_code == 302
maud = browser()
assert enter(maud, "Person.1", PASSWORD) == 302
assert maud.get("/account", secure=True).status_code == 200
assert maud.cookies["__Host-session"]["httponly"] and maud.cookies["__Host-session"]["secure"]
old = open("old_session").read()
for name in ("sessionid", "__Host-session"):
    before = browser()
    before.cookies[name] = old
    assert before.get("/drafts/", secure=True).status_code == 302
    told = before.get("/accounts/login/?next=/drafts/", secure=True).text
    assert ("You were signed out because" in told) == (name == "sessionid")
    assert "You were signed out because" not in before.get("/accounts/login/?next=/drafts/", secure=True).text
assert {"bastide_session", "bastide_identity"} < set(tables)
tables = ["bastide_attempt", "bastide_chain", "bastide_event"]  # the guide does not name all others
""",
}


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return make_people(DJANGO, 16)


@pytest.mark.asvs("V6.3.1", "V8.2.1", "V3.4.3")
def test_every_step_holds_and_nobody_notices(tmp_path: Path, people: list[Person]) -> None:
    there = Existing("gazette", tmp_path)
    there.run("manage.py", "migrate", "-v0")
    assert sign_everybody_in(there, people, settle=True) == formats(people)
    own = {name: (there.folder / name).read_text() for name in ("gazette/settings.py", "gazette/urls.py")}
    assert list(GUIDE.table) == list(GUIDE.steps) == list(ATTACKS)
    for step, attack in ATTACKS.items():
        GUIDE.follow(there, step)
        there.run("manage.py", "check")
        for command in _COMMAND.findall(GUIDE.steps[step]):
            there.run("manage.py", *shlex.split(command))
        assert run_own_tests(there) == OWN_TESTS, step
        assert sign_everybody_in(there, people) == formats(people), step
        GUIDE.attack(there, step, BEGIN, attack, people[0].password)
    for app in (
        "bastide_accounts",
        "bastide_attempts",
        "bastide_log",
        "bastide_reports",
        "bastide_tokens",
        "bastide_uploads",
    ):
        assert f"`{app}" in GUIDE.steps[step] or f"{app} zero`" in GUIDE.steps[step]
        there.run("manage.py", "migrate", app, "zero", "-v0")
    for name, text in own.items():
        (there.folder / name).write_text(text)
    (there.folder / "posts/views.py").write_text((APPLICATIONS / "gazette/posts/views.py").read_text())
    assert sign_everybody_in(there, people) == formats(people)
