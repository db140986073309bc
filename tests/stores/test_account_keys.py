"""What signs a user in follows whatever the application's own code writes, under whatever names."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import (
    Connection,
    Engine,
    bindparam,
    create_engine,
    func,
    insert,
    literal,
    null,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_in_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_in_sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, synonym

from bastide.core.foundation import ConfigurationError
from bastide.core.records import AccountExists
from bastide.core.request import Stores
from bastide.core.sign_in import Ticket, TicketPurpose
from bastide.stores.sql import Database, ExistingAccountMixin, sql_stores
from bastide.testing.clock import START
from support.rows import rows
from support.stores import LATER, new_account
from support.templates import put_empty_database


class Base(DeclarativeBase):
    pass


class Person(ExistingAccountMixin, Base):
    """Has columns of other names, and one that is called as an account's attribute."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column("person_no", primary_key=True)
    username: Mapped[str] = mapped_column("name")
    name: Mapped[str | None] = mapped_column("username")
    password_hash: Mapped[str | None] = mapped_column("pw_hash")
    city: Mapped[str | None]


class MailBase(DeclarativeBase):
    pass


class Mailbox(ExistingAccountMixin, MailBase):
    """Has an address and no name."""

    __tablename__ = "mailbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    username = synonym("email")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    put_empty_database(database_url)
    made = create_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def stores(engine: Engine) -> Iterator[Stores]:
    database = Database(engine)
    made = sql_stores(database, Person)
    Base.metadata.create_all(engine)
    made.accounts.define_roles({"reader": frozenset()})
    yield made
    database.dispose()


def found(stores: Stores, key: str) -> int | None:
    account = stores.accounts.find_account(key)
    return None if account is None else int(str(account.id))


def kept(engine: Engine) -> list[tuple[str | None, ...]]:
    with engine.connect() as connection:
        asked = text("SELECT username_key, username_skeleton, email_key FROM people ORDER BY person_no")
        return [tuple(row) for row in connection.execute(asked)]


MAUD = ("maud", "rnaud", "maud@x.org")
TABLE: Any = Person.__table__


def flush(session: Session) -> None:
    session.add(Person(username="Maud", email="Maud@x.org"))


INSERTS: dict[str, Callable[[Session], object]] = {
    "flush": flush,
    "bulk_save_objects": lambda session: session.bulk_save_objects([Person(username="Maud", email="Maud@x.org")]),
    "bulk_insert_mappings": lambda session: session.bulk_insert_mappings(
        Person.__mapper__, [{"username": "Maud", "email": "Maud@x.org"}]
    ),
    "ORM statement": lambda session: session.execute(insert(Person).values(username="Maud", email="Maud@x.org")),
    "ORM rows": lambda session: session.execute(insert(Person), [{"username": "Maud", "email": "Maud@x.org"}]),
    "many values": lambda session: session.execute(
        insert(Person).values([{"username": "Maud", "email": "Maud@x.org"}])
    ),
    "Core": lambda session: session.connection().execute(TABLE.insert(), {"name": "Maud", "email": "Maud@x.org"}),
    "literals": lambda session: session.connection().execute(
        TABLE.insert().values(name=literal("Maud"), email=bindparam("to")), {"to": "Maud@x.org"}
    ),
}  # fmt: skip


@pytest.mark.asvs("V6.3.8")
@rows("how", list(INSERTS))
def test_every_insert_has_its_keys(engine: Engine, stores: Stores, how: str) -> None:
    with Session(engine) as session, session.begin():
        session.execute(text("DELETE FROM people"))
        INSERTS[how](session)
    assert kept(engine) == [MAUD]
    with pytest.raises(IntegrityError), Session(engine) as session, session.begin():
        session.add(Person(username="MAUD"))
    assert found(stores, "maud") == found(stores, "maud@x.org") is not None


def set_attribute(session: Session) -> None:
    person = session.scalars(select(Person).where(Person.username == "maud")).one()
    person.username, person.email = "Tomas", "Tomas@x.org"
    session.flush()
    session.refresh(person)
    assert person.username_key == "tomas"


