"""Encrypted columns of SQLAlchemy, attacked from the application's side and from the database's."""

import pickle
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    FetchedValue,
    ForeignKey,
    LargeBinary,
    MetaData,
    bindparam,
    create_engine,
    delete,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    aliased,
    load_only,
    mapped_column,
    relationship,
    undefer,
)

from bastide.core.encryption import ColumnKeys, KeyRing, LiveRing, Sealed
from bastide.core.foundation import ConfigurationError, EncryptionRefused, InvalidInput, SealBroken
from bastide.core.inputs import PHONE
from bastide.stores.sql import EncryptedBytes, EncryptedText, use_keys
from bastide.stores.sql.dialects import insert_for
from bastide.testing import SeededEntropy
from support.checks import without_checks
from support.rows import rows
from support.templates import put_empty_database

RING = KeyRing({1: b"a" * 32, 2: b"b" * 32}, b"i" * 32)
PLANTED = "078-05-1120 is planted"


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped["File"] = relationship(back_populates="person")


class File(Base):
    __tablename__ = "file"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    secret: Mapped[str | None] = mapped_column(EncryptedText(row="person_id", blind_index="secret_index"))
    secret_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    other: Mapped[str | None] = mapped_column(EncryptedText(row="person_id"))
    phone: Mapped[str | None] = mapped_column(
        EncryptedText(row="person_id", blind_index="phone_index", rule=PHONE)
    )
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    note: Mapped[str | None]
    person: Mapped[Person] = relationship(back_populates="file")

    @hybrid_property
    def hidden(self) -> str | None:
        return self.secret

    @hidden.update_expression  # type: ignore[no-redef,misc]  # the way of hybrids
    @classmethod
    def hidden(cls, value: Any) -> Any:
        return [(cls.secret, value)]


TABLE = File.__table__
UNSYNCHRONISED = {"synchronize_session": False}


class Scan(Base):
    __tablename__ = "scan"
    id: Mapped[int] = mapped_column(primary_key=True)
    row_key: Mapped[UUID] = mapped_column(unique=True)
    image: Mapped[bytes] = mapped_column(EncryptedBytes(row="row_key"), deferred=True)


def keys(ring: KeyRing = RING) -> ColumnKeys:
    return ColumnKeys(LiveRing(ring), entropy=SeededEntropy())


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    use_keys(Base.metadata, keys())
    put_empty_database(database_url)
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Person(id=number) for number in range(1, 6))
        session.commit()
        yield session
    engine.dispose()


def add(session: Session, person_id: int = 1, **values: Any) -> File:
    file = File(person_id=person_id, **values)
    session.add(file)
    session.commit()
    return file


def upsert(session: Session, values: dict[Any, Any]) -> None:
    add_row = insert_for(session.get_bind())(TABLE).values(person_id=1, note="x")  # type: ignore[arg-type]  # an engine
    session.execute(add_row.on_conflict_do_update(index_elements=["person_id"], set_=values))


def stored(session: Session, column: str = "secret", person_id: int = 1) -> bytes:
    row = (
        session.connection().exec_driver_sql(f"SELECT {column} FROM file WHERE person_id = {person_id}").one()
    )
    return bytes(row[0])


def put(session: Session, value: bytes, column: str = "secret", person_id: int = 1) -> None:
    session.execute(
        text(f"UPDATE file SET {column} = :value WHERE person_id = {person_id}"), {"value": value}
    )
    session.commit()


def plant(session: Session, value: bytes) -> None:
    """Put it into a table that was made without the database's own check."""
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    with without_checks(connection.exec_driver_sql, "file", is_sqlite=is_sqlite):
        session.execute(text("UPDATE file SET secret = :value WHERE person_id = 1"), {"value": value})
    session.commit()


