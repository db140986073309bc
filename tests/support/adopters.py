"""What a process does that takes users up, and is killed or comes second."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bastide.core.accounts import Adoption
from bastide.core.api_tokens import OutsideNotices
from bastide.core.foundation import Client
from bastide.core.request import Stores
from bastide.core.security_log import Recorder, Vocabulary
from bastide.stores.sql import Database, ExistingAccountMixin, sql_stores
from bastide.testing import FrozenClock
from support import django_blog
from support.core import log_of

HERE = Client(address="shell")


class Base(DeclarativeBase):
    pass


class Person(ExistingAccountMixin, Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)


class UuidBase(DeclarativeBase):
    pass


class UuidPerson(ExistingAccountMixin, UuidBase):
    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


def adoption(stores: Stores) -> Adoption:
    recorder = Recorder(sink=log_of(stores), clock=FrozenClock(), vocabulary=Vocabulary(()))
    return Adoption(
        identities=stores.identities, recorder=recorder, notices=OutsideNotices(recorder), units=stores.units
    )


def _open(framework: str, url: str) -> Adoption:
    if framework == "flask":
        return adoption(sql_stores(Database(create_engine(url)), Person))
    django_blog.set_up()
    django_blog.point_at(url.replace("postgresql+psycopg:", "postgresql:"))
    from bastide.django.accounts.stores import django_stores

    return adoption(django_stores())


def adopt(framework: str, url: str, seen: Any = None) -> int:
    """Take the users up; tell ``seen`` of every batch that is done."""
    return _open(framework, url).write(HERE, lambda done, _total: seen is not None and seen.put(done))


def rename(framework: str, url: str, seen: Any) -> None:
    """Rename whoever collides; tell ``seen`` of every new name."""
    _open(framework, url).rename(HERE, lambda finding: seen.put(finding.new_name))