def one(session: Session) -> Any:
    return session.scalars(select(Person.id).where(Person.username == "maud")).one()


NEW = {"username": "Tomas", "email": "Tomas@x.org"}
UPDATES: dict[str, Callable[[Session], object]] = {
    "flush": set_attribute,
    "ORM statement": lambda session: session.execute(
        update(Person).where(Person.username == "maud").values(**NEW)
    ),
    "attributes": lambda session: session.execute(
        update(Person).where(Person.username == "maud")
        .values({Person.username: "Tomas", Person.email: "Tomas@x.org"})
    ),
    "query": lambda session: session.query(Person).filter_by(username="maud").update(dict(NEW)),  # type: ignore[arg-type]
    "ORM rows": lambda session: session.execute(update(Person), [{"id": one(session), **NEW}]),
    "bulk_update_mappings": lambda session: session.bulk_update_mappings(
        Person.__mapper__, [{"id": one(session), **NEW}]
    ),
    "Core": lambda session: session.connection().execute(
        TABLE.update().where(TABLE.c.name == "maud").values(name="Tomas", email="Tomas@x.org")
    ),
    "Core, beside": lambda session: session.connection().execute(
        TABLE.update().where(TABLE.c.name == "maud"), {"name": "Tomas", "email": "Tomas@x.org"}
    ),
    "Core, many": lambda session: session.connection().execute(
        TABLE.update().where(TABLE.c.name == bindparam("old")).values(name=bindparam("new"), email=bindparam("to")),
        [{"old": "maud", "new": "Tomas", "to": "Tomas@x.org"}, {"old": "nobody", "new": "x", "to": "y"}],
    ),
}  # fmt: skip


@pytest.mark.asvs("V6.3.8")
@rows("how", list(UPDATES))
def test_every_rename_signs_in_under_the_new_name_only(engine: Engine, stores: Stores, how: str) -> None:
    with Session(engine) as session, session.begin():
        session.execute(text("DELETE FROM people"))
        session.add(Person(username="maud", email="maud@x.org"))
        session.add(Person(username="olga", email="olga@x.org"))
    with Session(engine) as session, session.begin():
        UPDATES[how](session)
    assert kept(engine) == [("tomas", "tornas", "tomas@x.org"), ("olga", "olga", "olga@x.org")]
    assert found(stores, "maud") is found(stores, "maud@x.org") is None
    assert found(stores, "tomas") == found(stores, "tomas@x.org") is not None
    with pytest.raises(IntegrityError), Session(engine) as session, session.begin():
        session.execute(update(Person).where(Person.username == "olga").values(username="T0mas"))


def test_what_has_no_name_in_it_is_left_alone(engine: Engine, stores: Stores) -> None:
    with Session(engine) as session, session.begin():
        session.add(Person(username="maud", email="maud@x.org"))
    for value, key in (("Ulm", "maud@x.org"), (None, "maud@x.org")):
        with Session(engine) as session, session.begin():
            session.execute(update(Person).values(city=value, name="free"))
        assert kept(engine) == [(*MAUD[:2], key)]
    for nothing in (None, null()):
        with Session(engine) as session, session.begin():
            session.execute(update(Person).values(email=nothing))
        assert kept(engine) == [(*MAUD[:2], None)]
    assert found(stores, "maud") is not None


def copy(connection: Connection) -> None:
    connection.execute(TABLE.insert().from_select(["name"], select(TABLE.c.name + "x")))


def upsert(connection: Connection) -> None:
    make = insert_in_sqlite if connection.dialect.name == "sqlite" else insert_in_postgresql
    put = make(TABLE).values(person_no=1, name="maud")
    connection.execute(
        put.on_conflict_do_update(index_elements=["person_no"], set_={"name": put.excluded.name})
    )


@rows(
    "write",
    [
        copy, upsert,
        lambda connection: connection.execute(TABLE.update().values(name=func.lower(TABLE.c.name))),
        lambda connection: connection.execute(TABLE.update().values(email=TABLE.c.name + "@x.org")),
        lambda connection: connection.execute(TABLE.insert().values(name=func.lower("MAUD"))),
        lambda connection: connection.execute(TABLE.insert().values([{"name": func.lower("MAUD")}])),
    ],
)  # fmt: skip
def test_a_name_that_the_database_computes_is_refused(
    engine: Engine, stores: Stores, write: Callable[[Connection], None]
) -> None:
    assert stores
    with engine.begin() as connection, pytest.raises(ConfigurationError, match="set to an expression"):
        write(connection)