@pytest.mark.asvs("V11.3.2", "V14.2.4")
def test_a_value_is_plain_in_memory_sealed_in_the_database_and_comes_back(session: Session) -> None:
    file = add(session, secret=PLANTED, other="Zoë")
    assert (file.secret, file.other, file.phone) == (PLANTED, "Zoë", None)
    assert PLANTED.encode() not in stored(session)
    assert stored(session)[:3] == b"\x01\x00\x02"
    assert len(stored(session)) == len(PLANTED) + 31
    file.secret = "changed"
    assert file.secret == "changed"
    session.commit()
    assert (file.secret, file.other) == ("changed", "Zoë")
    file.secret = None
    session.commit()
    session.expunge_all()
    again = session.get_one(File, 1)
    assert (again.secret, again.secret_index, again.other) == (None, None, "Zoë")


def test_reading_changes_nothing_and_rolling_back_restores(session: Session) -> None:
    file = add(session, secret=PLANTED, other="other")
    before = stored(session)
    assert file.secret == PLANTED
    assert not session.is_modified(file)
    file.note = "an update of another column"
    session.commit()
    assert stored(session) == before
    file.secret = "never kept"
    session.rollback()
    assert file.secret == PLANTED


def test_a_relationship_brings_the_row_and_a_row_key_is_drawn(session: Session) -> None:
    session.add(Person(id=9, file=File(secret="by relationship")))
    scan = Scan(image=b"\x00\xff")
    given_key = Scan(image=b"one's own", row_key=UUID(int=5))
    session.add_all([scan, given_key])
    session.commit()
    assert session.get_one(File, 9).secret == "by relationship"
    assert scan.row_key.version == 4
    assert (scan.image, given_key.image) == (b"\x00\xff", b"one's own")
    assert given_key.row_key == UUID(int=5)


def test_values_are_loaded_late_refreshed_merged_and_copied(session: Session) -> None:
    add(session, secret=PLANTED, other="other")
    session.expunge_all()
    (light,) = session.scalars(select(File).options(load_only(File.note)))
    assert light.secret == PLANTED
    session.refresh(light)
    assert light.secret == PLANTED
    session.expunge_all()
    loaded = session.get_one(File, 1)
    session.expunge(loaded)
    merged = session.merge(loaded)
    session.commit()
    assert merged.secret == PLANTED
    copy = File(person_id=2, secret=None, other=merged.other)
    session.add(copy)
    session.commit()
    assert copy.other == "other"
    session.add(Scan(image=b"x"))
    session.commit()
    session.expunge_all()
    assert session.scalars(select(Scan).options(undefer(Scan.image))).one().image == b"x"
    frozen = pickle.loads(pickle.dumps(session.get_one(File, 1)))  # noqa: S301 -- our own
    assert frozen.secret == PLANTED


