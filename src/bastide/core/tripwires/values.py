"""What a request carried: every text that whoever sent it could choose."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

# Views that take a rest of the path get several parts in one piece.
MAX_PATH_RESTS: Final = 16
MAX_FIELDS: Final = 1_000


class Value(NamedTuple):
    """One text of the request, untrusted.

    Attributes:
        place: where it came from: ``path``, ``query``, ``header``, ``cookie``, ``form``, ``file``, ``body``.
        text: as the application sees it.
    """

    place: str
    text: str


def environ_values(environ: Mapping[str, Any]) -> Iterator[Value]:
    """Yield what path, query and headers carry; cookies are quoted in ways of their own.

    Args:
        environ: of WSGI (PEP 3333), or a mapping with the same names.
    """
    parts = _as_text(environ.get("PATH_INFO", "")).split("/")
    for part in parts:
        yield Value("path", part)
    for start in range(1, min(len(parts), MAX_PATH_RESTS)):
        yield Value("path", "/".join(parts[start:]))
    query = parse_qsl(_as_text(environ.get("QUERY_STRING", "")), keep_blank_values=True, errors="replace")
    yield from pair_values("query", query)
    for name, text in environ.items():
        if name.startswith("HTTP_") and name != "HTTP_COOKIE":
            yield Value("header", text)


def pair_values(place: str, pairs: Iterable[tuple[str, str]]) -> Iterator[Value]:
    """Yield names and values: a caller chooses both."""
    for name, text in pairs:
        yield Value(place, name)
        yield Value(place, text)


def body_values(body: bytes) -> Iterator[Value]:
    """Yield every text of a JSON document, names included; of another body the whole, and a form's fields."""
    try:
        waiting = [json.loads(body)]
    except (ValueError, RecursionError):
        text = body.decode("utf-8", "replace")
        yield Value("body", text)
        # Django leaves the form of a PUT to the view, which takes no more fields apart than that.
        with suppress(ValueError):
            fields = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MAX_FIELDS)
            yield from pair_values("body", fields)
        return
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            yield Value("body", found)
        elif isinstance(found, dict):
            waiting += [*found.keys(), *found.values()]
        elif isinstance(found, list):
            waiting += found


def _as_text(sent: str) -> str:
    """Return what a gateway handed over byte by byte as the text it was."""
    try:
        return sent.encode("latin-1").decode()
    except UnicodeError:
        return sent
