"""The same answers from Django's asynchronous side."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bastide import StatementRefused
from bastide.core.security_log import EventFilter, EventKind
from bastide.testing import FrozenClock, Tripped
from conftest import make_blog
from support.blog import FIREFOX, PASSWORD, Blog

# Django's own test clients ask for `testserver`.
NAMES = frozenset({"localhost", "testserver"})
HOSTS = {"transport": {"allowed_hosts": NAMES, "plain_http_hosts": NAMES}}


def play(scene: Callable[[Any], Awaitable[None]]) -> None:
    """Run a scene with an asynchronous client, and close what its threads opened."""
    from asgiref.sync import sync_to_async
    from django.test import AsyncClient

    from support.django_blog import close_all

    async def run() -> None:
        client = AsyncClient(enforce_csrf_checks=True, headers={"user-agent": FIREFOX})
        client.raise_request_exception = False
        try:
            await scene(client)
        finally:
            await sync_to_async(close_all)()

    asyncio.run(run())


async def sign_in(client: Any, name: str) -> Any:
    token = (await client.get("/csrf-token")).json()["token"]
    form = {"csrfmiddlewaretoken": token, "name": name, "password": PASSWORD, "next": ""}
    return await client.post("/account/sign-in", form, headers={"origin": "http://testserver"})


@pytest.mark.asvs("V8.2.1", "V3.5.1", "V7.4.1")
def test_rules_tokens_and_sessions_hold(more: Blog) -> None:
    more.add_account("maud", "moderator")
    more.add_account("tomas")

    async def scene(client: Any) -> None:
        answer = await client.get("/async/open")
        assert (answer.status_code, answer.content) == (200, b"async")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Cache-Control" not in answer.headers
        assert (await client.get("/async/mine")).headers["Location"] == "/account/sign-in?next=/async/mine"
        forged = await client.post("/account/sign-in", {"name": "maud", "password": PASSWORD})
        assert forged.status_code == 403
        assert (await sign_in(client, "tomas")).status_code == 303
        assert (await client.get("/async/mine")).content == b"tomas"
        assert (await client.get("/async/moderators")).status_code == 403
        token = (await client.get("/csrf-token")).json()["token"]
        assert (await client.post("/account/sign-out", {"csrfmiddlewaretoken": token})).status_code == 303
        assert (await client.get("/async/mine")).status_code == 303
        assert (await sign_in(client, "maud")).status_code == 303
        page = await client.get("/async/moderators")
        assert page.content == b"moderating"
        assert page.headers["Cache-Control"] == "no-store, private"

    play(scene)
    assert more.kinds().count("access:check:denied") == 3


@pytest.mark.asvs("V2.4.1")
def test_strangers_who_call_an_api_are_counted(more: Blog) -> None:
    async def scene(client: Any) -> None:
        for left in (599, 598):
            answer = await client.get("/async/open-to-programs")
            assert (answer.status_code, answer.content) == (200, b"async")
            assert answer.headers["RateLimit"] == f'"api-network";r={left};t=3600'

    play(scene)


def test_a_refused_host_is_no_error_with_a_session_either(more: Blog) -> None:
    more.add_account("maud")

    async def scene(client: Any) -> None:
        await sign_in(client, "maud")
        answer = await client.get("/async/mine", headers={"host": "evil.example"})
        assert answer.status_code == 400

    play(scene)


def test_values_are_kept_from_one_request_to_the_next(more: Blog) -> None:
    more.add_account("maud")

    async def scene(client: Any) -> None:
        await sign_in(client, "maud")
        assert [(await client.get("/async/keep")).content for _ in range(2)] == [b"", b"a value"]

    play(scene)


@pytest.mark.asvs("V16.5.1", "V16.5.2")
def test_failures_show_nothing(more: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    from bastide.core.foundation import StoreUnavailable

    def gone(*_: object, **__: object) -> Any:
        message = "the database did not answer"
        raise StoreUnavailable(message)

    async def scene(client: Any) -> None:
        answer = await client.get("/async/broken")
        assert answer.status_code == 500
        assert b"planted-secret" not in answer.content
        assert (await client.get("/nothing")).status_code == 404
        assert (await sign_in(client, "maud")).status_code == 303
        monkeypatch.setattr(type(more.services.stores.sessions), "load_session", gone)
        assert (await client.get("/async/mine")).status_code == 503

    more.add_account("maud")
    play(scene)
    assert "system:error:unexpected" in more.kinds()


@pytest.mark.asvs("V1.2.4", "V1.2.1")
def test_tripwires_are_in_the_way(tmp_path: Path, clock: FrozenClock, tripwires: Tripped) -> None:
    from support import django_blog

    django_blog.set_up()
    from django.test import override_settings

    async def scene(client: Any) -> None:
        assert (await client.get("/leaky/async", {"v": "1"})).status_code == 200
        with tripwires.expected():
            assert (await client.get("/leaky/async", {"v": "1 OR 1=1"})).status_code == 400
        with tripwires.expected():
            answer = await client.get("/leaky/show/text", {"v": "<script>alert(1)</script>"})
            assert answer.status_code == 500

    with override_settings(ROOT_URLCONF="support.leaky_urls"):
        settings = {**HOSTS, "tripwires": {"on_reflection": "raise"}}
        url = f"sqlite:///{tmp_path / 'more.sqlite3'}"
        blog = make_blog(url, tmp_path, clock, framework="django", settings=settings)
        play(scene)
        blog.close()


@pytest.mark.asvs("V1.2.4", "V16.3.3")
def test_what_streams_is_watched_to_the_last_chunk(
    tmp_path: Path, clock: FrozenClock, tripwires: Tripped
) -> None:
    from support import django_blog

    django_blog.set_up()
    from django.test import override_settings

    settings = {**HOSTS, "tripwires": {"on_query": "block"}}
    with override_settings(ROOT_URLCONF="support.leaky_urls"):
        blog = make_blog(
            f"sqlite:///{tmp_path / 'blog.sqlite3'}", tmp_path, clock, framework="django", settings=settings
        )
        blog.publish(blog.signed_in("maud", "author"), "Green tea")
        before = blog.kinds()

        async def scene(client: Any) -> None:
            harmless = await client.get("/leaky/stream-async", {"v": "x"})
            assert [chunk async for chunk in harmless.streaming_content] == [b"begun,"]
            answer = await client.get("/leaky/stream-async", {"v": "x' OR '1'='1"})
            chunks = aiter(answer.streaming_content)
            assert await anext(chunks) == b"begun,"
            with tripwires.expected(), pytest.raises(StatementRefused):
                await anext(chunks)

        play(scene)
        assert blog.kinds()[len(before) :] == [EventKind.ACCESS_DENIED] * 2 + [EventKind.QUERY_REFUSED]
        events, _ = blog.services.stores.events.list_events(EventFilter(), offset=0, limit=3)
        refused, noted, other = events
        assert (refused.request_id, refused.route) == (noted.request_id, noted.route)
        assert refused.route == "support.leaky_urls.stream_async"
        assert other.request_id != noted.request_id
        blog.close()