@pytest.mark.asvs("V11.3.3", "V14.2.4")
@rows(
    "write",
    [
        lambda session: session.execute(insert(File).values(person_id=2, secret=PLANTED)),
        lambda session: session.execute(insert(File), [{"person_id": 2, "secret": PLANTED}]),
        lambda session: session.execute(insert(File.__table__).values(person_id=2, secret=PLANTED)),
        lambda session: session.execute(update(File).values(secret=PLANTED)),
        lambda session: session.execute(update(File), [{"person_id": 1, "secret": PLANTED}]),
        lambda session: session.execute(update(File).values(secret=PLANTED.encode())),
        lambda session: session.bulk_insert_mappings(File, [{"person_id": 2, "secret": PLANTED}]),
        lambda session: session.bulk_save_objects([File(person_id=2, secret=PLANTED)]),
        lambda session: session.execute(delete(File).where(File.other.in_([PLANTED]))),
        *(
            partial(lambda statement, session: session.execute(statement()), statement)
            for statement in (
                lambda: update(TABLE).values(secret=literal(PLANTED)),
                lambda: update(TABLE).values(secret=func.lower(PLANTED)),
                lambda: update(TABLE).values({TABLE.c.secret: TABLE.c.note}),
                lambda: update(TABLE).ordered_values((TABLE.c.note, "x"), (TABLE.c.secret, TABLE.c.note)),
                lambda: update(TABLE).values(secret=type_coerce(PLANTED, LargeBinary)),
                lambda: update(TABLE).values(secret=bindparam("planted", PLANTED)),
                lambda: update(TABLE).values(secret=select(func.lower(PLANTED)).scalar_subquery()),
                lambda: update(File).values(secret=literal(PLANTED)).execution_options(**UNSYNCHRONISED),
                lambda: update(File).values({File.secret: File.note}).execution_options(**UNSYNCHRONISED),
                lambda: update(File).values(hidden=func.lower(PLANTED)).execution_options(**UNSYNCHRONISED),
                lambda: insert(TABLE).values(person_id=2, secret=literal(PLANTED)),
                lambda: insert(TABLE).values(
                    [{"person_id": 2, "secret": None}, {"person_id": 3, "secret": literal(PLANTED)}]
                ),
                lambda: insert(TABLE).from_select(
                    ["person_id", "secret"], select(literal(2), literal(PLANTED))
                ),
                lambda: insert(File).values(person_id=2, secret=func.lower(PLANTED)),
                lambda: select(update(TABLE).values(secret=TABLE.c.note).returning(TABLE.c.person_id).cte()),
            )
        ),
        lambda session: session.execute(insert(File), [{"person_id": 2, "secret": func.lower(PLANTED)}]),
        lambda session: session.bulk_update_mappings(File, [{"person_id": 1, "secret": func.lower(PLANTED)}]),
        lambda session: upsert(session, {"secret": PLANTED}),
        lambda session: upsert(session, {"secret": func.lower(PLANTED)}),
        lambda session: upsert(session, {TABLE.c.secret: TABLE.c.note}),
    ],
)
def test_plain_text_in_a_statement_is_refused_and_not_quoted(
    session: Session, write: Callable[[Session], object]
) -> None:
    assert session.get(File, 1) or add(session, secret="kept")
    with pytest.raises(EncryptionRefused) as raised:
        write(session)
    assert PLANTED not in f"{raised.value!r} {raised.value.__cause__!r} {raised.value.__context__!r}"
    session.rollback()
    assert session.get_one(File, 1).secret == "kept"
    assert session.get(File, 2) is None


@pytest.mark.asvs("V14.2.4")
@rows("value", [PLANTED.encode(), b"", b"\x01" * 30, b"\x02" * 31])
def test_the_database_refuses_what_is_not_sealed(session: Session, value: bytes) -> None:
    assert session.get(File, 1) or add(session, secret="kept")
    with pytest.raises(IntegrityError, match="secret_sealed"):
        put(session, value)
    session.rollback()
    if session.connection().dialect.name == "sqlite":
        with pytest.raises(IntegrityError, match="secret_sealed"):
            put(session, "\x01" + "text in a column of bytes".ljust(31))  # type: ignore[arg-type]  # the attack
        session.rollback()
    put(session, b"\x01" * 31)


def test_a_table_says_once_what_is_sealed(session: Session) -> None:
    copied, engine = MetaData(), session.get_bind()
    for table in Base.metadata.sorted_tables:
        table.to_metadata(copied)
    session.commit()
    for metadata in (Base.metadata, copied):
        metadata.drop_all(engine)
        metadata.create_all(engine)
        names = [constraint["name"] for constraint in inspect(engine).get_check_constraints("file")]
        assert sorted(map(str, names)) == ["other_sealed", "phone_sealed", "secret_sealed"]


@rows(
    "default",
    [{"default": "x"}, {"server_default": "x"}, {"onupdate": "x"}, {"server_onupdate": FetchedValue()}],
)
def test_a_default_is_refused(default: dict[str, Any]) -> None:
    class Own(DeclarativeBase):
        pass

    class Thing(Own):
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        secret: Mapped[str] = mapped_column(EncryptedText(row="id"), **default)

    with pytest.raises(ConfigurationError, match="a default would be stored as it is"):
        Thing()
    Own.registry.dispose()


