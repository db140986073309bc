"""A policy and its Q agree: what may not be opened is never listed, and the other way round (A5)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bastide.core.access import (
    All,
    AnyOf,
    FieldIs,
    Has,
    Not,
    Owns,
    Policy,
    Through,
)
from bastide.core.foundation import STRANGER, Principal
from support.django_blog import database_at

STATES = (None, "open", "shut")
PEOPLE = [
    STRANGER,
    Principal(account_id=1),
    Principal(account_id=2, permissions=frozenset({"read"})),
    Principal(account_id=1, is_suspect=True),
]


def leaves(owner: str, state: str) -> st.SearchStrategy[Policy]:
    return st.one_of(
        st.sampled_from(["read", "write"]).map(Has),
        st.just(Owns(owner)),
        st.sampled_from(STATES).map(lambda value: FieldIs(state, value)),
    )


def grown(inner: st.SearchStrategy[Policy]) -> st.SearchStrategy[Policy]:
    parts = st.lists(inner, min_size=0, max_size=3).map(tuple)
    return st.one_of(parts.map(All), parts.map(AnyOf), inner.map(Not))


USERS = st.recursive(leaves("id", "first_name"), grown, max_leaves=4)
POLICIES = st.recursive(
    st.one_of(leaves("user_id", "full_name"), USERS.map(lambda policy: Through("user", policy))),
    grown,
    max_leaves=6,
)


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("policies")
    with database_at(f"sqlite:///{folder / 'policies.sqlite3'}"):
        from blog_django.models import Profile, User

        for number, (name, state) in enumerate(
            (name, state) for name in ("open", "shut") for state in STATES
        ):
            user = User.objects.create(username=f"user{number}", email=f"u{number}@b.org", first_name=name)
            Profile.objects.create(user=user, full_name=state)
        yield Profile.objects


@pytest.mark.asvs("V8.2.2", "V8.3.1")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(policy=POLICIES, principal=st.sampled_from(PEOPLE))
def test_the_filter_lists_exactly_what_the_check_opens(
    profiles: Any, policy: Any, principal: Principal
) -> None:
    from bastide.django.orm.policies import compile_policy

    everything = list(profiles.select_related("user").order_by("pk"))
    opened = [profile.pk for profile in everything if policy.allows(principal, profile)]
    listed = profiles.filter(compile_policy(policy, profiles.model, principal)).order_by("pk")
    assert [profile.pk for profile in listed] == opened
