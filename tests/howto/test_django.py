"""A project of ``startproject``, secured by following docs/howto/django.md and nothing else."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

TESTS = """
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import LiveServerTestCase, TestCase, TransactionTestCase

Session = apps.get_model("bastide_accounts", "Session")


class Shared:
    def enter(self):
        user = get_user_model().objects.create_user("maud", "maud@example.org", "correct horse battery staple")
        user.groups.add(Group.objects.get_or_create(name="reader")[0])
        self.client.force_login(user)
        return user

    def test_the_test_client_is_signed_in_and_signed_out(self):
        self.enter()
        answer = self.client.get("/account")
        self.assertEqual(answer.status_code, 200)
        self.assertContains(answer, "maud@example.org")
        self.assertEqual(Session.objects.count(), 1)
        self.client.logout()
        self.assertEqual(Session.objects.count(), 0)
        self.assertEqual(self.client.get("/account").status_code, 303)

    def test_nothing_of_another_test_is_left(self):
        self.assertEqual(get_user_model().objects.count(), 0)
        self.assertEqual(Session.objects.count(), 0)

    def test_a_password_is_checked_within_the_budget(self):
        self.enter()
        self.client.logout()
        self.assertFalse(self.client.login(username="maud", password="wrong"))
        self.assertTrue(self.client.login(username="maud", password="correct horse battery staple"))


class Plain(Shared, TestCase):
    pass


class WithTransactions(Shared, TransactionTestCase):
    databases = {"default", "bastide"}


class Live(LiveServerTestCase):
    databases = {"default", "bastide"}

    def test_a_page_is_served(self):
        import urllib.request

        with urllib.request.urlopen(self.live_server_url.replace("127.0.0.1", "localhost") + "/account/sign-in") as answer:
            self.assertEqual(answer.status, 200)
"""
GUIDE = (ROOT / "docs/howto/django.md").read_text(encoding="utf-8")
MORE_SETTINGS = """
BASTIDE_KEYS = BASE_DIR / "keys"
BASTIDE["upload_storage"] = BASE_DIR / "uploads"
BASTIDE["event_kinds"] = "notes.events.NoteEvent"
"""
SHARE = """
from django.http import HttpResponse
from django.urls import path
from bastide.django import policy_required, record
from notes.events import NoteEvent
from notes.models import Note
from notes.views import own_note

@policy_required(own_note, Note)
def share(request, note):
    record(request, NoteEvent.SHARED, target=f"note:{note.pk}")
    return HttpResponse(status=204)

urlpatterns = [path("notes/<int:note_id>/share", share)]
"""
MORE_URLS = """
urlpatterns += [path("", include(f"notes.{name}")) for name in ("lists", "files", "api", "share")]
"""
TRIAL = """
import os, re
os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
import django
django.setup()
from io import StringIO
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.forms import modelform_factory
from django.test import Client
from notes.models import Patient

PASSWORD = "correct horse battery staple"

def browser():
    return Client(enforce_csrf_checks=True, headers={"host": "localhost"})

def post(client, path, **form):
    page = client.get("/account/sign-in")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    return client.post(path, {**form, **({"csrfmiddlewaretoken": token[1]} if token else {})})

def enter(name, role):
    output = StringIO()
    call_command("bastide_invite", role=role, email=f"{name}@example.org", base_url="http://localhost", stdout=output)
    path = output.getvalue().strip().removeprefix("http://localhost")
    client = browser()
    form = {"email": f"{name}@example.org", "username": name, "password": PASSWORD, "password_again": PASSWORD}
    assert post(client, path, **form).status_code == 303
    assert post(client, "/account/sign-in", name=name, password=PASSWORD, next="").status_code == 303
    return client

maud, tomas, stranger = enter("maud", "reader"), enter("tomas", "reader"), browser()
assert maud.post("/notes", {"text": "without a token at all"}).status_code == 403
made = post(maud, "/notes", text="A note of my own.")
assert made.status_code == 201, made.content
note = f"/notes/{made.json()['id']}"
assert post(maud, "/notes", text="short").status_code == 400
assert post(maud, "/notes", text="A note of my own.", owner_id="2").status_code == 400
assert maud.get("/notes").json() == {"notes": ["A note of my own."]}
assert tomas.get("/notes").json() == {"notes": []}
assert maud.get(note).content == b"A note of my own."
assert tomas.get(note).status_code == 404
assert stranger.get("/notes").headers["Location"] == "/account/sign-in?next=/notes"
assert "frame-ancestors 'none'" in stranger.get("/account/sign-in").headers["Content-Security-Policy"]

