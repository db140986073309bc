"""Django's middleware that asks everybody to sign in, beside rules that were asked already."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from bastide.django.requests.beside import has_accounts
from bastide.django.requests.guards import chosen_view, rule_of


def install() -> None:
    """Have ``LoginRequiredMiddleware`` leave out views whose own rule decided before.

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
    def run(middleware: Any, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        # What a prefix says of somebody else's views leaves them to whoever asks there.
        was_asked = hasattr(request, "bastide") and rule_of(chosen_view(view, request.method)) is not None
        return None if was_asked else process_view(middleware, request, view, args, kwargs)

    run.is_spared = True  # type: ignore[attr-defined]  # read above
    return run
