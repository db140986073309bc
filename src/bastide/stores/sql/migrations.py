"""What Alembic writes of columns that are encrypted or have a rule, and does with them."""

from typing import Any, Final, Literal

from sqlalchemy import CheckConstraint, Connection, MetaData, Table, column, func, or_, select, text
from sqlalchemy.event import listens_for

from bastide.core.foundation import ConfigurationError
from bastide.stores.sealed_condition import sealed_condition
from bastide.stores.sql.encrypted import EncryptedType
from bastide.stores.sql.encrypted_statements import IsSealed
from bastide.stores.sql.rule_text import RuleText

_MOST_NAMED: Final = 20
_COPY: Final = "_alembic_tmp_"
_COUNTS = text("SELECT 1 FROM sqlite_master WHERE name = :original AND sql LIKE '%AUTOINCREMENT%'")
_GO_ON = text("INSERT INTO sqlite_sequence SELECT :copy, seq FROM sqlite_sequence WHERE name = :original")


def render_item(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """Return how a migration says an encrypted column, with the constraint that keeps plain text out.

    A column with a rule is said as the plain one that the database has.

    For ``Migrate(app, db, render_item=render_item)`` of Flask-Migrate, and ``context.configure`` of Alembic.
    A migration outlives the model that it was made from, so it names bytes and the constraint, and neither
    rows nor rules.

    Args:
        kind: what the item is, in Alembic's words.
        item: what is to be written.
        context: Alembic's, which takes the imports.
    """
    if kind == "type" and isinstance(item, EncryptedType):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(item, RuleText):
        return f"sa.{item.impl!r}"
    if kind != "column" or not isinstance(item.type, EncryptedType):
        return False
    context.imports.add("from bastide.flask import IsSealed")
    name, comment = str(item.name), "" if item.comment is None else f", comment={item.comment!r}"
    sealed = f"sa.CheckConstraint(IsSealed(sa.column({name!r})), name={f'{name}_sealed'!r})"
    return f"sa.Column({name!r}, sa.LargeBinary(), {sealed}, nullable={item.nullable!r}{comment})"


def require_keys(connection: Connection | None, table: str, *, schema: str | None = None) -> None:
    """Raise where users have no keys, and name them: the first line of a migration that requires keys.

    The migration is what ``flask db migrate`` writes for ``AdoptedAccountMixin``.

    Args:
        connection: ``op.get_bind()``; None, as Alembic has it where it writes SQL only, asks nobody.
        table: name of the table of users.
        schema: where it is not the usual one.

    Raises:
        ConfigurationError: there are such users.
    """
    if connection is None:
        return
    users = Table(table, MetaData(), autoload_with=connection, schema=schema)
    lacking = or_(users.c.username_key.is_(None), users.c.username_skeleton.is_(None))
    number = connection.scalar(select(func.count()).select_from(users).where(lacking))
    if number:
        (key,) = users.primary_key.columns
        named = connection.scalars(select(key).where(lacking).order_by(key).limit(_MOST_NAMED))
        more = "" if number <= _MOST_NAMED else " and others"
        told = ", ".join(map(str, named)) + more
        msg = f"{users.fullname}: {number} users have no keys, {told}: `flask bastide adopt` says why"
        raise ConfigurationError(msg)


@listens_for(Table, "before_create")
def _follow(table: Table, _connection: Any, **_: Any) -> None:
    """Let a constraint go with its column, and follow a column that was renamed.

    On SQLite both are done by copying the table, whose constraints Alembic takes along as they are.
    """
    for constraint in [each for each in table.constraints if isinstance(each, CheckConstraint)]:
        # As text, where it was read from the database.
        condition: str = getattr(constraint.sqltext, "text", "")
        quoted = condition.partition(" IS NULL")[0]
        if condition != sealed_condition(quoted, is_sqlite=True):
            continue
        # Alembic's copy knows a renamed column under its old name still.
        found = table.c.get(quoted.strip('"'))
        table.constraints.discard(constraint)
        if found is not None:
            table.append_constraint(CheckConstraint(IsSealed(column(found.name)), name=constraint.name))


@listens_for(Table, "before_create")
def _count(table: Table, connection: Any, **_: Any) -> None:
    """Let a copy give no number out again where the table did not."""
    original = _copied(table, connection)
    if not original:
        return
    # SQLite counts keys of this one type.
    can_count = [key.type.compile(connection.dialect) for key in table.primary_key.columns] == ["INTEGER"]
    if can_count and connection.scalar(_COUNTS, {"original": original}) is not None:
        table.dialect_kwargs["sqlite_autoincrement"] = True


@listens_for(Table, "after_create")
def _go_on(table: Table, connection: Any, **_: Any) -> None:
    """Let the copy count from the highest number that ever was."""
    original = _copied(table, connection)
    if original and table.dialect_kwargs.get("sqlite_autoincrement"):
        connection.execute(_GO_ON, {"copy": table.name, "original": original})


def _copied(table: Table, connection: Any) -> str:
    """Return the name of the table that this one is Alembic's copy of on SQLite, or nothing."""
    if connection is None or connection.dialect.name != "sqlite" or not table.name.startswith(_COPY):
        return ""
    return table.name.removeprefix(_COPY)