# A list, a file, a body of JSON, an encrypted field.
assert maud.get("/notes/search?q=own&sort=text&dir=desc").json() == {"notes": ["A note of my own."]}
assert tomas.get("/notes/search").json() == {"notes": []}
assert maud.get("/notes/search?q=own&utm_source=news&fbclid=x").status_code == 200
for refused in ("role=x", "page=1&page=1", "sort=owner__password", "dir=down", "page=x", "q=o"):
    assert maud.get(f"/notes/search?{refused}").status_code == 400, refused
sent = post(maud, f"{note}/files", file=SimpleUploadedFile("a.txt", b"plain words", "text/plain"))
assert (sent.status_code, sent.json()["state"]) == (201, "ready"), sent.content
file = f"{note}/files/{sent.json()['file']}"
assert maud.get(file).content == b"plain words"
assert maud.get(f"{note}/files/other").status_code == tomas.get(file).status_code == 404
refused = post(maud, f"{note}/files", file=SimpleUploadedFile("a.txt", b"<script>alert(1)</script>", "text/html"))
assert refused.status_code == 415
assert post(maud, f"{note}/share").status_code == 204
assert post(tomas, f"{note}/share").status_code == 404
assert "A note was shared." in maud.get("/account/activity").content.decode()
assert "A note was shared." not in tomas.get("/account/activity").content.decode()
token = re.search(r'value="([^"]+)"', maud.get("/account").content.decode())[1]
in_json = {"content_type": "application/json", "headers": {"X-CSRFToken": token}}
assert maud.post("/api/notes", {"text": "From a script."}, content_type="application/json").status_code == 403
assert maud.post("/api/notes", {"text": "From a script."}, **in_json).status_code == 201
assert maud.post("/api/notes", {"text": "From a script.", "owner_id": 2}, **in_json).status_code == 400
assert [entry["text"] for entry in maud.get("/api/notes").json()["notes"]] == ["A note of my own.", "From a script."]
assert tomas.get("/api/notes").json() == {"notes": []}
Patient.objects.create(user_id=1, diagnosis="a cold", insurance="M1")
assert Patient.objects.get(insurance="M1").diagnosis == "a cold"
with connection.cursor() as cursor:
    assert b"a cold" not in bytes(cursor.execute("SELECT diagnosis FROM notes_patient").fetchone()[0])
assert list(modelform_factory(Patient, exclude=()).base_fields) == ["user", "diagnosis"]

# Django's admin: no side door.
get_user_model().objects.create_superuser("boss1", "boss1@example.org", PASSWORD)
assert stranger.get("/admin/").headers["Location"] == "/account/sign-in?next=/admin/"
assert stranger.get("/admin/login/").headers["Location"].startswith("/account/sign-in?next=")
assert post(stranger, "/admin/login/", username="boss1", password=PASSWORD).status_code == 303
assert maud.get("/admin/").status_code == 403
for _ in range(5):
    assert post(browser(), "/account/sign-in", name="boss1", password="wrong password", next="").status_code == 403
