"""The rule of the pattern that matched, where one view stands in several."""

import sys
from types import ModuleType
from typing import Any

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from bastide import PUBLIC, Rule
from bastide.core.foundation import ConfigurationError
from bastide.django import by_method
from support.blog import Blog


def report(request: HttpRequest) -> HttpResponse:
    return HttpResponse("report")


@pytest.fixture
def urls(monkeypatch: pytest.MonkeyPatch) -> Any:
    """One URLconf included twice, and below a prefix that follows the language."""
    own = [path("report", report)]
    twice = ModuleType("twice_urls")
    twice.urlpatterns = [path("open/", include(own)), path("shut/", include(own))]  # type: ignore[attr-defined]
    by_language = ModuleType("language_urls")
    with override_settings(USE_I18N=True):
        by_language.urlpatterns = i18n_patterns(path("open/", include(own)), path("shut/", include(own)))  # type: ignore[attr-defined]
    for module in (twice, by_language):
        monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.mark.asvs("V8.3.1")
def test_one_urlconf_included_twice_is_open_at_the_one_place_and_shut_at_the_other(
    blog: Blog, urls: None
) -> None:
    from django.conf import settings

    for first, second in (("/open/", "/shut/"), ("/shut/", "/open/")):
        rules = {"/open/": PUBLIC, "/shut/": Rule(permission="admin_access")}
        changed = {**settings.BASTIDE, "prefix_rules": {first: rules[first], second: rules[second]}}
        with override_settings(ROOT_URLCONF="twice_urls", BASTIDE=changed):
            client = Client(headers={"host": "localhost", "accept": "application/json"})
            assert client.get("/open/report").content == b"report"
            assert client.get("/shut/report").status_code in {401, 403}


def test_what_only_the_language_tells_apart_stops_the_start_by_name(blog: Blog, urls: None) -> None:
    from django.conf import settings

    from bastide.django.requests.routes import RuleTable, read_rules

    with override_settings(ROOT_URLCONF="language_urls", USE_I18N=True):
        rules = {"/en/open/": PUBLIC, "/en/shut/": Rule(permission="admin_access")}
        with pytest.raises(ConfigurationError, match=r"by language only: /en/open/report, /en/shut/report\Z"):
            RuleTable(read_rules(rules))
        RuleTable(read_rules({"/en/": PUBLIC}))
    assert settings.ROOT_URLCONF == "blog_django.urls"


def test_a_view_that_stands_for_one_method_at_one_place_answers_all_of_its_own_at_another(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    module = ModuleType("method_urls")
    module.urlpatterns = [path("alone", report), path("several", by_method(DELETE=report))]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    changed = {**settings.BASTIDE, "prefix_rules": {"/": PUBLIC}}
    with override_settings(ROOT_URLCONF="method_urls", BASTIDE=changed):
        client = Client(headers={"host": "localhost", "accept": "application/json"})
        assert client.get("/alone").content == b"report"
        assert client.get("/several").status_code == 405
