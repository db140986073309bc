"""Databases of earlier versions, brought to today's with the rows they hold."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from bastide.core.foundation import ConfigurationError
from support.templates import create_database, split_url

NOW = "2026-01-01 00:00:00+00:00"


def put(engine: Engine, table: str, **row: Any) -> None:
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


def flask_steps(engine: Engine) -> Callable[[str], None]:
    from alembic import command
    from alembic.config import Config

    from blog_flask.database import MIGRATIONS

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    def go_to(version: str) -> None:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            (command.downgrade if version == "0010" else command.upgrade)(config, version)
            connection.commit()

    return go_to


def skeletons(engine: Engine, table: str) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text(f"SELECT username_skeleton FROM {table} ORDER BY 1")).scalars())


@pytest.mark.asvs("V6.3.8")
def test_the_flask_blog_s_older_names_get_their_skeletons(database_url: str) -> None:
    if database_url.startswith("postgresql"):
        create_database(*split_url(database_url))
    engine = create_engine(database_url)
    go_to = flask_steps(engine)
    go_to("head")
    go_to("0010")

    def person(name: str) -> None:
        email = f"{name}@example.org"
        put(engine, "user_account", username=name, username_key=name, email=email, email_key=email)

    for name in ("maud", "paul"):
        person(name)
    go_to("head")
    assert skeletons(engine, "user_account") == ["paul", "rnaud"]
    go_to("0010")
    person("rnaud")
    with pytest.raises(ValueError, match="look alike: 'maud', 'rnaud'"):
        go_to("head")
    engine.dispose()


@pytest.mark.asvs("V6.3.8")
def test_django_s_older_names_get_their_skeletons(database_url: str) -> None:
    from support.django_blog import database_at

    with database_at(database_url):
        from django.contrib.auth import get_user_model
        from django.core.management import call_command
        from django.db import connection

        def go_to(version: str) -> None:
            call_command("migrate", "bastide_accounts", version, verbosity=0, skip_checks=True)

        def person(name: str) -> None:
            user = get_user_model()(username=name, email=f"{name}@example.org")
            # Raw, since today's model of keys has more columns than the table.
            user.save_base(raw=True, force_insert=True)
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO bastide_identity (user_id, username_key, password_digest) VALUES (%s, %s, '')",
                    [user.pk, name],
                )

        go_to("0006")
        for name in ("maud", "paul"):
            person(name)
        go_to("0010")
        engine = create_engine(database_url)
        assert skeletons(engine, "bastide_identity") == ["paul", "rnaud"]
        go_to("0006")
        person("rnaud")
        with pytest.raises(ConfigurationError, match="look alike: 'maud', 'rnaud'"):
            go_to("0010")
        engine.dispose()
