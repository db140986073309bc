"""Policies, rules of routes and field rights."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.access import (
    PUBLIC,
    All,
    AnyOf,
    Audience,
    FieldIs,
    Has,
    Not,
    Owns,
    Policy,
    Rule,
    Through,
    WriteRules,
)
from bastide.core.access.policies import describe_policy
from bastide.core.foundation import ALLOWED, STRANGER, ConfigurationError, DenialReason, Denied, Principal
from support.rows import rows

AUTHOR = Principal(account_id=1, name="maud", permissions=frozenset({"write"}), is_fresh=True)
ADMIN = Principal(account_id=2, name="boss", permissions=frozenset({"admin_access"}))
SUSPECT = Principal(account_id=1, name="maud", is_suspect=True)


@dataclass
class Thing:
    author_id: int | None = 1
    status: str | None = "draft"
    parent: Any = None


@pytest.mark.asvs("V8.3.1")
def test_nobody_owns_an_ownerless_thing() -> None:
    owns = Owns("author_id")
    assert owns.allows(AUTHOR, Thing())
    assert not owns.allows(ADMIN, Thing())
    assert not owns.allows(STRANGER, Thing(author_id=None))
    assert not owns.allows(AUTHOR, Thing(author_id=None))
    assert not owns.allows(SUSPECT, Thing())


def test_permissions_are_whole_words() -> None:
    sly = Principal(account_id=3, permissions=frozenset({"no_admin_access_ever"}))
    assert Has("admin_access").allows(ADMIN, None)
    assert not Has("admin_access").allows(sly, None)
    assert not STRANGER.has("admin_access")


def test_relations_lead_to_the_related_thing() -> None:
    through = Through("parent", Owns("author_id"))
    assert through.allows(AUTHOR, Thing(author_id=9, parent=Thing()))
    assert not through.allows(AUTHOR, Thing(parent=Thing(author_id=9)))
    assert not through.allows(AUTHOR, Thing(parent=None))


policies = st.recursive(
    st.sampled_from([Has("write"), Owns("author_id"), FieldIs("status", "published")]),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=1, max_size=3).map(tuple).map(All),
        st.lists(inner, min_size=1, max_size=3).map(tuple).map(AnyOf),
    ),
    max_leaves=6,
)


@given(
    left=policies,
    right=policies,
    thing=st.builds(Thing, st.sampled_from([None, 1, 2]), st.sampled_from([None, "draft", "published"])),
)
def test_policies_combine_like_logic(left: Policy, right: Policy, thing: Thing) -> None:
    for person in (STRANGER, AUTHOR, ADMIN):
        one, two = left.allows(person, thing), right.allows(person, thing)
        assert (left & right).allows(person, thing) == (one and two)
        assert (left | right).allows(person, thing) == (one or two)
        assert (~left).allows(person, thing) == (not one)


def test_policies_read_as_written() -> None:
    policy = (Owns("author_id") & ~Has("banned")) | Through("post", FieldIs("status", "published"))
    assert describe_policy(policy) == "((owns(author_id) & ~has(banned)) | post.status=published)"


@pytest.mark.asvs("V8.2.1")
@rows(
    ("rule", "person", "reason"),
    [
        (PUBLIC, STRANGER, None), (PUBLIC, SUSPECT, None), (Rule(), AUTHOR, None), (Rule(permission="write"), AUTHOR, None),
        (Rule(needs_fresh=True), AUTHOR, None), (Rule(audience=Audience.SUSPECT_TOO), SUSPECT, None),
        (Rule(), STRANGER, DenialReason.SIGN_IN_REQUIRED), (Rule(audience=Audience.SUSPECT_TOO), STRANGER, DenialReason.SIGN_IN_REQUIRED),
        (Rule(), SUSPECT, DenialReason.CONFIRMATION_REQUIRED), (Rule(permission="write"), ADMIN, DenialReason.FORBIDDEN),
        (Rule(needs_fresh=True), ADMIN, DenialReason.CONFIRMATION_REQUIRED),
        (Rule(permission="x", needs_fresh=True), ADMIN, DenialReason.FORBIDDEN),
    ],
)  # fmt: skip
def test_routes_decide_before_any_object(rule: Rule, person: Principal, reason: DenialReason | None) -> None:
    assert rule.decide(person) == (ALLOWED if reason is None else Denied(reason))


@pytest.mark.asvs("V8.2.2")
def test_objects_that_may_not_be_known_do_not_exist() -> None:
    rule = Rule(policy=Has("write"), visible=FieldIs("status", "published"))
    seen, hidden = Thing(status="published"), Thing()
    assert rule.decide_object(AUTHOR, seen) == ALLOWED
    assert rule.decide_object(ADMIN, seen) == Denied(DenialReason.FORBIDDEN)
    assert rule.decide_object(STRANGER, seen) == Denied(DenialReason.SIGN_IN_REQUIRED)
    assert rule.decide_object(SUSPECT, seen) == Denied(DenialReason.CONFIRMATION_REQUIRED)
    assert rule.decide_object(AUTHOR, hidden) == Denied(DenialReason.HIDDEN)
    assert Rule().decide_object(AUTHOR, hidden) == ALLOWED


def test_rules_read_as_written_and_contradictions_stop_the_start() -> None:
    rule = Rule(permission="write", policy=Owns("a"), visible=Has("b"), needs_fresh=True)
    assert rule.describe() == "signed_in, has write, sees has(b), passes owns(a), fresh factor"
    assert PUBLIC.describe() == "everybody"
    for bad in ({"permission": "x"}, {"needs_fresh": True}):
        with pytest.raises(ConfigurationError):
            Rule(audience=Audience.EVERYBODY, **bad)  # type: ignore[arg-type]


@pytest.mark.asvs("V8.2.3", "V15.3.3")
def test_fields_are_written_all_or_none() -> None:
    rules = WriteRules({"status": Owns("author_id"), "author_id": Has("admin_access")})
    thing = Thing()
    assert rules.writable_fields(AUTHOR, thing) == {"status"}
    assert rules.apply(AUTHOR, thing, {"status": "published", "author_id": 5}) == Denied(
        DenialReason.FORBIDDEN
    )
    assert thing == Thing()
    assert rules.apply(AUTHOR, thing, {"status": "published", "author_id": 1}) == ALLOWED
    assert thing == Thing(status="published")
    assert not rules.apply(AUTHOR, thing, {"parent": 1})
    assert replace(AUTHOR, account_id=None).is_signed_in is False