@pytest.mark.asvs("V11.3.3")
def test_what_somebody_put_into_the_database_is_refused_loudly(session: Session) -> None:
    file = add(session, secret=PLANTED, other=PLANTED)
    add(session, 2, secret="of another row")
    foreign = ColumnKeys(LiveRing(KeyRing({2: b"z" * 32})), entropy=SeededEntropy()).sealer("file", "secret")
    unknown = ColumnKeys(LiveRing(KeyRing({9: b"a" * 32})), entropy=SeededEntropy()).sealer("file", "secret")
    for value, reason in (
        (PLANTED.encode(), "not_sealed"), (b"", "not_sealed"), (stored(session)[:30], "not_sealed"),
        (stored(session)[:-1], "changed"), (stored(session, "secret", 2), "changed"),
        (stored(session, "other"), "changed"), (foreign.seal(b"x", row=1), "changed"),
        (unknown.seal(b"x", row=1), "unknown_key"),
    ):  # fmt: skip
        plant(session, value)
        for _ in range(2):
            with pytest.raises(SealBroken) as raised:
                file.secret  # noqa: B018 -- reading is the attack
            assert (raised.value.place, raised.value.reason) == ("file.secret:1", reason)
            assert PLANTED not in str(raised.value)
        # What nobody reads breaks nothing, and is not lost by another change.
        file.note = reason
        session.commit()
        assert stored(session) == value


@pytest.mark.asvs("V11.3.3")
@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_every_flipped_byte_is_refused(session: Session, data: st.DataObject) -> None:
    file = session.get(File, 1) or add(session, secret=PLANTED)
    good = stored(session)
    position, change = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(1, 255))
    plant(session, bytes(byte ^ change if place == position else byte for place, byte in enumerate(good)))
    with pytest.raises(SealBroken):
        file.secret  # noqa: B018
    plant(session, good)
    assert file.secret == PLANTED


@pytest.mark.asvs("V11.3.3")
def test_a_sealed_row_keeps_its_identity(session: Session) -> None:
    file = add(session, secret=PLANTED)
    file.person_id = 3
    # What is read before the flush is still what is stored.
    assert file.secret == PLANTED
    with pytest.raises(EncryptionRefused):
        session.commit()
    session.rollback()
    file.person_id = 1
    file.note = "assigned, not changed"
    session.commit()
    # A value that is smuggled in sealed opens for its own row only.
    add(session, 2, note="thief")
    thief = session.get_one(File, 2)
    thief.other = Sealed(stored(session))
    with pytest.raises(SealBroken):
        session.commit()
    session.rollback()
    session.add(Scan(image=b"x"))
    session.commit()


def test_a_row_without_an_identity_is_not_sealed(session: Session) -> None:
    session.add(File(secret=PLANTED))
    with pytest.raises(EncryptionRefused, match="person_id is not known before the insert"):
        session.commit()


@pytest.mark.asvs("V14.2.4")
def test_the_blind_index_finds_and_keeps_unique(session: Session) -> None:
    file = add(session, secret=PLANTED, phone="+44 20 7946 0000")
    add(session, 2, secret="another", phone="+442079460000")
    assert file.phone == "+442079460000"
    other = aliased(File)
    for condition in (
        File.secret == PLANTED, File.secret.in_([PLANTED, "nobody's"]), File.secret != "another",
        File.secret.not_in(["another"]),
    ):  # fmt: skip
        assert list(session.scalars(select(File.person_id).where(condition))) == [1]
    assert list(session.scalars(select(other.person_id).where(other.secret == "another"))) == [2]
    empty = select(File.person_id).where(File.other.is_(None), File.secret.is_not(None))
    assert list(session.scalars(empty)) == [1, 2]
    phones = select(File.person_id).where(File.phone == "+44 (0)20 7946 0000").order_by(File.person_id)
    assert list(session.scalars(phones)) == [1, 2]
    assert list(session.scalars(select(File.person_id).filter_by(phone="+44 20 79460000"))) == [1, 2]
    with pytest.raises(IntegrityError) as raised:
        add(session, 3, secret=PLANTED)
    assert PLANTED not in str(raised.value)
    session.rollback()
    # Another key seals; what is unique stays unique, and is found.
    use_keys(Base.metadata, keys(KeyRing({2: b"b" * 32, 3: b"c" * 32}, b"i" * 32)))
    assert session.scalars(select(File).where(File.secret == PLANTED)).one().secret == PLANTED
    with pytest.raises(IntegrityError):
        add(session, 3, secret=PLANTED)
    session.rollback()


