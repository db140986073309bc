"""Users as other applications have them: rows without keys, made past everything that Bastide sees."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, text

from bastide.core.accounts import Finding, Problem, Survey
from bastide.core.records import AccountKeys
from bastide.core.request import Services, Stores

NO_KEYS = AccountKeys(None, None, None)
Users = Sequence[tuple[str, str | None]]


def put_plain_user(stores: Stores, username: str, email: str | None = None, *, password: str = "hash") -> Any:
    """Make a row by plain SQL, and return its id."""
    accounts: Any = stores.accounts
    if hasattr(accounts, "_data"):
        return _in_memory(stores, username, email, password)
    if hasattr(accounts, "_tables"):
        return _in_sql(accounts, username, email, password)
    return _in_django(username, email, password)


def rename(stores: Stores, account_id: Any, username: str) -> None:
    """Change a name by plain SQL."""
    accounts: Any = stores.accounts
    if hasattr(accounts, "_data"):
        row = accounts._data.accounts[account_id]  # noqa: SLF001
        object.__setattr__(row.account, "username", username)
    elif hasattr(accounts, "_tables"):
        table = accounts._tables.user  # noqa: SLF001
        kind = table.c.id.type.dialect_impl(accounts._database.engine.dialect)  # noqa: SLF001
        bind = kind.bind_processor(accounts._database.engine.dialect)  # noqa: SLF001
        with accounts._database.engine.begin() as connection:  # noqa: SLF001
            connection.execute(
                text(f"UPDATE {table.name} SET username = :name WHERE id = :id"),
                {"name": username, "id": bind(account_id) if bind else account_id},
            )
    else:
        from django.db import connection as django_connection

        with django_connection.cursor() as cursor:
            cursor.execute("UPDATE user_account SET username = %s WHERE id = %s", [username, account_id])


def _in_memory(stores: Stores, username: str, email: str | None, password: str) -> Any:
    from bastide.core.records import Account
    from bastide.stores.memory.data import AccountRow

    data: Any = stores.accounts._data  # type: ignore[attr-defined]  # noqa: SLF001
    account = Account(
        id=next(data.ids), username=username, email=email or "", password_hash=password or None,
        is_active=True, roles=frozenset(),
    )  # fmt: skip
    data.accounts[account.id] = AccountRow(account, NO_KEYS)
    return account.id


def _in_sql(accounts: Any, username: str, email: str | None, password: str) -> Any:
    table: Table = accounts._tables.user  # noqa: SLF001
    columns = accounts._tables.account  # noqa: SLF001
    values = {
        columns.username: username, columns.email: email, columns.password_hash: password or None,
        columns.username_key: None, columns.username_skeleton: None, columns.email_key: None,
    }  # fmt: skip
    with accounts._database.engine.begin() as connection:  # noqa: SLF001
        return connection.execute(table.insert().values(values).returning(columns.id)).scalar_one()


def _in_django(username: str, email: str | None, password: str) -> Any:
    from django.contrib.auth import get_user_model
    from django.db import models

    from bastide.django.accounts.models import Identity

    users: Any = get_user_model()
    # The blog's users have an address.
    email = email or f"{username}@plain.example.org"
    user = users(username=username, email=email, password=password or "!")
    models.Model.save_base(user, raw=True, force_insert=True)  # no receiver keeps the keys of raw rows
    assert not Identity.objects.filter(pk=user.pk).exists()
    return user.pk


def settle(services: Services, *users: tuple[str, str | None]) -> None:
    for name, email in users:
        put_plain_user(services.stores, name, email)


def look(services: Services) -> tuple[Survey, list[tuple[str | None, Problem, str]]]:
    found = list[Finding]()
    seen = services.adoption.survey(found.append)
    return seen, [(each.user.username, each.problem, each.holder) for each in found]


def names_that_sign_in(services: Services) -> set[str | None]:
    users = services.stores.identities.list_users(after=None, limit=1000)
    return {user.username for user in users if user.keys.name is not None}
