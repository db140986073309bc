"""Short ways to ask about a request."""

from django.http import HttpRequest

from bastide.core.attempts import Rate
from bastide.core.events import EventKind, Outcome


def record(
    request: HttpRequest,
    kind: EventKind,
    outcome: Outcome = Outcome.SUCCESS,
    *,
    target: str = "",
    **detail: str,
) -> None:
    """Append an event of the caller's to the security log."""
    request.bastide.record(kind, outcome, target=target, **detail)  # type: ignore[attr-defined]  # set by the middleware


def draw_rate(request: HttpRequest, rate: Rate) -> None:
    """Count one use of something costly; see ``Exchange.draw_rate``.

    Raises:
        TooManyRequests: the limit of the period is reached (V2.4.1).
    """
    request.bastide.draw_rate(rate)  # type: ignore[attr-defined]  # set by the middleware
