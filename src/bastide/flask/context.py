"""Short ways to ask about the request at hand."""

from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement

from bastide.core.access import Policy
from bastide.core.attempts import Attempts, Exhausted, Rate
from bastide.core.client import network_of
from bastide.core.events import EventKind, Outcome
from bastide.core.principal import Principal
from bastide.flask.errors import TooManyRequests
from bastide.flask.state import current_state
from bastide.stores.sql import compile_policy


def principal() -> Principal:
    """Return who acts."""
    return current_state().principal


def visible(policy: Policy, model: type[Any]) -> ColumnElement[bool]:
    """Return the SQL condition for the rows that the caller may see (A5)."""
    return compile_policy(policy, model, principal())


def record(kind: EventKind, outcome: Outcome = Outcome.SUCCESS, *, target: str = "", **detail: str) -> None:
    """Append an event of the caller's to the security log."""
    state = current_state()
    active = state.active
    current_app.extensions["bastide"].services.recorder.record(
        kind, outcome, state.client,
        actor=state.principal.account_id, target=target,
        session_digest=b"" if active is None else active.digest, **detail,
    )  # fmt: skip


def draw_rate(rate: Rate) -> None:
    """Count one use of something costly by the caller's account, or network where signed out.

    Raises:
        TooManyRequests: the limit of the period is reached (V2.4.1).
    """
    state = current_state()
    account_id = state.principal.account_id
    subject = f"account:{account_id}" if account_id is not None else network_of(state.client.address)
    attempts: Attempts = current_app.extensions["bastide"].services.attempts
    drawn = attempts.draw_rate(rate, subject=subject)
    if isinstance(drawn, Exhausted):
        record(EventKind.RATE_REFUSED, Outcome.REFUSED, rate=rate.name)
        raise TooManyRequests(drawn.retry_after)
