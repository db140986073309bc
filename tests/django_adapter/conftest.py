"""These tests are Django's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bastide.testing import FrozenClock
from conftest import make_blog
from support.beside.project import Project
from support.blog import Blog


@pytest.fixture
def framework() -> str:
    return "django"


# Django's own test clients ask for `testserver`.
NAMES = frozenset({"localhost", "testserver"})
HOSTS = {"transport": {"allowed_hosts": NAMES, "plain_http_hosts": NAMES}}


@pytest.fixture
def more(tmp_path: Path, clock: FrozenClock) -> Iterator[Blog]:
    """The blog with the views of `support.more_urls`."""
    from support import django_blog

    django_blog.set_up()
    from django.test import override_settings

    with override_settings(ROOT_URLCONF="support.more_urls"):
        made = make_blog(
            f"sqlite:///{tmp_path / 'more.sqlite3'}", tmp_path, clock, framework="django", settings=HOSTS
        )
        yield made
        made.close()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with accounts of its own, and layers beside them."""
    return Project(tmp_path)
