"""Stacked decorators: every demand holds, contradictions stop the start."""

from collections.abc import Callable
from typing import Any

import pytest

from bastide.core.access import Audience, Has, Rule, rule_of
from bastide.core.foundation import ConfigurationError
from bastide.flask import (
    api,
    for_scripts,
    fresh_login_required,
    login_required,
    permission_required,
    policy_required,
    public,
)
from support.rows import rows

MINE = Has("mine")
guarded = policy_required(MINE, object)
open_to_all = policy_required(MINE, object, audience=Audience.EVERYBODY)


def stacked(*decorators: Callable[..., Any]) -> Rule | None:
    """Return the rule of a fresh view under the decorators, the outermost first."""

    def fresh(thing: object) -> str:
        return str(thing)

    decorated: Any = fresh
    for decorator in reversed(decorators):
        decorated = decorator(decorated)
    return rule_of(decorated)


@pytest.mark.asvs("V8.2.1")
@pytest.mark.parametrize("swap", [False, True])
def test_a_policy_keeps_what_inner_decorators_demand(swap: bool) -> None:  # noqa: FBT001
    expected = Rule(permission="x", needs_fresh=True, policy=MINE, visible=MINE)
    order = (fresh_login_required, permission_required("x"), guarded)
    assert stacked(*reversed(order) if swap else order) == expected


def test_signing_in_closes_a_policy_that_was_open_to_all() -> None:
    assert stacked(open_to_all) == Rule(audience=Audience.EVERYBODY, policy=MINE, visible=MINE)
    assert stacked(login_required, open_to_all) == Rule(policy=MINE, visible=MINE)
    assert stacked(for_scripts, public) == Rule(audience=Audience.EVERYBODY, is_api=True)
    assert stacked(api, public) == Rule(audience=Audience.EVERYBODY, is_api=True, takes_tokens=True)


@rows(
    "order",
    [
        (login_required, public),
        (public, login_required),
        (guarded, public),
        (fresh_login_required, public),
        (permission_required("x"), public),
        (fresh_login_required, open_to_all),
    ],
)
def test_contradictions_stop_the_start(order: tuple[Callable[..., Any], ...]) -> None:
    with pytest.raises(ConfigurationError):
        stacked(*order)
