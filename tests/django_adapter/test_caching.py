"""Django's cache, per view and around the site: it keeps what is for everybody, and nothing else."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import engines
from django.template.response import TemplateResponse
from django.test import Client, override_settings
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import cache_control, cache_page

from bastide.django import api, public
from support.api import issue
from support.blog import Blog

CALLS: Counter[str] = Counter()
PAGES: dict[str, Callable[[HttpRequest], str]] = {
    "hello": lambda request: f"for {request.user}",
    "nothing": lambda _request: "for everybody",
    "nonce": lambda request: str(request.bastide.nonce),  # type: ignore[attr-defined]
    "token": lambda request: str(get_token(request)),
    "basket": lambda request: str(request.session.setdefault("basket", CALLS["basket"])),
}
CACHED = ["function", "class", "template", "asynchronous", "site"]


def counted(name: str, request: HttpRequest) -> str:
    CALLS[name] += 1
    return PAGES[name](request)


def make_view(how: str, name: str) -> Any:
    """Return a view of the page, cached in one of the ways that Django knows."""
    keep: Any = (lambda view: view) if how == "site" else cache_page(60)

    def function(request: HttpRequest) -> HttpResponse:
        return HttpResponse(counted(name, request))

    def template(request: HttpRequest) -> HttpResponse:
        page = engines["django"].from_string("{{ text }}")
        # Drawn while it is rendered, after the view has returned.
        return TemplateResponse(request, page, {"text": lambda: counted(name, request)})  # type: ignore[arg-type]

    async def asynchronous(request: HttpRequest) -> HttpResponse:
        if name == "hello":
            CALLS[name] += 1
            return HttpResponse(f"for {await request.auser()}")
        return HttpResponse(counted(name, request))

    class Page(View):
        @method_decorator(keep)
        def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return super().dispatch(request, *args, **kwargs)

        def get(self, request: HttpRequest) -> HttpResponse:
            return function(request)

    if how == "class":
        return public(Page.as_view())
    views = {"template": template, "asynchronous": asynchronous}
    return public(keep(views.get(how, function)))


def make_urls(how: str) -> list[Any]:
    from blog_django.urls import urlpatterns

    keep = cache_page(60)

    def hello(request: HttpRequest) -> HttpResponse:
        return HttpResponse(counted("hello", request))

    def mark(request: HttpRequest) -> HttpResponse:
        answer = HttpResponse(counted("nothing", request))
        answer.set_cookie("mark", str(CALLS["nothing"]))
        return answer

    return [
        *(path(name, make_view(how, name)) for name in PAGES),
        path("program", api(public(keep(hello)))),
        path("told-apart", public(cache_control(max_age=60)(keep(hello)))),
        path("mark", public(keep(cache_control(public=True, max_age=60)(mark)))),
        *urlpatterns,
    ]


@pytest.fixture(params=CACHED)
def site(request: pytest.FixtureRequest, blog: Blog, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A site whose pages are cached in one of the ways."""
    module = ModuleType("cached_urls")
    module.urlpatterns = make_urls(request.param)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    first, *others = settings.MIDDLEWARE
    update, fetch = (f"django.middleware.cache.{name}CacheMiddleware" for name in ("Update", "FetchFrom"))
    around = [first, update, *others, fetch] if request.param == "site" else settings.MIDDLEWARE
    CALLS.clear()
    cache.clear()
    with override_settings(ROOT_URLCONF="cached_urls", MIDDLEWARE=around, CACHE_MIDDLEWARE_SECONDS=60):
        yield request.param
    cache.clear()


def visitor(user: Any = None) -> Client:
    client = Client(headers={"host": "localhost"})
    if user is not None:
        client.force_login(user)
    return client


def users(blog: Blog, *names: str) -> list[Any]:
    from django.contrib.auth import get_user_model

    for name in names:
        blog.add_account(name)
    return [get_user_model().objects.get(username=name) for name in names]


@pytest.mark.asvs("V14.3.2")
@pytest.mark.parametrize("address", ["/hello", "/told-apart"])
def test_nobody_is_handed_the_page_of_somebody_else(blog: Blog, site: str, address: str) -> None:
    maud, tomas = users(blog, "maud", "tomas")
    for _ in range(2):
        for user, name in (
            (maud, "maud"),
            (None, "AnonymousUser"),
            (tomas, "tomas"),
            (None, "AnonymousUser"),
        ):
            answer = visitor(user).get(address)
            assert answer.content.decode() == f"for {name}"
            assert "Cookie" in answer.headers["Vary"]
            assert (answer.headers["Cache-Control"] == "no-store, private") is (user is not None)
    # Each time for the people, and once for all strangers.
    assert CALLS["hello"] == 5


def test_what_is_for_everybody_is_made_once(site: str) -> None:
    answers = [visitor().get("/nothing") for _ in range(3)]
    assert [answer.content for answer in answers] == [b"for everybody"] * 3
    assert CALLS["nothing"] == 1
    assert {answer.headers["Vary"] for answer in answers} == {"Cookie"}
    assert {answer.headers["Cache-Control"] for answer in answers} == {"max-age=60"}


@pytest.mark.asvs("V3.4.3", "V14.3.2")
@pytest.mark.parametrize("name", ["nonce", "token", "basket"])
def test_what_is_drawn_for_one_answer_is_not_kept(site: str, name: str) -> None:
    answers = [visitor().get(f"/{name}") for _ in range(3)]
    assert len({answer.content for answer in answers}) == 3
    assert CALLS[name] == 3
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store, private"
        if name == "nonce":
            assert f"'nonce-{answer.content.decode()}'" in answer.headers["Content-Security-Policy"]


@pytest.mark.asvs("V14.3.2")
def test_a_cookie_of_the_view_is_for_one_browser(site: str) -> None:
    assert [visitor().get("/mark").cookies["mark"].value for _ in range(2)] == ["1", "2"]


@pytest.mark.asvs("V14.3.2")
def test_what_a_program_is_told_is_not_kept(blog: Blog, site: str) -> None:
    browser = blog.signed_in("maud")
    browser.confirm("maud")
    token = issue(browser, "edit_profile")
    for _ in range(2):
        assert visitor().get("/program", headers={"authorization": f"Bearer {token}"}).status_code == 200
        assert (
            visitor().get("/program", headers={"authorization": "Token of-another-library"}).status_code
            == 200
        )
    assert CALLS["hello"] == 4
