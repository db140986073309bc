"""The blog into which docs/howto/existing-django.md puts one layer after another."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from support.existing import ROOT, Existing, Lines, steps_of
from support.existing_django import DJANGO, run_own_tests, sign_everybody_in
from support.existing_users import Person, make_people

GUIDE: Final = "existing-django.md"
STEPS: Final = steps_of(GUIDE)
OWN_TESTS: Final = 14
_ROW: Final = re.compile(
    r"^\| (?P<step>\d\. [^|]+) \| (?P<app>[^|]+) \| (?P<tests>[^|]+) \| (?P<tables>[^|]+) \|$", re.MULTILINE
)
_COUNTED: Final = re.compile(r"\+(\d+) −(\d+)")

BEGIN: Final = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "gazette.settings"
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import path
from django.http import HttpResponse
from posts.models import Post

SECURE = {"secure": True, "headers": {"host": "localhost"}}

def tables():
    return sorted(name for name in connection.introspection.table_names() if name.startswith("bastide_"))

def browser():
    return Client(headers={"host": "localhost", "origin": "https://localhost"})

def enter(client, number=1, password=None):
    form = {"username": f"Person.{number}", "password": password or PASSWORD.replace("1", str(number))}
    return client.post("/accounts/login/", form, secure=True)
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
    "5. Rules": """
assert browser().get("/drafts/", secure=True).headers["Location"] == "/accounts/login/?next=/drafts/"
maud = browser()
assert enter(maud).status_code == 302
assert maud.get("/drafts/", secure=True).status_code == 200
from gazette import urls
urls.urlpatterns.append(path("forgotten", lambda request: HttpResponse("open")))
from django.core.checks import run_checks
assert [(each.id, each.msg) for each in run_checks() if "bastide" in each.id] == [("bastide.E005", "/forgotten has no rule")]
""",
}


def counted(cell: str) -> Lines:
    found = _COUNTED.search(cell)
    return Lines() if found is None else Lines(int(found[1]), int(found[2]))


def rows() -> dict[str, tuple[Lines, Lines, list[str]]]:
    """Return what the guide's table says of each step."""
    text = (ROOT / "docs/howto" / GUIDE).read_text(encoding="utf-8")
    return {
        row["step"]: (counted(row["app"]), counted(row["tests"]), re.findall(r"`([^`]+)`", row["tables"]))
        for row in _ROW.finditer(text)
    }


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return make_people(DJANGO, 16)


@pytest.mark.asvs("V6.3.1", "V8.2.1", "V3.4.3")
def test_every_step_holds_and_nobody_notices(tmp_path: Path, people: list[Person]) -> None:
    there, formats = Existing("gazette", tmp_path), Counter(person.format for person in people)
    there.run("manage.py", "migrate", "-v0")
    assert sign_everybody_in(there, people, settle=True) == formats
    told, kept = rows(), []
    assert list(told) == [name for name in STEPS if name in ATTACKS] == list(ATTACKS)
    for name, attack in ATTACKS.items():
        changed = there.follow(STEPS[name])
        app, tests, tables = told[name]
        kept += tables
        in_tests = sum((lines for path, lines in changed.items() if "tests" in path), Lines())
        assert (sum(changed.values(), Lines()), in_tests) == (app + tests, tests), name
        there.run("manage.py", "check")
        there.run("manage.py", "migrate", "-v0")
        assert run_own_tests(there) == OWN_TESTS, name
        assert sign_everybody_in(there, people) == formats, name
        script = f"import re\nPASSWORD = {people[0].password!r}\n{BEGIN}\n{attack}\nprint(tables())"
        assert there.run("-c", script).splitlines()[-1] == str(sorted(kept)), name
