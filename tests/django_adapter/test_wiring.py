"""The project's controls: wired where they are asked for, whenever their module was imported."""

import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from support.blog import Blog

BEFORE_THE_APPS = """
import os
os.environ |= {"DJANGO_SETTINGS_MODULE": "blog_django.settings", "BLOG_SECRET_KEY": "k" * 64}
import bastide.django.asgi, bastide.django.sessions, bastide.django.wiring
import django
from django.apps import apps
assert not apps.apps_ready
django.setup()
print(apps.models_ready)
"""


def test_it_can_be_imported_before_the_apps_are_loaded() -> None:
    command = [sys.executable, "-c", BEFORE_THE_APPS]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 -- our own text
    assert done.stdout == "True\n"


def test_settings_are_read_anew_when_they_change(blog: Blog) -> None:
    from django.conf import settings
    from django.test import override_settings

    from bastide.django.wiring import bastide

    before = bastide()
    with override_settings(BASTIDE={**settings.BASTIDE, "csp": {"max_groups": 7}}):
        assert bastide().services.settings.csp.max_groups == 7
    assert bastide().services.settings.csp.max_groups == before.services.settings.csp.max_groups
    with override_settings(SECRET_KEY="short"), pytest.raises(ImproperlyConfigured):
        bastide()
