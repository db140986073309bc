"""An object that one may not know of is not there: nothing tells both apart, `OPTIONS` neither."""

import re
import sys
from types import ModuleType
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from django.views import View

from bastide.django import PolicyRequiredMixin, by_method, policy_required
from blog_shared.access import EDIT_POST
from support.blog import Blog, Browser

KINDS = ("function", "detail", "update", "own", "methods", "rest")


@pytest.fixture
def views(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Views of every kind at a post that its author alone may know of."""
    from django.views.generic import DetailView, UpdateView
    from rest_framework.generics import RetrieveUpdateAPIView
    from rest_framework.renderers import JSONRenderer
    from rest_framework.serializers import ModelSerializer

    from blog_django.models import Post
    from blog_django.urls import urlpatterns as own

    @policy_required(EDIT_POST, Post)
    def function(_: HttpRequest, post: Any) -> HttpResponse:
        return HttpResponse(post.title)

    def shown(_view: View, context: dict[str, Any]) -> HttpResponse:
        return HttpResponse(context["object"].title)

    class Detail(PolicyRequiredMixin, DetailView):  # type: ignore[type-arg]  # Django's, at run time
        policy = EDIT_POST
        model = Post
        pk_url_kwarg = "post_id"
        render_to_response = shown

    class Update(PolicyRequiredMixin, UpdateView):  # type: ignore[type-arg]  # Django's, at run time
        policy = EDIT_POST
        model = Post
        pk_url_kwarg = "post_id"
        fields = ("title",)
        render_to_response = shown

    class Own(PolicyRequiredMixin, View):
        policy = EDIT_POST
        pk_url_kwarg = "post_id"

        def get_queryset(self) -> Any:
            return Post.objects.all()

        def get(self, *_: Any, **__: Any) -> HttpResponse:
            post: Any = self.get_object()
            return HttpResponse(post.title)

        def options(self, *_: Any, **__: Any) -> HttpResponse:
            post: Any = self.get_object()
            return HttpResponse(headers={"Allow": f"GET, {post.title}"})

    class Shown(ModelSerializer):  # type: ignore[misc,type-arg]  # comes without types
        class Meta:
            model = Post
            fields = ("title",)

    class Rest(PolicyRequiredMixin, RetrieveUpdateAPIView):  # type: ignore[misc,type-arg]  # comes without types
        policy = EDIT_POST
        queryset = Post.objects.all()
        pk_url_kwarg = "post_id"
        serializer_class = Shown
        renderer_classes = (JSONRenderer,)

    made = {
        "function": function, "detail": Detail.as_view(), "update": Update.as_view(), "own": Own.as_view(),
        "methods": by_method(GET=function, DELETE=function), "rest": Rest.as_view(),
    }  # fmt: skip
    module = ModuleType("options_urls")
    module.urlpatterns = [*own, *(path(f"{kind}/<int:post_id>", view) for kind, view in made.items())]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.__name__


def told(browser: Browser, method: str, address: str) -> tuple[int, str | None, str | None, str]:
    answer = browser.open(method, address, headers={"Accept": "application/json"})
    said = re.sub('"request_id": "[^"]+"', "", answer.text)
    return answer.status_code, answer.headers.get("Allow"), answer.headers.get("Content-Type"), said


@pytest.mark.asvs("V8.2.2")
@pytest.mark.parametrize("kind", KINDS)
def test_what_one_may_not_know_of_is_not_there(blog: Blog, views: str, kind: str) -> None:
    maud = blog.signed_in("maud", "author", "reader")
    draft = blog.write_post(maud, "The hidden treasure")
    tomas = blog.signed_in("tomas", "author", "reader")
    from django.core.wsgi import get_wsgi_application

    # With handlers of the project's own, which know nothing of Bastide's.
    with override_settings(ROOT_URLCONF=views):
        tomas.client.application = maud.client.application = get_wsgi_application()
        assert "The hidden treasure" in maud.get(f"/{kind}/{draft}").text
        for method in ("GET", "HEAD", "OPTIONS"):
            hidden, missing = (told(tomas, method, f"/{kind}/{key}") for key in (draft, 999))
            assert hidden == missing, method
        before = blog.kinds().count("access:check:denied")
        assert tomas.get(f"/{kind}/{draft}").status_code == 404
        assert blog.kinds().count("access:check:denied") == before + 1
        assert tomas.get(f"/{kind}/999").status_code == 404
        assert blog.kinds().count("access:check:denied") == before + 1