@rows(
    "compare",
    [
        lambda: File.other == "no index", lambda: File.secret.like("078%"), lambda: File.secret > "0",
        lambda: File.secret.contains("078"), lambda: File.secret == File.other, lambda: File.secret + "x",
        lambda: File.secret.in_(select(File.other)), lambda: -File.secret, lambda: File.secret == 7,
        lambda: File.secret == b"bytes", lambda: File.secret == func.lower("x"),
    ],
)  # fmt: skip
def test_any_other_comparison_is_refused(session: Session, compare: Callable[[], object]) -> None:
    with pytest.raises(EncryptionRefused):
        compare()


def test_the_index_is_filled_by_nobody_else(session: Session) -> None:
    file = add(session, secret=PLANTED)
    file.secret_index = b"x" * 32
    with pytest.raises(EncryptionRefused, match="secret_index"):
        session.commit()
    session.rollback()
    file.secret, file.secret_index = "new", b"x" * 32
    session.commit()
    assert session.scalars(select(File).where(File.secret == "new")).one() is file


@pytest.mark.asvs("V14.2.4")
@rows(
    "write",
    [
        lambda session: session.execute(update(File).values(secret_index=b"x" * 32)),
        lambda session: session.execute(update(TABLE).values({TABLE.c.secret_index: b"x" * 32})),
        lambda session: session.execute(update(TABLE), {"secret_index": b"x" * 32}),
        lambda session: session.execute(update(File), [{"person_id": 1, "secret_index": b"x" * 32}]),
        lambda session: session.execute(insert(TABLE).values(person_id=2, note="x", secret_index=b"x" * 32)),
        lambda session: upsert(session, {"secret_index": b"x" * 32}),
        lambda session: upsert(session, {TABLE.c.secret_index: None}),
    ],
)
def test_no_statement_sets_the_index_alone(session: Session, write: Callable[[Session], object]) -> None:
    assert session.get(File, 1) or add(session, secret=PLANTED)
    before = stored(session, "secret_index")
    with pytest.raises(EncryptionRefused, match="secret_index is filled with"):
        write(session)
    session.rollback()
    assert stored(session, "secret_index") == before
    assert session.scalars(select(File).where(File.secret == PLANTED)).one().person_id == 1


def test_a_rule_holds_for_whoever_sets_the_value(session: Session) -> None:
    with pytest.raises(InvalidInput):
        add(session, phone="nobody's number")
    session.rollback()
    with pytest.raises(EncryptionRefused):
        add(session, secret=7)
    session.rollback()
    assert add(session, phone="").phone is None


@pytest.mark.asvs("V13.3.1")
def test_nothing_works_without_keys(session: Session) -> None:
    file = add(session, secret=PLANTED)
    for ring, message in ((None, "BASTIDE_KEYS"), (keys(KeyRing({2: b"b" * 32})), "blind index needs a key")):
        with pytest.raises(ConfigurationError, match=message):
            use_keys(Base.metadata, ring)
        with pytest.raises(ConfigurationError):
            file.secret  # noqa: B018
    del Base.metadata.info["bastide.keys"]
    with pytest.raises(ConfigurationError, match="BASTIDE_KEYS"):
        file.secret  # noqa: B018


