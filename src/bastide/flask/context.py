"""Short ways to ask about the request at hand."""

from typing import Any, Literal

from flask import request
from sqlalchemy import ColumnElement

from bastide.core.access import Policy
from bastide.core.attempts import Rate
from bastide.core.inputs import JsonBody
from bastide.core.principal import Principal
from bastide.core.vocabulary import EventKind, Outcome
from bastide.flask.state import current_exchange
from bastide.stores.sql import compile_policy


def principal() -> Principal:
    """Return who acts."""
    return current_exchange().principal


def visible(policy: Policy, model: type[Any]) -> ColumnElement[bool]:
    """Return the SQL condition for the rows that the caller may see (A5)."""
    return compile_policy(policy, model, principal())


def record(kind: EventKind, outcome: Outcome = Outcome.SUCCESS, *, target: str = "", **detail: str) -> None:
    """Append an event of the caller's to the security log."""
    current_exchange().record(kind, outcome, target=target, **detail)


def note_own_value(happened: Literal["shown", "changed"], value: str) -> None:
    """Record that the caller is shown a sealed value of their own in full, or changed it; see ``Reveals``."""
    current_exchange().note_own_value(happened, value)


def json_body(body: JsonBody) -> dict[str, Any]:
    """Return the members of the request's body; see ``JsonBody.parse`` for what is refused."""
    return body.parse(request.get_data(), content_type=request.headers.get("Content-Type"))


def draw_rate(rate: Rate) -> None:
    """Count one use of something costly; see ``Exchange.draw_rate``.

    Raises:
        TooManyRequests: the limit of the period is reached (V2.4.1).
    """
    current_exchange().draw_rate(rate)
