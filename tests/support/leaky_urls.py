"""The blog's addresses on Django, and views as nobody should write them."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from bastide import EventKind, Outcome
from bastide.django import public, record
from blog_django.models import Post
from blog_django.urls import handler400, handler403, handler404, handler500
from blog_django.urls import urlpatterns as own
from support.leaky import PAGES, STATEMENTS

__all__ = ["handler400", "handler403", "handler404", "handler500"]


@public
@csrf_exempt
def run(request: HttpRequest, way: str, driver: str = "text") -> HttpResponse:
    if "X-Stream" in request.headers:
        value = json.load(request)["v"]
    elif request.method == "PUT":
        # As people read a form that Django does not.
        value = QueryDict(request.body)["v"]
    elif request.method == "POST":
        is_json = request.content_type == "application/json"
        value = json.loads(request.body)["v"] if is_json else request.POST["v"]
    else:
        value = request.headers.get("X-Value") or request.COOKIES.get("v") or request.GET.get("v", "")
    sql = STATEMENTS[way](value)
    rows: Any
    if driver == "orm":
        rows = Post.objects.order_by(RawSQL(value, ())).values_list("title")
    elif driver == "raw":
        rows = Post.objects.extra(where=[value]).values_list("title")
    elif driver == "cursor":
        rows = [(post.title,) for post in Post.objects.raw(sql.replace("SELECT title", "SELECT id, title"))]
    else:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            rows = cursor.fetchall()
    return JsonResponse({"rows": [row[0] for row in rows]})


@public
async def run_async(request: HttpRequest) -> HttpResponse:
    count = await Post.objects.extra(where=[request.GET["v"]]).acount()
    return JsonResponse({"rows": [count]})


@public
def show(request: HttpRequest, way: str) -> HttpResponse:
    return HttpResponse(PAGES[way](request.GET["v"]))


@public
def stream(request: HttpRequest) -> StreamingHttpResponse:
    def rows() -> Iterator[str]:
        yield "begun,"
        record(request, EventKind.ACCESS_DENIED, Outcome.NOTED, target="stream")
        with connection.cursor() as cursor:
            cursor.execute(STATEMENTS["literal"](request.GET["v"]))
            yield from (row[0] for row in cursor.fetchall())

    return StreamingHttpResponse(rows(), content_type="text/plain")


@public
async def stream_async(request: HttpRequest) -> StreamingHttpResponse:
    async def rows() -> AsyncIterator[str]:
        yield "begun,"
        await sync_to_async(record)(request, EventKind.ACCESS_DENIED, Outcome.NOTED, target="stream")
        found = Post.objects.extra(where=[f"title = '{request.GET['v']}'"])
        async for post in found:
            yield post.title

    return StreamingHttpResponse(rows(), content_type="text/plain")


urlpatterns = [
    *own,
    path("leaky/stream", stream),
    path("leaky/stream-async", stream_async),
    path("leaky/run/<str:way>", run),
    path("leaky/run/<str:way>/<str:driver>", run),
    path("leaky/async", run_async),
    path("leaky/show/<str:way>", show),
]
