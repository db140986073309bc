"""Short ways to ask about a request."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest

from bastide.core.attempts import Rate
from bastide.core.inputs import JsonBody, require_json, require_plain
from bastide.core.request import Exchange
from bastide.core.security_log import AnyEventKind, Outcome
from bastide.django.connection import ALIAS


def exchange_of(request: HttpRequest) -> Exchange:
    """Return the request's session, principal and what its answer will carry."""
    exchange: Exchange = request.bastide  # type: ignore[attr-defined]  # set by the middleware
    return exchange


def record(
    request: HttpRequest,
    kind: AnyEventKind,
    outcome: Outcome = Outcome.SUCCESS,
    *,
    target: str = "",
    **detail: str,
) -> None:
    """Append an event of the caller's to the security log.

    Args:
        request: the request at hand.
        kind: what happened: one of `EventKind`, or of the application's declared ones.
        outcome: how it ended.
        target: what was acted on (``post:12``).
        detail: short facts, never secrets.

    Raises:
        ConfigurationError: the application did not declare the kind.
    """
    exchange_of(request).record(kind, outcome, target=target, **detail)


def note_reveal(request: HttpRequest, value: str) -> None:
    """Record that the caller is shown a sealed value of their own in full; call it first. See ``Reveals``."""
    exchange_of(request).note_reveal(value)


@contextmanager
def note_change(request: HttpRequest, value: str) -> Iterator[str]:
    """Give the database to change a sealed value of the caller's own in, for ``save(using=…)``.

    What is saved there is kept with its event and notice, or not at all. It is another way to the default
    database, on which the request must have written nothing that waits for its commit.
    """
    with exchange_of(request).note_change(value):
        yield ALIAS


def json_body(request: HttpRequest, body: JsonBody) -> dict[str, Any]:
    """Return the members of the request's body; see ``JsonBody.parse`` for what is refused."""
    content_type = request.headers.get("Content-Type")
    # A body that Django took for a form can no longer be read.
    require_json(content_type)
    require_plain(request.headers.get("Content-Encoding"))
    return body.parse(request.body, content_type=content_type)


def draw_rate(request: HttpRequest, rate: Rate) -> None:
    """Count one use of something costly; see ``Exchange.draw_rate``.

    Raises:
        TooManyRequests: the limit of the period is reached (V2.4.1).
    """
    exchange_of(request).draw_rate(rate)