@rows(
    ("options", "message"),
    [
        ({"row": "nowhere"}, "no column 'nowhere'"),
        ({"row": "number"}, "must be the primary key or unique"),
        ({"row": "id", "blind_index": "nowhere"}, "no column 'nowhere'"),
        ({"row": "id", "blind_index": "number"}, "must be LargeBinary"),
    ],
)
def test_a_misdeclared_column_stops_the_start(options: dict[str, str], message: str) -> None:
    class Own(DeclarativeBase):
        pass

    class Thing(Own):
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        number: Mapped[int]
        secret: Mapped[str] = mapped_column(EncryptedText(**options))

    with pytest.raises(ConfigurationError, match=message):
        Thing()
    Own.registry.dispose()


def patients(table: str, column: str, **options: Any) -> tuple[type[DeclarativeBase], Any]:
    """Return a model of one version of an application, and the base that it alone has."""

    class Own(DeclarativeBase):
        pass

    class Patient(Own):
        __tablename__ = table
        id: Mapped[int] = mapped_column(primary_key=True)
        index: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True, unique=True)
        secret: Mapped[str | None] = mapped_column(
            column, EncryptedText(row="id", blind_index="index", **options), key="secret"
        )

    use_keys(Own.metadata, keys())
    return Own, Patient


@pytest.mark.asvs("V11.3.3")
@pytest.mark.parametrize("is_copied", [False, True], ids=["in place", "by Alembic's copy"])
def test_a_renamed_table_and_column_stay_readable(database_url: str, *, is_copied: bool) -> None:
    put_empty_database(database_url)
    engine = create_engine(database_url)
    base, before = patients("patient", "diagnosis")
    base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add(before(id=1, secret=PLANTED))
    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        if is_copied:
            with operations.batch_alter_table("patient") as batch:
                batch.alter_column("diagnosis", new_column_name="Finding 1")
            operations.rename_table("patient", "medical")
        else:
            connection.execute(text('ALTER TABLE patient RENAME COLUMN diagnosis TO "Finding 1"'))
            connection.execute(text("ALTER TABLE patient RENAME TO medical"))
    _, lost = patients("medical", "Finding 1")
    with Session(engine) as session, pytest.raises(SealBroken, match="changed"):
        session.get_one(lost, 1).secret  # noqa: B018
    _, after = patients("medical", "Finding 1", sealed_as="patient.diagnosis")
    with Session(engine) as session, session.begin():
        (found,) = session.scalars(select(after).where(after.secret == PLANTED))
        assert found.secret == PLANTED
        found.secret = "changed since"
        session.add(after(id=2, secret=PLANTED))
    with Session(engine) as session:
        assert [each.secret for each in session.scalars(select(after).order_by(after.id))] == [
            "changed since",
            PLANTED,
        ]
    with engine.begin() as connection, pytest.raises(IntegrityError, match="_sealed"):
        connection.execute(
            text('UPDATE medical SET "Finding 1" = :plain'), {"plain": b"\x02" + b"plain" * 10}
        )
    engine.dispose()


@pytest.mark.asvs("V11.3.3")
@pytest.mark.parametrize("sealed_as", ["patient.first", "bastide_totp.secret", "bastide_mail.sealed"])
def test_two_columns_of_one_sealed_name_stop_the_start(sealed_as: str) -> None:
    class Own(DeclarativeBase):
        pass

    class Patient(Own):
        __tablename__ = "patient"
        id: Mapped[int] = mapped_column(primary_key=True)
        first: Mapped[str | None] = mapped_column(EncryptedText(row="id"))
        second: Mapped[str | None] = mapped_column(EncryptedText(row="id", sealed_as=sealed_as))

    assert Patient.second
    with pytest.raises(
        ConfigurationError, match=f"^{sealed_as} and patient.second are both sealed as {sealed_as}"
    ):
        use_keys(Own.metadata, keys())
