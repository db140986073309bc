"""The depot, in which docs/howto/from-django-allauth.md replaces axes and csp, and keeps allauth and REST framework."""

import re
import shlex
from pathlib import Path
from typing import Final

import pytest

from support.existing import Existing, Guide, formats
from support.existing_django import DJANGO, run_own_tests, sign_everybody_in
from support.existing_users import make_people

GUIDE: Final = Guide("from-django-allauth.md")
OWN_TESTS: Final = 12
_COMMAND: Final = re.compile(r"^python manage.py (.+)$", re.MULTILINE)
BEGIN: Final = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "depot.settings"
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path

tables = sorted(name for name in connection.introspection.table_names() if name.startswith("bastide_"))

def browser():
    return Client(headers={"host": "localhost", "origin": "https://localhost"})

def post(address, form, client=None):
    return (client or browser()).post(address, form, secure=True)

# Each way in, and what tells that it let somebody in.
WAYS = {
    "allauth": lambda name, word: post("/accounts/login/", {"login": name, "password": word}).status_code == 302,
    "browsable API": lambda name, word: post("/api-auth/login/", {"username": name, "password": word}).status_code == 302,
    "token": lambda name, word: "token" in post("/api-token/", {"username": name, "password": word}).text,
    "dj-rest-auth": lambda name, word: '"key"' in post("/rest-auth/login/", {"email": name, "password": word}).text,
    "admin": lambda name, word: post("/admin/login/", {"username": name, "password": word}).status_code == 302,
}

def one_budget(name):
    get_user_model().objects.create_user(name, PASSWORD, is_staff=True)
    assert [way for way, enter in WAYS.items() if not enter(name, PASSWORD)] == []
    assert [way for way, enter in WAYS.items() if enter(name, "guess")] == []
    assert [way for way, enter in WAYS.items() if enter(name, PASSWORD)] == []
"""
ATTACKS: Final = {
    "1. django-csp": """
answer = browser().get("/accounts/login/", secure=True)
assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
assert answer.headers["X-Frame-Options"] == "DENY"
""",
    "2. django-axes": """
one_budget("maud@example.org")
""",
    "3. Views of allauth and REST framework": """
assert browser().get("/", secure=True).headers["Location"] == "/accounts/login/?next=/"
from depot import urls
urls.urlpatterns.append(path("forgotten", lambda request: HttpResponse("open")))
assert [(each.id, each.msg) for each in run_checks() if "bastide" in each.id] == [("bastide.E005", "/forgotten has no rule")]
""",
    "4. Accounts": """
one_budget("tomas@example.org")
both = ["bastide.django.auth.BastideBackend", "allauth.account.auth_backends.AuthenticationBackend"]
with override_settings(AUTHENTICATION_BACKENDS=both):
    assert [each.id for each in run_checks() if "bastide" in each.id] == ["bastide.E003"]
tables = ["bastide_attempt"]  # the guide does not name all others
""",
}


@pytest.mark.asvs("V3.4.3", "V6.3.1", "V8.3.1")
def test_each_step_replaces_what_it_says_and_no_user_notices(tmp_path: Path) -> None:
    depot, people = Existing("depot", tmp_path), make_people(DJANGO, 16)
    depot.run("manage.py", "migrate", "-v0")
    assert sign_everybody_in(depot, people, settle=True) == formats(people)
    assert list(GUIDE.table) == list(GUIDE.steps) == list(ATTACKS)
    for step, script in ATTACKS.items():
        GUIDE.follow(depot, step)
        depot.run("manage.py", "check")
        depot.run("manage.py", "migrate", "-v0")
        for command in _COMMAND.findall(GUIDE.steps[step]):
            depot.run("manage.py", *shlex.split(command))
        assert run_own_tests(depot) == OWN_TESTS, step
        assert sign_everybody_in(depot, people) == formats(people), step
        GUIDE.attack(depot, step, BEGIN, script, people[0].password)
