"""Settings and system checks: unknown keys and unsafe projects are refused by id."""

from pathlib import Path
from typing import Any

import pytest

from bastide import AppEventKind, Client, ConfigurationError, Outcome
from support.blog import Blog
from support.rows import rows


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


@rows(
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


def test_second_factors_that_nobody_asks_for_are_named(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.apps import apps

    is_installed = apps.is_installed
    monkeypatch.setattr(apps, "is_installed", lambda name: name == "allauth.mfa" or is_installed(name))
    assert ids() == ["bastide.W010"]


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


class Shadow(AppEventKind):
    SIGNED_IN = "account:login:success", "somebody signed in"


class ShopEvent(AppEventKind):
    PLACED = "shop:order:placed", "an order was placed"


@pytest.mark.asvs("V16.2.4")
@rows(
    ("kinds", "fault"),
    [
        (Shadow, "event kind 'account:login:success' begins with 'account'"),
        (f"{__name__}.Shadow", "event kind 'account:login:success' begins with 'account'"),
        (
            "blog_shared.events.Missing",
            'event_kinds: Module "blog_shared.events" does not define a "Missing"',
        ),
        ("nowhere.Events", "event_kinds: No module named 'nowhere'"),
        (["shop:order:placed"], "event kind 'shop:order:placed' is no member of an AppEventKind"),
    ],
)
def test_kinds_of_events_that_are_not_sound_are_an_error_of_the_check(
    blog: Blog, kinds: Any, fault: str
) -> None:
    from django.conf import settings
    from django.core.checks import run_checks
    from django.test import override_settings

    with override_settings(BASTIDE={**settings.BASTIDE, "event_kinds": kinds}):
        found = [(message.id, message.msg) for message in run_checks()]
    assert [number for number, _ in found] == ["bastide.E001"]
    assert fault in found[0][1]


@pytest.mark.asvs("V16.2.4")
def test_a_project_records_kinds_that_it_declared_and_no_others(blog: Blog) -> None:
    from django.conf import settings
    from django.test import override_settings

    from bastide.django.wiring import bastide

    given = {name: value for name, value in settings.BASTIDE.items() if name != "event_kinds"}
    for kinds in (ShopEvent, [ShopEvent.PLACED], f"{__name__}.ShopEvent"):
        with override_settings(BASTIDE={**given, "event_kinds": kinds}):
            recorder = bastide().services.recorder
            recorder.record(ShopEvent.PLACED, Outcome.SUCCESS, Client())
    assert blog.kinds().count("shop:order:placed") == 3
    with override_settings(BASTIDE=given), pytest.raises(ConfigurationError, match="is not declared"):
        bastide().services.recorder.record(ShopEvent.PLACED, Outcome.SUCCESS, Client())
    assert blog.kinds().count("shop:order:placed") == 3
