"""SQLAlchemy's models as columns."""

import sys
from typing import Any

from bastide.check.live.columns import ANY_HASH, ARGON2ID, LOGIN_NAME, SCRYPT_OF_WERKZEUG, Column
from bastide.check.live.places import Places


def sql_columns(places: Places) -> list[Column]:
    """Return the columns of the application's own mapped classes."""
    if "sqlalchemy.orm" not in sys.modules:
        return []
    longest = _longest_hash(places)
    found = []
    for mapped in _mapped_classes(places):
        table = mapped.local_table
        is_user = _is_user(mapped)
        unique = _unique_names(table)
        for attribute in mapped.column_attrs:
            column = attribute.columns[0]
            if column.table is not table or not hasattr(column, "type"):
                continue
            found.append(
                Column(
                    table=mapped.class_.__name__, name=attribute.key, kind=_kind(column.type),
                    place=places.of_attribute(mapped.class_, attribute.key),
                    length=getattr(column.type, "length", None),
                    is_unique=bool(column.unique or column.primary_key or column.name in unique),
                    is_nullable=bool(column.nullable),
                    has_default=column.server_default is not None or column.default is not None,
                    is_sealed=_is_sealed(column.type), is_user=is_user, longest_hash=longest,
                )
            )  # fmt: skip
    return found


def _mapped_classes(places: Places) -> list[Any]:
    found = {}
    for registry in _registries():
        for mapper in registry.mappers:
            module = sys.modules.get(mapper.class_.__module__)
            if places.is_own(str(getattr(module, "__file__", None) or "/")):
                found[mapper.class_] = mapper
    return sorted(found.values(), key=lambda mapper: str(mapper.class_.__qualname__))


def _registries() -> list[Any]:
    from sqlalchemy.orm import mapperlib  # noqa: PLC0415 -- only where it is in use

    known: Any = mapperlib._all_registries()  # noqa: SLF001 -- without a public name
    return list(known)


def _is_user(mapped: Any) -> bool:
    """Tell whether people sign in by the class: it has a name and what checks a password."""
    names = [attribute.key for attribute in mapped.column_attrs]
    return any(ANY_HASH.fullmatch(name) for name in names) and any(LOGIN_NAME.search(name) for name in names)


def _unique_names(table: Any) -> set[str]:
    """Return the columns that some index or constraint makes unique: of one column, or over its key."""
    found = set()
    for constraint in getattr(table, "constraints", ()):
        columns = list(getattr(constraint, "columns", ()))
        if type(constraint).__name__ == "UniqueConstraint" and len(columns) == 1:
            found.add(columns[0].name)
    for index in getattr(table, "indexes", ()):
        if index.unique:
            found |= {column.name for column in index.columns} if len(index.columns) == 1 else set()
            found |= {
                column.name
                for expression in index.expressions
                for column in table.columns
                if str(column.name) in str(expression) and len(index.expressions) == 1
            }
    return found


def _kind(column_type: Any) -> str:
    from sqlalchemy import types  # noqa: PLC0415 -- only where it is in use

    inner = getattr(column_type, "impl_instance", column_type)
    kinds = {
        types.Enum: "choice", types.String: "text", types.JSON: "json", types.LargeBinary: "bytes",
        types.DateTime: "time", types.Date: "time", types.Integer: "number", types.Numeric: "number",
    }  # fmt: skip
    return next((kind for known, kind in kinds.items() if isinstance(inner, known)), "other")


def _is_sealed(column_type: Any) -> bool:
    return any(
        word in each.__name__.lower()
        for each in type(column_type).__mro__
        for word in ("encrypt", "hash", "sealed", "password", "fernet")
    )


def _longest_hash(places: Places) -> int:
    """Return how long hashes are: Werkzeug's where the application makes them, else Argon2id's."""
    makers = sys.modules.get("werkzeug.security")
    make = getattr(makers, "generate_password_hash", None)
    uses = make is not None and any(
        each is make for module in places.own_modules for each in list(vars(module).values())
    )
    return SCRYPT_OF_WERKZEUG if uses else ARGON2ID
