"""The tables of accounts on a database that gives numbers out again by itself."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from bastide.stores.sql import AccountMixin


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
