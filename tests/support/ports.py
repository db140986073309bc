"""Whether what stands behind a port takes what the port says."""

import inspect
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import create_engine

from bastide.core.request import Stores
from bastide.stores.memory import memory_stores
from bastide.stores.sql import Database, sql_stores
from support.django_blog import set_up
from support.stores import User


def taken_otherwise(port: type[Any], *keepers: type[Any]) -> list[str]:
    """Name every verb of the port that a keeper lacks or takes other arguments for."""
    return [
        f"{keeper.__name__}.{verb}"
        for keeper in keepers
        for verb, arguments in _verbs(port)
        if not hasattr(keeper, verb) or _arguments(getattr(keeper, verb)) != arguments
    ]


@cache
def keepers_of(port: type[Any]) -> tuple[type[Any], ...]:
    """Return the classes behind a port of ``Stores``: in memory, in SQL and in Django."""
    set_up()
    from bastide.django.accounts.stores import django_stores

    (name,) = (field.name for field in fields(Stores) if field.type is port)
    in_sql = sql_stores(Database(create_engine("sqlite:///never-opened")), User)
    return tuple(type(getattr(stores, name)) for stores in (memory_stores(), in_sql, django_stores()))


def _verbs(port: type[Any]) -> Iterator[tuple[str, Any]]:
    for name, verb in vars(port).items():
        if inspect.isfunction(verb) and not name.startswith("_"):
            yield name, _arguments(verb)


def _arguments(verb: Any) -> list[tuple[Any, ...]]:
    # Their types are for mypy to compare.
    taken = inspect.signature(verb).parameters.values()
    return [(argument.name, argument.kind, argument.default) for argument in taken]
