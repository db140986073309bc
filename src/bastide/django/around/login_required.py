"""Django's middleware that asks everybody to sign in, beside rules that were asked already."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from bastide.core.request import Exchange
from bastide.django.requests.beside import LEFT_TO_VIEW, has_accounts


def install() -> None:
    """Have ``LoginRequiredMiddleware`` leave out views with a rule of Bastide's, which decided before.

    It knows Django's own word for what is open only, and would send strangers away from ``@public``.
    """
    if not has_accounts():
        return
    # Its module asks for the models of accounts.
    from django.contrib.auth.middleware import LoginRequiredMiddleware  # noqa: PLC0415

    middleware: Any = LoginRequiredMiddleware
    if not hasattr(middleware.process_view, "is_spared"):
        middleware.process_view = _spared(middleware.process_view)


def _spared(process_view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(process_view)
    def run(middleware: Any, request: HttpRequest, *arguments: Any, **named: Any) -> Any:
        exchange: Exchange | None = getattr(request, "bastide", None)
        rule = None if exchange is None else exchange.rule
        was_asked = rule is not None and rule is not LEFT_TO_VIEW
        return None if was_asked else process_view(middleware, request, *arguments, **named)

    run.is_spared = True  # type: ignore[attr-defined]  # read above
    return run
