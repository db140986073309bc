"""Rules declared on views: decorators stack, and no view is public and restricted at once."""

import asyncio
import inspect
from dataclasses import replace

import pytest

from bastide.core.access import (
    PROBE,
    PUBLIC,
    STATIC,
    Audience,
    Owns,
    Rule,
    api,
    for_scripts,
    fresh_login_required,
    login_required,
    permission_required,
    probe,
    public,
    rule_of,
    static_files,
    takes_files,
)
from bastide.core.foundation import ConfigurationError


def view() -> str:
    return "seen"


def test_a_view_without_a_decorator_has_no_rule() -> None:
    assert rule_of(lambda: "") is None


@pytest.mark.asvs("V8.3.1")
def test_every_demand_of_a_stack_is_kept() -> None:
    def edit() -> str:
        return view()

    stacked = for_scripts(fresh_login_required(permission_required("write")(login_required(edit))))
    assert rule_of(stacked) == Rule(
        audience=Audience.SIGNED_IN, permission="write", needs_fresh=True, is_api=True
    )
    assert stacked() == "seen"


def test_public_is_the_visible_opt_out_and_stands_alone() -> None:
    def index() -> str:
        return view()

    assert rule_of(public(index)) is PUBLIC
    with pytest.raises(ConfigurationError, match="public and restricted"):
        login_required(public(index))
    with pytest.raises(ConfigurationError, match="public and restricted"):
        public(login_required(lambda: ""))


def test_two_permissions_on_one_view_stop_the_start() -> None:
    def edit() -> str:
        return view()

    with pytest.raises(ConfigurationError, match="two permissions"):
        permission_required("a")(permission_required("b")(edit))


def test_tokens_are_let_in_where_a_view_says_so_and_never_to_what_wants_a_fresh_factor() -> None:
    rule = rule_of(api(permission_required("write")(lambda: None)))
    assert rule == Rule(audience=Audience.SIGNED_IN, permission="write", is_api=True, takes_tokens=True)
    assert rule.describe().endswith("takes API tokens")
    assert rule_of(for_scripts(lambda: None)) == Rule(is_api=True)
    with pytest.raises(ConfigurationError, match="takes API tokens"):
        api(fresh_login_required(lambda: None))


def test_a_view_that_takes_files_says_so() -> None:
    rule = rule_of(takes_files(login_required(lambda: None)))
    assert rule == Rule(audience=Audience.SIGNED_IN, takes_files=True)
    assert rule.describe().endswith("takes files")


@pytest.mark.asvs("V8.2.1")
def test_files_are_taken_from_people_who_are_signed_in() -> None:
    for rule in (
        PUBLIC,
        Rule(audience=Audience.EVERYBODY, policy=Owns("author_id")),
        Rule(audience=Audience.SUSPECT_TOO),
    ):
        with pytest.raises(ConfigurationError, match="takes files"):
            replace(rule, takes_files=True)
    with pytest.raises(ConfigurationError, match="takes files"):
        takes_files(public(lambda: ""))
    with pytest.raises(ConfigurationError, match="public and restricted"):
        public(takes_files(lambda: ""))


@pytest.mark.asvs("V8.3.1")
def test_one_function_under_two_addresses_has_the_rule_of_each() -> None:
    def report() -> str:
        return "report"

    opened, shut, by_token = public(report), permission_required("audit")(report), api(report)
    assert rule_of(report) is None
    assert rule_of(opened) is PUBLIC
    assert rule_of(shut) == Rule(permission="audit")
    assert rule_of(by_token) == Rule(is_api=True, takes_tokens=True)
    assert {view() for view in (opened, shut, by_token)} == {"report"}


def test_a_coroutine_stays_one() -> None:
    async def report() -> str:
        return "report"

    ruled = login_required(report)
    assert inspect.iscoroutinefunction(ruled)
    assert asyncio.run(ruled()) == "report"


def test_health_checks_have_a_rule_of_their_own() -> None:
    rule = rule_of(probe(lambda: ""))
    assert rule is PROBE
    assert rule.describe() == "everybody, any host, plain HTTP"
    with pytest.raises(ConfigurationError, match="health checks"):
        probe(login_required(lambda: ""))
    with pytest.raises(ConfigurationError, match="public and restricted"):
        permission_required("audit")(probe(lambda: ""))
    with pytest.raises(ConfigurationError, match="health checks"):
        Rule(is_probe=True)


def test_static_files_are_everybody_s_and_nobody_s_secret() -> None:
    rule = rule_of(static_files(lambda: ""))
    assert rule is STATIC
    with pytest.raises(ConfigurationError, match="static files"):
        static_files(login_required(lambda: ""))
    with pytest.raises(ConfigurationError, match="public and restricted"):
        login_required(static_files(lambda: ""))
    with pytest.raises(ConfigurationError, match="the same for everybody"):
        Rule(is_static=True)
