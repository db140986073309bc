"""Columns that take what their rule takes, whichever way a value comes in (V3)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, insert, select, text, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from bastide.core.foundation import InvalidInput
from bastide.core.inputs import PHONE, TextRule
from bastide.flask import RuleText, contains, render_item
from support.rows import rows
from support.templates import put_empty_database

BIO = TextRule(field="bio", max_length=40, is_required=False, is_multiline=True, min_words=3)
NAME = TextRule(field="name", max_length=20)
GOOD = "one two three"
CONTROL = "one two\x07 three"


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(RuleText(NAME), default="Zoë")
    bio: Mapped[str | None] = mapped_column(RuleText(BIO, 40))
    phone: Mapped[str | None] = mapped_column(RuleText(PHONE, 20))


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    put_empty_database(database_url)
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Person(id=1, bio=GOOD))
        session.commit()
        yield session
    engine.dispose()


def by_flush(session: Session, **values: Any) -> None:
    session.add(Person(id=2, **values))
    session.flush()


def by_change(session: Session, **values: Any) -> None:
    person = session.get_one(Person, 1)
    for name, value in values.items():
        setattr(person, name, value)
    session.flush()


WAYS: dict[str, Callable[..., object]] = {
    "flush": by_flush,
    "change": by_change,
    "bulk objects": lambda session, **values: session.bulk_save_objects([Person(id=2, **values)]),
    "bulk insert": lambda session, **values: session.bulk_insert_mappings(
        sa.inspect(Person), [{"id": 2, "bio": GOOD}, {"id": 3, **values}]
    ),
    "bulk update": lambda session, **values: session.bulk_update_mappings(
        sa.inspect(Person), [{"id": 1, **values}]
    ),
    "insert": lambda session, **values: session.execute(insert(Person).values(id=2, **values)),
    "many": lambda session, **values: session.execute(insert(Person), [{"id": 2, "name": "Z"} | values] * 2),
    "update": lambda session, **values: session.execute(update(Person).values(**values)),
    "table": lambda session, **values: session.execute(Person.__table__.insert(), [{"id": 2, **values}]),  # type: ignore[attr-defined]
}


@pytest.mark.asvs("V2.2.1", "V2.2.2")
@pytest.mark.parametrize("way", WAYS)
@rows(
    ("field", "value", "code"),
    [
        ("bio", "short", "too_few_words"), ("bio", CONTROL, "control_characters"), ("bio", f"a b {'c' * 40}", "too_long"),
        ("phone", "020 7946", "phone"), ("phone", "+442079460000\n", "line_breaks"), ("name", "", "required"),
        ("name", "Two\nlines", "line_breaks"),
    ],
)  # fmt: skip
def test_no_way_of_writing_takes_what_the_rule_does_not(
    session: Session, way: str, field: str, value: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        WAYS[way](session, **{field: value})
    assert (caught.value.field, caught.value.code) == (field, code)
    assert value == "" or value not in str(caught.value)
    session.rollback()
    assert session.execute(select(Person.id, Person.bio, Person.phone, Person.name)).all() == [
        (1, GOOD, None, "Zoë")
    ]


@pytest.mark.parametrize("way", [way for way in WAYS if way != "many"])
def test_what_the_rule_takes_is_stored_as_it_is(session: Session, way: str) -> None:
    WAYS[way](session, bio=" one\r\ntwo three", phone="+44 20 7946 0000")
    session.expire_all()
    assert (" one\r\ntwo three", "+44 20 7946 0000") in [
        tuple(row) for row in session.execute(select(Person.bio, Person.phone))
    ]
    by_change(session, bio=None, phone="")
    session.expire_all()
    assert session.execute(select(Person.bio, Person.phone).where(Person.id == 1)).one() == (None, "")


def test_what_is_only_compared_meets_no_rule(session: Session) -> None:
    for condition in (
        Person.bio == "x", Person.bio.in_(["x", "\x07"]), contains(Person.bio, "x"), Person.bio < "a",
        Person.bio.like("%x" * 50), Person.phone.startswith("0"), sa.func.lower(Person.bio) == "x",
    ):  # fmt: skip
        assert session.scalars(select(Person).where(condition)).all() == []
    assert session.scalars(select(Person).where(contains(Person.bio, "TWO"))).one().bio == GOOD


def test_migrations_name_the_column_that_the_database_has(session: Session) -> None:
    session.rollback()
    with session.get_bind().connect() as connection:  # type: ignore[union-attr]
        Base.metadata.drop_all(connection)
        context = MigrationContext.configure(connection)
        operations: Any = produce_migrations(context, Base.metadata).upgrade_ops
        written = render_python_code(operations, render_item=render_item)
        for column in ("'name', sa.Text()", "'bio', sa.String(length=40)", "'phone', sa.String(length=20)"):
            assert f"sa.Column({column}, nullable=" in written
        Base.metadata.create_all(connection)
        assert produce_migrations(context, Base.metadata).upgrade_ops.is_empty()  # type: ignore[union-attr]


def test_raw_text_is_the_database_s_own_business(session: Session) -> None:
    session.execute(text("UPDATE person SET bio = 'short'"))
    assert session.scalar(select(Person.bio)) == "short"
