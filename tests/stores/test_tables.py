"""The tables of accounts on a database that gives numbers out again by itself."""

from pathlib import Path
from typing import Any, ClassVar

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    text,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from bastide.core.foundation import ConfigurationError
from bastide.stores.sql import AccountMixin, security_tables


class Base(DeclarativeBase):
    pass


class Person(AccountMixin, Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)


@pytest.mark.asvs("V8.2.2")
def test_the_number_of_a_deleted_account_is_never_another_s(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'people.sqlite3'}")
    Base.metadata.create_all(engine)

    def add(name: str) -> int:
        with Session(engine) as session, session.begin():
            person = Person(
                username=name, username_key=name, email=f"{name}@x.org", email_key=f"{name}@x.org"
            )
            session.add(person)
            session.flush()
            return person.id

    first = add("maud")
    with Session(engine) as session, session.begin():
        session.execute(delete(Person))
    assert add("tomas") > first
    engine.dispose()


def constraints_of(table: Any) -> list[str]:
    return sorted(str(each.sqltext) for each in table.constraints if isinstance(each, CheckConstraint))


LENGTHS = ["length(email) BETWEEN 3 AND 254", "length(username) BETWEEN 1 AND 30"]


def test_a_user_class_with_table_arguments_of_its_own_keeps_what_accounts_need() -> None:
    class Own(DeclarativeBase):
        metadata = MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"})

    class Member(AccountMixin, Own):
        __tablename__ = "member"
        __table_args__ = (CheckConstraint("length(city) < 50", name="city"), {"comment": "people"})
        id: Mapped[int] = mapped_column(primary_key=True)
        city: Mapped[str]

    table = Member.metadata.tables["member"]
    assert constraints_of(table) == ["length(city) < 50", *LENGTHS]
    assert {str(each.name) for each in table.constraints if isinstance(each, CheckConstraint)} == {
        "ck_member_city", "ck_member_username_length", "ck_member_email_length",
    }  # fmt: skip
    assert table.dialect_kwargs["sqlite_autoincrement"] is True
    assert security_tables(Own.metadata, table).user is table


def test_a_user_class_that_says_the_same_itself_has_each_constraint_once() -> None:
    class Own(DeclarativeBase):
        pass

    class Member(AccountMixin, Own):
        __tablename__ = "member"
        __table_args__ = (CheckConstraint(LENGTHS[1], name="username_length"),)
        id: Mapped[int] = mapped_column(primary_key=True)
        kind: Mapped[str]
        __mapper_args__: ClassVar[dict[str, Any]] = {
            "polymorphic_on": "kind",
            "polymorphic_identity": "member",
        }

    class Guest(Member):
        __mapper_args__: ClassVar[dict[str, Any]] = {"polymorphic_identity": "guest"}

    class Staff(Member):
        __tablename__ = "staff"
        id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
        __mapper_args__: ClassVar[dict[str, Any]] = {"polymorphic_identity": "staff"}

    assert constraints_of(Member.metadata.tables["member"]) == LENGTHS
    assert constraints_of(Member.metadata.tables["staff"]) == []
    assert Guest.metadata is Staff.metadata


@pytest.mark.asvs("V6.3.8")
def test_a_user_class_whose_names_may_repeat_is_refused_by_name() -> None:
    class Own(DeclarativeBase):
        pass

    class Member(AccountMixin, Own):
        __tablename__ = "member"
        id: Mapped[int] = mapped_column(primary_key=True)
        username_key: Mapped[str] = mapped_column(String(60))
        email_key: Mapped[str] = mapped_column(String(300))
        __table_args__ = (Index("own", "email_key", unique=True),)

    with pytest.raises(ConfigurationError, match=r"^member: AccountMixin's username_key must be unique$"):
        security_tables(Own.metadata, Member.metadata.tables["member"])


def test_a_user_table_without_an_account_s_columns_is_refused_by_name() -> None:
    metadata = MetaData()
    table = Table(
        "member",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("username_key", String, unique=True),
    )
    with pytest.raises(
        ConfigurationError, match=r"^member has no column username, username_skeleton, email, "
    ):
        security_tables(metadata, table)


@pytest.mark.asvs("V8.2.2")
def test_numbers_go_on_where_alembic_copies_the_table(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'people.sqlite3'}")
    Base.metadata.create_all(engine)

    def insert(number: int) -> str:
        columns = "username, username_key, username_skeleton, email, email_key"
        return f"INSERT INTO person ({columns}) VALUES ('maud', '{number}', '{number}', 'm@x', '{number}')"

    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        for number in range(3):
            connection.execute(text(insert(number)))
        connection.execute(text("DELETE FROM person WHERE id > 1"))
        with operations.batch_alter_table("person") as batch:
            batch.drop_column("password_hash")
        connection.execute(text(insert(4)))
        assert connection.scalars(text("SELECT id FROM person")).all() == [1, 4]
        with pytest.raises(IntegrityError, match="username_length"):
            connection.execute(text("UPDATE person SET username = ''"))
        with operations.batch_alter_table("person") as batch:
            batch.alter_column("id", type_=BigInteger())
        operations.create_table("plain", Column("id", Integer, primary_key=True), Column("b", String))
        with operations.batch_alter_table("plain") as batch:
            batch.drop_column("b")
        assert "AUTOINCREMENT" not in connection.scalar(
            text("SELECT sql FROM sqlite_master WHERE name = 'plain'")
        )
    engine.dispose()
