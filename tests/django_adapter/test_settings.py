"""Settings and system checks: unknown keys and unsafe projects are refused by id."""

from pathlib import Path
from typing import Any

import pytest

from support.blog import Blog


def ids(**changed: Any) -> list[str | None]:
    from django.core.checks import run_checks
    from django.test import override_settings

    with override_settings(**changed):
        return [message.id for message in run_checks()]


@pytest.mark.asvs("V13.4.2")
def test_the_blogs_own_settings_are_clean(blog: Blog) -> None:
    from django.core.checks import run_checks

    assert [message.id for message in run_checks(include_deployment_checks=True)
            if not message.is_silenced() and message.id != "security.W009"] == []  # fmt: skip


@pytest.mark.asvs("V13.4.2")
def test_a_place_for_files_is_looked_for_where_views_take_some(blog: Blog, tmp_path: Path) -> None:
    from django.conf import settings

    without = {name: value for name, value in settings.BASTIDE.items() if name != "upload_storage"}
    assert ids(BASTIDE=without) == ["bastide.E009"]
    assert ids(BASTIDE={**without, "typo": {}}) == ["bastide.E001"]
    served = {**without, "upload_storage": tmp_path / "static" / "uploads"}
    assert ids(BASTIDE=served, STATIC_ROOT=tmp_path / "static") == ["bastide.E009"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"BASTIDE": {"typo": {}}}, "bastide.E001"),
        ({"BASTIDE": {"sessions": {"idle": 1}}}, "bastide.E001"),
        ({"BASTIDE": {}}, "bastide.E001"),
        ({"BASTIDE": {"roles": {"reader": set()}}, "ALLOWED_HOSTS": []}, "bastide.E001"),
        ({"BASTIDE": {"roles": {"author": set()}}}, "bastide.E001"),
        (
            {"BASTIDE": {"roles": {"reader": set()}, "transport": {"allowed_hosts": "localhost"}}},
            "bastide.E001",
        ),
        ({"MIDDLEWARE": []}, "bastide.E002"),
        ({"AUTHENTICATION_BACKENDS": ["django.contrib.auth.backends.ModelBackend"]}, "bastide.E003"),
        ({"SESSION_ENGINE": "django.contrib.sessions.backends.cache"}, "bastide.E004"),
        ({"ROOT_URLCONF": "support.forgotten_urls"}, "bastide.E005"),
        ({"SESSION_COOKIE_NAME": "sessionid"}, "bastide.W003"),
    ],
)
def test_what_makes_a_project_unsafe_has_an_id(blog: Blog, changed: dict[str, Any], expected: str) -> None:
    found = ids(**changed)
    assert expected in found


def test_a_middleware_that_is_replaced_is_named(blog: Blog) -> None:
    from django.conf import settings

    twice = [*settings.MIDDLEWARE, "django.middleware.csrf.CsrfViewMiddleware"]
    assert "bastide.W002" in ids(MIDDLEWARE=twice)


def test_what_a_request_rolls_back_stays_counted(blog_on_each_database: Blog) -> None:
    from datetime import timedelta

    from django.db import transaction

    from bastide.core.attempts import Exhausted, Lane, LaneKind

    lane = Lane(kind=LaneKind.ACCOUNT, subject="1", owner="1", limit=2, period=timedelta(minutes=15))
    store, now = blog_on_each_database.services.stores.attempts, blog_on_each_database.clock.now()
    for _ in range(2):
        with transaction.atomic():
            store.reserve_attempt((lane,), now=now)
            transaction.set_rollback(True)
    assert isinstance(store.reserve_attempt((lane,), now=now), Exhausted)
