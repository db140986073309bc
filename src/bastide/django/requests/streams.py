"""Answers that stream: what their generators do belongs to the request, to the last chunk."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.http import FileResponse, HttpRequest

from bastide.django.requests.context import exchange_of
from bastide.django.requests.current import at_hand


def watch_stream(request: HttpRequest, response: Any) -> None:
    """Look at the answer's statements and keep its events, although the middleware is through with it.

    A file that the server sends runs no code of the application and stays as it is.
    """
    if not response.streaming or isinstance(response, FileResponse):
        return
    watch = _watch_async if response.is_async else _watch
    response.streaming_content = watch(request, response.streaming_content)


def _watch(request: HttpRequest, chunks: Iterator[bytes]) -> Iterator[bytes]:
    try:
        while True:
            try:
                with at_hand(request):
                    chunk = next(chunks)
            except StopIteration:
                return
            yield chunk
    finally:
        exchange_of(request).keep_events()


async def _watch_async(request: HttpRequest, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        while True:
            try:
                with at_hand(request):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            yield chunk
    finally:
        await sync_to_async(exchange_of(request).keep_events)()
