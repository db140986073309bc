"""What the processes of a race run: one verb of a store, on connections of their own."""

from functools import lru_cache
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bastide.core.request import Stores
from bastide.stores.sql import AccountMixin, Database, sql_stores
from support import django_blog


class Base(DeclarativeBase):
    pass


class Person(AccountMixin, Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)


@lru_cache(maxsize=1)
def stores_at(framework: str, url: str) -> Stores:
    if framework == "flask":
        return sql_stores(Database(create_engine(url)), Person)
    django_blog.set_up()
    django_blog.point_at(url.replace("postgresql+psycopg:", "postgresql:"))
    from bastide.django.accounts.stores import django_stores

    return django_stores()


def call(
    framework: str, url: str, store: str, verb: str, arguments: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    """Return what the verb returns, or the name of what it raises."""
    try:
        return getattr(getattr(stores_at(framework, url), store), verb)(*arguments, **options)
    except Exception as error:  # noqa: BLE001 -- the outcome is what is compared
        return type(error).__name__
