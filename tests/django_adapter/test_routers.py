"""A project with a primary and a replica, and the router of Django's documentation."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bastide.testing import FrozenClock
from support.blog import PASSWORD, Blog, last_link
from support.django_blog import close_all, make

REPLICA = "replica1"


class PrimaryReplicaRouter:
    """As ``docs/topics/db/multi-db`` of Django has it."""

    def db_for_read(self, _model: Any, **_: Any) -> str:
        return REPLICA

    def db_for_write(self, _model: Any, **_: Any) -> str:
        return "primary"

    def allow_relation(self, one: Any, other: Any, **_: Any) -> bool | None:
        known = {"primary", REPLICA}
        return True if one._state.db in known and other._state.db in known else None  # noqa: SLF001 -- Django's documented name

    def allow_migrate(self, *_: Any, **__: Any) -> bool:
        return True


@pytest.fixture
def routed_blog(database_url: str, tmp_path: Path, clock: FrozenClock) -> Iterator[Blog]:
    """The blog whose default database is nowhere, and whose replica refuses every write.

    That of SQLite lags behind for ever, that of PostgreSQL not at all.
    """
    made = make(database_url, tmp_path, clock)
    from django.db import connections, router
    from django.test import override_settings

    from bastide.django.connection import register_alias

    primary = connections.settings["default"]
    options = dict(primary["OPTIONS"])
    if "sqlite" in primary["ENGINE"]:
        options["init_command"] = "PRAGMA query_only = ON"
        behind = shutil.copy(primary["NAME"], tmp_path / "replica.sqlite3")
    else:
        options["options"] = "-c default_transaction_read_only=on"
        behind = primary["NAME"]
    nowhere = {**primary, "ENGINE": "django.db.backends.dummy", "NAME": "", "OPTIONS": {}}
    made.reconnect()
    connections.settings.update(
        {"default": nowhere, "primary": primary, REPLICA: {**primary, "NAME": behind, "OPTIONS": options}}
    )
    with override_settings(DATABASE_ROUTERS=[PrimaryReplicaRouter()]):
        register_alias()
        yield made
        close_all()
    connections.settings["default"] = primary
    for alias in ("primary", REPLICA):
        del connections.settings[alias]
    assert router.routers == []
    register_alias()
    made.close()


def test_roles_are_made_and_a_registration_completes_while_no_replica_is_written(routed_blog: Blog) -> None:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.db import connections

    from bastide.django.auth import BastideBackend
    from bastide.django.wiring import create_roles

    blog = routed_blog
    assert connections.settings["bastide"]["TEST"]["MIRROR"] == "primary"
    Group.objects.using("primary").all().delete()
    create_roles()
    assert Group.objects.using("primary").filter(name="reader").exists()
    browser = blog.browser()
    assert browser.post("/account/register", {"email": "maud@example.org"}).status_code == 303
    form = {"username": "maud", "password": PASSWORD, "password_again": PASSWORD}
    assert browser.post(last_link(blog), form).status_code == 303
    assert browser.sign_in("maud").status_code == 303
    assert "maud" in browser.get("/account").text
    accounts = blog.services.stores.accounts
    account = accounts.find_account("maud")
    assert account is not None
    assert account.roles == {"reader"}
    assert accounts.grant_role(account.id, "author")
    assert accounts.revoke_role(account.id, "reader")
    found = accounts.get_account(account.id)
    assert found is not None
    assert found.roles == {"author"}
    assert get_user_model().objects.all().db == REPLICA
    assert BastideBackend().get_user(account.id).get_username() == "maud"


def test_routers_that_a_test_overrides_leave_the_stores_objects_on_their_connection(
    tmp_path: Path, clock: FrozenClock
) -> None:
    made = make(f"sqlite:///{tmp_path / 'one.sqlite3'}", tmp_path, clock)
    made.add_account("maud")
    from django.contrib.auth import get_user_model
    from django.db import router
    from django.test import override_settings

    users: Any = get_user_model()
    own, other = users.objects.using("bastide").get(), users.objects.using("default").get()
    for _ in range(2):
        with override_settings(DATABASE_ROUTERS=[PrimaryReplicaRouter()]):
            assert own.groups.all().db == "bastide"
            assert router.db_for_write(users, instance=own) == "bastide"
            assert other.groups.all().db == REPLICA
            assert router.db_for_write(users) == "primary"
        assert own.groups.all().db == "bastide"
        assert router.db_for_read(users) == "default"
    made.close()
