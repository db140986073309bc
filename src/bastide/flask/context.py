"""Short ways to ask about the request at hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app, request
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from bastide.core.access import Policy
from bastide.core.attempts import Rate
from bastide.core.foundation import Principal
from bastide.core.inputs import JsonBody, require_plain
from bastide.core.security_log import AnyEventKind, Outcome
from bastide.flask.installed import installed_in
from bastide.flask.state import current_exchange
from bastide.stores.sql import compile_policy


def principal() -> Principal:
    """Return who acts."""
    return current_exchange().principal


def visible(policy: Policy, model: type[Any]) -> ColumnElement[bool]:
    """Return the SQL condition for the rows that the caller may see (A5)."""
    return compile_policy(policy, model, principal())


def record(
    kind: AnyEventKind, outcome: Outcome = Outcome.SUCCESS, *, target: str = "", **detail: str
) -> None:
    """Append an event of the caller's to the security log.

    Args:
        kind: what happened: one of `EventKind`, or of the application's declared ones.
        outcome: how it ended.
        target: what was acted on (``post:12``).
        detail: short facts, never secrets.

    Raises:
        ConfigurationError: the application did not declare the kind.
    """
    current_exchange().record(kind, outcome, target=target, **detail)


def note_reveal(value: str) -> None:
    """Record that the caller is shown a sealed value of their own in full; call it first. See ``Reveals``."""
    current_exchange().note_reveal(value)


@contextmanager
def note_change(value: str) -> Iterator[Session]:
    """Give a session to change a sealed value of the caller's own in: kept with its event and notice, or not.

    It works beside the application's own session, which must have written nothing that waits for its commit.
    """
    database = installed_in(current_app).database
    with current_exchange().note_change(value), database.session() as session:
        yield session


def json_body(body: JsonBody) -> dict[str, Any]:
    """Return the members of the request's body; see ``JsonBody.parse`` for what is refused."""
    require_plain(request.headers.get("Content-Encoding"))
    return body.parse(request.get_data(), content_type=request.headers.get("Content-Type"))


def draw_rate(rate: Rate) -> None:
    """Count one use of something costly; see ``Exchange.draw_rate``.

    Raises:
        TooManyRequests: the limit of the period is reached (V2.4.1).
    """
    current_exchange().draw_rate(rate)
