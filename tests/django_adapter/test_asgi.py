"""Bodies under ASGI, where Django keeps each of them whole before anything looks at it (U2)."""

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import reload
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest

from support.blog import FIREFOX, Blog
from support.desk import Desk, form_with
from support.django_blog import set_up
from support.rows import rows

pytestmark = pytest.mark.asvs("V5.2.1")
PART = 65_536
MOST = 5 * 1024 * 1024 + 16_384
FORM = {
    "content-type": "multipart/form-data; boundary=b",
    "origin": "http://localhost",
    "user-agent": FIREFOX,
}


class Call:
    """One request as a server hands it over, which counts what is taken of it."""

    def __init__(self, path: str, parts: Iterator[bytes], headers: Mapping[str, str]) -> None:
        named = {"host": "localhost", **headers}
        self.scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
            "client": ("127.0.0.1", 1), "server": ("localhost", 80),
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        }  # fmt: skip
        self._parts = parts
        self._is_answered = asyncio.Event()
        self._is_over = False
        self.taken = 0
        self.status = 0
        self.headers: dict[bytes, bytes] = {}

    async def receive(self) -> dict[str, Any]:
        if self._is_answered.is_set() or self._is_over:
            await self._is_answered.wait()
            return {"type": "http.disconnect"}
        part = next(self._parts, b"")
        self.taken += len(part)
        self._is_over = not part or part.endswith(b"--b--\r\n")
        await asyncio.sleep(0)
        return {"type": "http.request", "body": part, "more_body": not self._is_over}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        elif not message.get("more_body"):
            self._is_answered.set()


def answer(path: str, parts: Iterator[bytes], headers: Mapping[str, str]) -> Call:
    """Let the blog answer as its server would, started anew for the settings of the test at hand."""
    from asgiref.sync import ThreadSensitiveContext, sync_to_async

    from blog_django import asgi
    from support.django_blog import close_all

    blog: Any = reload(asgi).application

    async def run() -> Call:
        call = Call(path, parts, headers)
        # Django answers in a thread per request, and its own errors in another; both leave a connection open.
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(max_workers=1))
        async with ThreadSensitiveContext():
            await blog(call.scope, call.receive, call.send)
            await sync_to_async(close_all)()
        await loop.run_in_executor(None, close_all)
        return call

    return asyncio.run(run())


def cut(body: bytes) -> Iterator[bytes]:
    return (body[start : start + PART] for start in range(0, len(body), PART))


def signed(desk: Desk) -> dict[str, str]:
    return {**FORM, "cookie": f"__Host-session={desk.author.cookie('__Host-session')}"}


def test_a_file_of_the_right_size_is_taken_and_one_for_another_page_is_not(blog: Blog) -> None:
    desk = Desk(blog)
    body = form_with(desk, 5 * 1024 * 1024)
    call = answer(desk.path, cut(body), {**signed(desk), "content-length": str(len(body))})
    assert (call.status, call.taken) == (303, len(body))
    assert len(desk.stored()) == 1
    small = form_with(desk, 2_000_000)
    assert answer("/posts/new", cut(small), {**signed(desk), "content-length": str(len(small))}).status == 413


class Counted(SpooledTemporaryFile[bytes]):
    """What Django keeps a body in."""

    kept = 0

    def write(self, data: Any) -> int:
        Counted.kept += len(data)
        return super().write(data)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> type[Counted]:
    from django.core.handlers import asgi

    monkeypatch.setattr(asgi.tempfile, "SpooledTemporaryFile", Counted)
    monkeypatch.setattr(Counted, "kept", 0)
    return Counted


@rows("length", [None, "100", "ten", "99999999"])
@rows("path", ["/posts/1/files", "/account/sign-in", "/api/v1/posts", "/nowhere"])
def test_a_body_without_an_end_is_cut_before_it_is_kept(
    blog: Blog, counted: type[Counted], path: str, length: str | None
) -> None:
    desk, counted.kept = Desk(blog), 0
    endless = (b"x" * PART for _ in range(1_000))
    said = {} if length is None else {"content-length": length}
    call = answer(path, endless, {**signed(desk), **said})
    assert call.status == 413
    assert counted.kept <= (0 if length == "99999999" else MOST)
    assert call.headers[b"X-Content-Type-Options"] == b"nosniff"
    assert b"default-src" in call.headers[b"Content-Security-Policy"]
    assert desk.stored() == []


def test_what_hangs_up_or_is_no_request_is_left_to_the_application() -> None:
    set_up()
    from bastide.django.asgi import BodyLimit

    seen: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])
        seen.extend([(await receive())["type"], (await receive())["type"]])

    async def run(kind: str, *messages: dict[str, Any]) -> None:
        waiting = iter(messages)

        async def receive() -> dict[str, Any]:
            return next(waiting)

        await BodyLimit(application)({"type": kind, "headers": []}, receive, print)

    asyncio.run(run("websocket", {"type": "websocket.connect"}, {"type": "websocket.disconnect"}))
    part = {"type": "http.request", "body": b"x", "more_body": True}
    asyncio.run(run("http", part, {"type": "http.disconnect"}))
    assert seen == [
        "websocket", "websocket.connect", "websocket.disconnect", "http", "http.request", "http.disconnect",
    ]  # fmt: skip
