"""What docs/layers.md says of each layer on Django, as it is."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from bastide import Layer, SystemEntropy, new_ring
from conftest import ROOT

PAGE: Final = (ROOT / "docs/layers.md").read_text(encoding="utf-8").partition("## On Django")[2]
ROWS: Final = {
    row[1]: row for row in re.finditer(r"^\| `(\w+)` \| (\d+)[^|]* \| ([^|]+) \|", PAGE, re.MULTILINE)
}
CODE: Final = dict(re.findall(r"^### `(\w+)`\n\n```python\n(.*?)```", PAGE, flags=re.MULTILINE | re.DOTALL))
ADDRESS: Final = 'path("", include("bastide.django.reports.urls"))'
# As `startproject` makes it, a home page added and what asks for nothing here left out.
PROJECT: Final = """
from pathlib import Path
BASE_DIR = Path(__file__).parent
SECRET_KEY = "django-insecure-" + "s" * 50
ALLOWED_HOSTS = ["shop.example"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.messages",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
ROOT_URLCONF = "there_urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""
URLS: Final = """
from django.contrib import admin
from django.http import HttpResponse
from django.urls import include, path
from bastide.django import public
urlpatterns = [path("", public(lambda _request: HttpResponse("welcome"))), path("admin/", admin.site.urls)]
"""
LOOK: Final = """
import django
django.setup()
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.test import Client
call_command("migrate", verbosity=0)
found = [f"{each.id} {each.msg}" for each in run_checks()]
assert not found, found
assert Client().get("/", headers={"host": "shop.example"}, secure=True).content == b"welcome"
assert b"Django" in Client().get("/admin/login/", headers={"host": "shop.example"}, secure=True).content
print(*(name for name in connection.introspection.table_names() if name.startswith("bastide_")))
"""


def test_every_layer_that_can_be_taken_alone_is_there() -> None:
    assert list(ROWS) == list(CODE) == [layer for layer in Layer if layer is not Layer.ACCOUNTS]


@pytest.mark.parametrize("name", CODE)
def test_a_layer_takes_the_lines_and_tables_that_the_page_names(name: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.touch(mode=0o600)
    keys.write_text(new_ring(SystemEntropy()))
    (tmp_path / "there.py").write_text(PROJECT + CODE[name])
    assert ADDRESS in PAGE
    more = f"urlpatterns += [{ADDRESS}]" if name == Layer.REPORTS else ""
    (tmp_path / "there_urls.py").write_text(URLS + more)
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(tmp_path))),
        "DJANGO_SETTINGS_MODULE": "there",
    }  # fmt: skip
    done = subprocess.run(  # noqa: S603 -- this interpreter
        [sys.executable, "-c", LOOK],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == set(re.findall(r"bastide_\w+", ROWS[name][3]))
    assert len(re.findall(r"^.+$", CODE[name], re.MULTILINE)) == int(ROWS[name][2])