assert post(browser(), "/account/sign-in", name="boss1", password=PASSWORD, next="").status_code == 429
call_command("bastide_users", "unlock", "boss1")
boss = browser()
assert post(boss, "/account/sign-in", name="boss1", password=PASSWORD, next="/admin/").headers["Location"] == "/admin/"
assert boss.get("/admin/").status_code == 200
assert boss.get("/admin/auth/user/").status_code == 200
assert boss.get("/admin/auth/user/add/").status_code == 200
page = boss.get("/admin/auth/group/add/").content.decode()
token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
assert boss.post("/admin/auth/group/add/", {"csrfmiddlewaretoken": token, "name": "editors"}).status_code == 302
assert "editors" in boss.get("/admin/auth/group/").content.decode()
assert boss.post("/admin/logout/", {"csrfmiddlewaretoken": token}).status_code in {200, 302}
assert boss.get("/admin/").status_code == 303
print("held")
"""
# What somebody gets wrong in the settings, and what `manage.py check` tells of it.
WRONG = (
    ('"roles":', '"rols":', "bastide.E001"),
    ('"reader": {"write_note"}, ', "", "registration.role is 'reader', which is not declared"),
    ('frozenset({"localhost"})', '"localhost"', "plain_http_hosts is 'localhost'; it has to be a frozenset"),
    ('ALLOWED_HOSTS = ["localhost"]', "ALLOWED_HOSTS = []", "plain_http_hosts must be among allowed_hosts"),
    ("*bastide_apps(),", "*bastide_apps()[:-1],", "bastide.E010"),
    ("bastide.django.templating.page", "django.template.context_processors.static", "bastide.W004"),
)


def blocks() -> list[str]:
    """Return the guide's pieces of code, in order."""
    return re.findall(r"```python\n(.*?)```", GUIDE, flags=re.DOTALL)


@pytest.mark.asvs("V8.2.2", "V6.3.1", "V3.5.1")
def test_following_the_guide_secures_a_fresh_project(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONWARNINGS": "ignore"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)

    def run(*arguments: str, expected: int = 0) -> str:
        done = subprocess.run(  # noqa: S603 -- this interpreter
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )  # fmt: skip
        assert done.returncode == expected, done.stdout + done.stderr
        return done.stdout + done.stderr

    run("-m", "django", "startproject", "mysite", ".")
    run("manage.py", "startapp", "notes")
    settings, urls, rules, models, views, note_urls, lists, patient, files, api, events, tests = blocks()
    before = (tmp_path / "mysite/settings.py").read_text()
    settings += MORE_SETTINGS
    (tmp_path / "mysite/settings.py").write_text(before + settings)
    with (tmp_path / "mysite/urls.py").open("a") as file:
        file.write(urls + MORE_URLS)
    make_keys = re.search(r"`(\(umask 077; python -m .+?)`", GUIDE)
    assert make_keys is not None
    run_shell = make_keys[1].replace("python", shlex.quote(sys.executable))
    subprocess.run(run_shell, shell=True, cwd=tmp_path, env=environment, check=True)  # noqa: S602 -- the guide's own
    for name, text in (
        ("rules", rules), ("models", models + patient), ("views", views), ("urls", note_urls), ("lists", lists), ("files", files), ("api", api), ("events", events), ("share", SHARE),
    ):  # fmt: skip
        (tmp_path / f"notes/{name}.py").write_text(text)
    for command in ("makemigrations notes", "migrate", "bastide_roles", "makemigrations --check"):
        run("manage.py", *command.split())
    assert "no issues" in run("manage.py", "check")
    deployed = run("manage.py", "check", "--deploy", "--fail-level", "CRITICAL")
    assert set(re.findall(r"security\.\w+", deployed)) == {
        "security.W009",
        "security.W018",
    }  # startproject's own
    (tmp_path / "notes/tests.py").write_text(TESTS + tests)
    assert "OK" in run("manage.py", "test")
    (tmp_path / "trial.py").write_text(TRIAL)
    assert "held" in run("trial.py").splitlines()
    for right, wrong, told in WRONG:
        assert right in settings
        (tmp_path / "mysite/settings.py").write_text(before + settings.replace(right, wrong))
        problems = run("manage.py", "check", "--fail-level", "WARNING", expected=1)
        assert told in problems
        assert "Traceback" not in problems
    (tmp_path / "mysite/settings.py").write_text(before + settings)
    own_urls = (tmp_path / "mysite/urls.py").read_text()
    (tmp_path / "mysite/urls.py").write_text(
        own_urls.replace('path("", include("bastide.django.accounts.urls")), ', "")
    )
    assert "bastide.E012" in run("manage.py", "check", expected=1)
    (tmp_path / "mysite/urls.py").write_text(own_urls)
    with (tmp_path / "notes/urls.py").open("a") as file:
        file.write('urlpatterns.append(path("forgotten", lambda request: None))\n')
    assert "bastide.E005" in run("manage.py", "check", expected=1)
