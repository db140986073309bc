"""Asks an application as a browser would, without a server: safe pages only, and one that is not there."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from bastide.check.live.answers import NO_PAGE, STRANGE_HOST, STRANGE_ORIGIN, Answer, Asked

LONGEST_SECONDS: Final = 1.2
Ask = Callable[[str, str, str, dict[str, str]], Answer | None]


def ask_all(ask: Ask, paths: list[str], host: str, *, has_proxy: bool) -> Asked:
    """Return the answers; who does not answer, because it needs its database, is left out.

    Args:
        ask: takes scheme, host, path and headers.
        paths: that are safe.
        host: which the application answers under.
        has_proxy: the application is set up to believe one.
    """
    until = time.monotonic() + LONGEST_SECONDS
    origin = {"Origin": STRANGE_ORIGIN}
    answers = [ask("https", host, path, origin) for path in [*paths, NO_PAGE] if time.monotonic() < until]
    first = next((path for path, answer in zip(paths, answers, strict=False) if _is_answer(answer)), NO_PAGE)
    return Asked(
        over_https=tuple(answer for answer in answers if answer is not None),
        over_http=ask("http", host, first, {}),
        under_strange_host=ask("http", STRANGE_HOST, first, {}),
        as_forwarded=None if has_proxy else ask("http", host, first, {"X-Forwarded-Proto": "https"}),
    )


def _is_answer(answer: Answer | None) -> bool:
    return answer is not None and answer.status < 500  # noqa: PLR2004


def asking_flask(app: Any) -> Ask:
    """Return what asks a Flask application through its test client."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def ask(scheme: str, host: str, path: str, headers: dict[str, str]) -> Answer | None:
        with suppress(Exception):
            answer = app.test_client().get(path, base_url=f"{scheme}://{host}", headers=headers)
            return Answer(status=answer.status_code, headers=tuple(answer.headers.items()))
        return None

    return ask


def asking_django() -> Ask:
    """Return what asks the configured project through Django's test client."""
    from django.test import Client  # noqa: PLC0415 -- only where the project is Django's

    def ask(scheme: str, host: str, path: str, headers: dict[str, str]) -> Answer | None:
        with suppress(Exception):
            client = Client(raise_request_exception=False, headers={"Host": host, **headers})
            answer = client.get(path, secure=scheme == "https")
            cookies = [("Set-Cookie", morsel.OutputString()) for morsel in answer.cookies.values()]
            return Answer(status=answer.status_code, headers=(*answer.headers.items(), *cookies))
        return None

    return ask