def test_other_tables_and_plain_sql_go_on(engine: Engine, stores: Stores) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO people (name, is_active) VALUES ('maud', true)"))
        connection.execute(text("UPDATE people SET name = 'tomas'"))
    assert kept(engine) == [(None, None, None)]
    assert stores.identities.count_without_keys(limit=9) == 1


def test_accounts_live_in_columns_of_other_names(engine: Engine, stores: Stores) -> None:
    account_id = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    assert kept(engine) == [("maud", "rnaud", "maud@example.org")]
    with engine.connect() as connection:
        columns = "person_no, name, username, email, pw_hash"
        row = connection.execute(text(f"SELECT {columns} FROM people")).one()
    assert tuple(row) == (account_id, "maud", None, "maud@example.org", "hash")
    assert stores.accounts.replace_password_hash(account_id, old_hash="hash", new_hash="new")
    ((account,), _) = stores.accounts.list_accounts(search="MAUD", offset=0, limit=9)
    assert (account.id, account.username, account.password_hash) == (account_id, "maud", "new")
    assert stores.accounts.set_active(account_id, is_active=False)
    with pytest.raises(AccountExists):
        stores.accounts.add_account(new_account(), ticket_digest=None, now=START)


def test_where_the_address_is_the_name_both_change_together(engine: Engine) -> None:
    database = Database(engine)
    stores = sql_stores(database, Mailbox)
    MailBase.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add(Mailbox(email="Maud@x.org"))
    account = stores.accounts.find_account("maud@x.org")
    assert account is not None
    assert account.username == account.email == "Maud@x.org"
    ticket = Ticket(
        digest=b"t" * 32, purpose=TicketPurpose.EMAIL_CHANGE, subject="a", facts={}, expires_at=LATER
    )
    stores.tickets.put_ticket(ticket)
    stores.accounts.change_email(
        account.id, ticket_digest=ticket.digest, email="New@x.org", email_key="new@x.org", now=START
    )
    assert stores.accounts.find_account("maud@x.org") is None
    (user,) = stores.identities.list_users(after=None, limit=9)
    assert user.keys.values() == ("new@x.org", "new@x.org", "new@x.org")
    stores.accounts.define_roles({"reader": frozenset()})
    stores.accounts.add_account(new_account("tomas"), ticket_digest=None, now=START)
    made = stores.accounts.find_account("tomas@example.org")
    assert made is not None
    assert made.username == made.email == "tomas@example.org"
    database.dispose()


@pytest.mark.asvs("V6.3.8")
def test_nobody_signs_up_as_a_user_who_is_not_taken_up_yet(engine: Engine, stores: Stores) -> None:
    with engine.begin() as connection:
        put = "INSERT INTO people (name, email, is_active) VALUES ('Maud', 'Maud@Example.org', true)"
        connection.execute(text(put))
    tickets = [
        Ticket(digest=bytes([n]) * 32, purpose=TicketPurpose.REGISTRATION, subject=str(n), facts={}, expires_at=LATER)
        for n in range(2)
    ]  # fmt: skip
    for ticket, new, field in (
        (tickets[0], replace(new_account("maud"), email="m@x.org", email_key="m@x.org"), "username"),
        (tickets[1], replace(new_account("maud"), username="tomas", username_key="tomas"), "email"),
    ):
        stores.tickets.put_ticket(ticket)
        with pytest.raises(AccountExists) as caught:
            stores.accounts.add_account(new, ticket_digest=ticket.digest, now=START)
        assert caught.value.field == field
        kept = stores.tickets.get_ticket(ticket.digest, purpose=TicketPurpose.REGISTRATION, now=START)
        assert kept is not None
    stores.accounts.add_account(new_account("tomas"), ticket_digest=None, now=START)
