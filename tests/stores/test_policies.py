"""A policy and its SQL agree: what may not be opened is never listed, and the other way round (A5)."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

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
from bastide.stores.sql import compile_policy


class Base(DeclarativeBase):
    pass


class Folder(Base):
    __tablename__ = "folder"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None]
    state: Mapped[str | None]


class Sheet(Base):
    __tablename__ = "sheet"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None]
    state: Mapped[str | None]
    folder_id: Mapped[int | None] = mapped_column(ForeignKey("folder.id"))
    folder: Mapped[Folder | None] = relationship()


OWNERS, STATES = (None, 1, 2), (None, "open", "shut")
PEOPLE = [
    STRANGER,
    Principal(account_id=1),
    Principal(account_id=2, permissions=frozenset({"read"})),
    Principal(account_id=1, is_suspect=True),
]
LEAVES: st.SearchStrategy[Policy] = st.one_of(
    st.sampled_from(["read", "write"]).map(Has),
    st.just(Owns("owner_id")),
    st.sampled_from(STATES).map(lambda state: FieldIs("state", state)),
)


def grown(inner: st.SearchStrategy[Policy]) -> st.SearchStrategy[Policy]:
    parts = st.lists(inner, min_size=0, max_size=3).map(tuple)
    return st.one_of(parts.map(All), parts.map(AnyOf), inner.map(Not))


FOLDER_POLICIES = st.recursive(LEAVES, grown, max_leaves=4)
POLICIES = st.recursive(
    st.one_of(LEAVES, FOLDER_POLICIES.map(lambda policy: Through("folder", policy))), grown, max_leaves=6
)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """Every combination of owner, state and folder, folders that are missing included."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as opened:
        folders = [Folder(owner_id=owner, state=state) for owner in OWNERS for state in STATES]
        for folder in (None, *folders):
            opened.add_all(
                Sheet(owner_id=owner, state=state, folder=folder) for owner in OWNERS for state in STATES
            )
        opened.commit()
        yield opened
    engine.dispose()


@pytest.mark.asvs("V8.2.2", "V8.3.1")
@given(policy=POLICIES, principal=st.sampled_from(PEOPLE))
def test_the_filter_lists_exactly_what_the_check_opens(
    session: Session, policy: Any, principal: Principal
) -> None:
    everything = list(session.scalars(select(Sheet).order_by(Sheet.id)))
    opened = [sheet.id for sheet in everything if policy.allows(principal, sheet)]
    listed = session.scalars(
        select(Sheet.id).where(compile_policy(policy, Sheet, principal)).order_by(Sheet.id)
    )
    assert list(listed) == opened
