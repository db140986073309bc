"""What a view demands, declared on the view; start-up, matrix and log read the same rule.

Decorators stack: each adds to the view's one :class:`~bastide.core.access.Rule`. None of them decides
anything; the guard asks the rule.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, ParamSpec, TypeVar, cast

from bastide.core.access.policies import PROBE, PUBLIC, STATIC, Audience, Rule
from bastide.core.foundation import ConfigurationError

P = ParamSpec("P")
R = TypeVar("R")

RULE_ATTRIBUTE: Final = "__bastide_rule__"


def rule_of(view: Callable[..., Any]) -> Rule | None:
    """Return the rule that the view declares, or None."""
    rule: Rule | None = getattr(view, RULE_ATTRIBUTE, None)
    return rule


def declare(view: Callable[P, R], rule: Rule) -> Callable[P, R]:
    """Return the view under this rule; the view that was handed in keeps its own.

    One function under two addresses has the rule of each.
    """
    if inspect.iscoroutinefunction(view):

        @functools.wraps(view)
        async def ruled(*args: P.args, **kwargs: P.kwargs) -> Any:
            return await view(*args, **kwargs)

    else:

        @functools.wraps(view)
        def ruled(*args: P.args, **kwargs: P.kwargs) -> Any:
            return view(*args, **kwargs)

    setattr(ruled, RULE_ATTRIBUTE, rule)
    return cast("Callable[P, R]", ruled)


def restrict(view: Callable[P, R], **demands: Any) -> Callable[P, R]:
    """Add demands to the view's rule; what inner decorators demand stays.

    Raises:
        ConfigurationError: the view is public.
    """
    found = rule_of(view)
    if any(found is rule for rule in (PUBLIC, PROBE, STATIC)):
        msg = f"{view.__qualname__} is public and restricted at once"
        raise ConfigurationError(msg)
    if (
        found is not None
        and found.permission
        and demands.get("permission", found.permission) != found.permission
    ):
        msg = f"{view.__qualname__} asks for two permissions: make them one, or a policy of both"
        raise ConfigurationError(msg)
    return declare(view, replace(found or Rule(), **demands))


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Let everybody in: the visible opt-out of deny-by-default (A2)."""
    if rule_of(view) is not None:
        msg = f"{view.__qualname__} is public and restricted at once"
        raise ConfigurationError(msg)
    return declare(view, PUBLIC)


def probe(view: Callable[P, R]) -> Callable[P, R]:
    """Let health checks in: under every host, by address, and over plain HTTP (K1).

    The view should answer with a status and nothing else: whoever reaches the port can ask.
    """
    if rule_of(view) is not None:
        msg = f"{view.__qualname__} is for health checks and has another rule at once"
        raise ConfigurationError(msg)
    return declare(view, PROBE)


def static_files(view: Callable[P, R]) -> Callable[P, R]:
    """Let everybody in, and let caches keep the answers: they are the same for everybody.

    An answer that reads the session after all is private all the same.
    """
    if rule_of(view) is not None:
        msg = f"{view.__qualname__} sends static files and has another rule at once"
        raise ConfigurationError(msg)
    return declare(view, STATIC)


def login_required(view: Callable[P, R]) -> Callable[P, R]:
    """Let signed-in people in."""
    return restrict(view, audience=Audience.SIGNED_IN)


def fresh_login_required(view: Callable[P, R]) -> Callable[P, R]:
    """Let people in who showed a factor lately; others are asked to confirm (F5)."""
    return restrict(view, needs_fresh=True)


def permission_required(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let people in who hold the permission."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        return restrict(view, permission=permission)

    return decorate


def for_scripts(view: Callable[P, R]) -> Callable[P, R]:
    """Answer refusals of this view with statuses and problem details, never with a page."""
    return declare(view, replace(rule_of(view) or Rule(), is_api=True))


def api(view: Callable[P, R]) -> Callable[P, R]:
    """Open this view to API tokens besides sessions; refusals are statuses and problem details (T2).

    A token acts with its scopes, as far as its owner still holds them. A policy that asks nothing but
    ``Owns`` is passed by every token of the owner: name a permission, which then is the scope to have.
    """
    return declare(view, replace(rule_of(view) or Rule(), is_api=True, takes_tokens=True))


def takes_files(view: Callable[P, R]) -> Callable[P, R]:
    """Let the requests of this view be as large as one with a file (U2)."""
    return declare(view, replace(rule_of(view) or Rule(), takes_files=True))
