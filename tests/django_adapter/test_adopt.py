"""Users whom the project's own code makes and renames sign in as they are called, and those who were there before."""

from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from typing import Any

import pytest

from bastide.core.foundation import StoreUnavailable
from bastide.core.records import AccountKeys
from support.blog import PASSWORD, Blog
from support.django_blog import DjangoBlog
from support.rows import rows
from support.users import put_plain_user

NEW = {"username": "Tomas", "email": "Tomas@x.org"}


@pytest.fixture
def site(blog: Blog) -> Any:
    """The user model, on an empty database."""
    assert isinstance(blog, DjangoBlog)
    from django.contrib.auth import get_user_model

    return get_user_model()


def kept() -> dict[str, tuple[str | None, ...]]:
    from bastide.django.accounts.models import Identity

    rows = Identity.objects.values_list("user__username", "username_key", "username_skeleton", "email_key")
    return {name: tuple(keys) for name, *keys in rows}


def make(users: Any, name: str = "maud", email: str = "maud@x.org") -> Any:
    return users.objects.create_user(name, email, PASSWORD)


def set_and_save(users: Any) -> None:
    user = users.objects.get(username="maud")
    user.username, user.email = NEW.values()
    user.save()


def bulk_update(users: Any) -> None:
    user = users.objects.get(username="maud")
    user.username, user.email = NEW.values()
    users.objects.bulk_update([user], ["username", "email"])


def computed(users: Any) -> None:
    from django.db.models import Value
    from django.db.models.functions import Concat

    values = {name: Concat(Value(value[:2]), Value(value[2:])) for name, value in NEW.items()}
    users.objects.filter(username="maud").update(**values)


RENAMES: dict[str, Callable[[Any], object]] = {
    "save": set_and_save,
    "update": lambda users: users.objects.filter(username="maud").update(**NEW),
    "two updates": lambda users: [
        users.objects.filter(pk=users.objects.get(username="maud").pk).update(**{field: value})
        for field, value in reversed(NEW.items())
    ],
    "bulk_update": bulk_update,
    "expressions": computed,
    "update_or_create": lambda users: users.objects.update_or_create(username="maud", defaults=NEW),
    "upsert": lambda users: users.objects.bulk_create(
        [users(pk=users.objects.get(username="maud").pk, **NEW)],
        update_conflicts=True, unique_fields=["pk"], update_fields=["username", "email"],
    ),
}  # fmt: skip


@pytest.mark.asvs("V6.3.8")
@rows("how", list(RENAMES))
def test_every_rename_signs_in_under_the_new_name_only(blog: Blog, site: Any, how: str) -> None:
    from django.db import IntegrityError, transaction

    site.objects.all().delete()
    make(site)
    make(site, "olga", "olga@x.org")
    RENAMES[how](site)
    assert kept() == {"Tomas": ("tomas", "tornas", "tomas@x.org"), "olga": ("olga", "olga", "olga@x.org")}
    find = blog.services.stores.accounts.find_account
    assert find("maud") is find("maud@x.org") is None
    assert find("tomas") == find("tomas@x.org") is not None
    for taken in ({"username": "T0mas"}, {"username": "TOMAS"}, {"email": "TOMAS@x.org"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            site.objects.filter(username="olga").update(**taken)
        assert set(kept()) == {"Tomas", "olga"}
        assert site.objects.filter(username="olga", email="olga@x.org").exists()


MADE: dict[str, Callable[[Any], object]] = {
    "create": lambda users: users.objects.create(username="Maud", email="Maud@x.org"),
    "bulk_create": lambda users: users.objects.bulk_create([users(username="Maud", email="Maud@x.org")]),
    "ignoring conflicts": lambda users: users.objects.bulk_create(
        [users(username=name, email="Maud@x.org") for name in ("Maud", "Maud")], ignore_conflicts=True
    ),
}  # fmt: skip


@pytest.mark.asvs("V6.3.8")
@rows("how", list(MADE))
def test_everybody_who_is_made_signs_in(site: Any, how: str) -> None:
    from django.db import IntegrityError, transaction

    site.objects.all().delete()
    MADE[how](site)
    assert kept() == {"Maud": ("maud", "rnaud", "maud@x.org")}
    for options in ({}, {"ignore_conflicts": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            site.objects.bulk_create([site(username="rnaud", email="other@x.org")], **options)
    assert site.objects.count() == 1


def test_statements_about_anything_else_ask_nothing_more(site: Any, blog: Blog) -> None:
    from django.contrib.auth.models import Group
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make(site)
    with CaptureQueriesContext(connection) as asked:
        site.objects.update(first_name="Maud")
        Group.objects.bulk_create([Group(name="editors")])
        Group.objects.filter(name="editors").update(name="writers")
    assert [query["sql"].split()[0] for query in asked if query["sql"].split()[0] in {"SELECT", "UPDATE", "INSERT"}] == [
        "UPDATE", "INSERT", "UPDATE"
    ]  # fmt: skip
    with pytest.raises(TypeError, match="slice"):
        site.objects.all()[:1].update(username="x")


def test_whoever_is_left_out_can_be_saved_and_is_taken_up_by_a_new_name(blog: Blog, site: Any) -> None:
    from django.db import IntegrityError, transaction

    make(site)
    stores = blog.services.stores
    twin = site.objects.get(pk=put_plain_user(stores, "MAUD", "other@x.org"))
    shared = site.objects.get(pk=put_plain_user(stores, "olga", "Maud@x.org"))
    twin.first_name = "Maud"
    twin.save()
    twin.save(update_fields=["first_name"])
    assert "MAUD" not in kept()
    site.objects.filter(pk=twin.pk).update(username="MAUD")
    assert "MAUD" not in kept()
    # A shared address finds whoever had it first; the other one signs in by name.
    shared.save()
    shared.save()
    assert kept()["olga"] == ("olga", "olga", None)
    site.objects.update(email=shared.email)
    assert kept()["olga"] == ("olga", "olga", None)
    site.objects.filter(username="maud").update(email="maud@x.org")
    twin.username = "Mathilde"
    twin.save()
    assert kept()["Mathilde"][0] == "mathilde"
    twin.username = "OLGA"
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()
    twin.refresh_from_db()
    # What is not saved changes nothing.
    twin.username = "unsaved"
    twin.save(update_fields=["first_name"])
    assert "Mathilde" in kept()
    site.objects.filter(pk=twin.pk).update(username=" ")
    assert set(kept()) == {"maud", "olga"}


def call(name: str, *arguments: Any, **options: Any) -> str:
    from django.core.management import CommandError, call_command

    output = StringIO()
    with suppress(SystemExit, CommandError):
        call_command(name, *arguments, stdout=output, stderr=output, **options)
    return output.getvalue()


def test_a_migration_takes_up_whoever_collides_with_nobody_and_names_the_command(
    blog: Blog, site: Any
) -> None:
    stores = blog.services.stores
    for name in ("maud", "MAUD", "tomas"):
        put_plain_user(stores, name, f"{name}@{len(name)}.org")
    warning = (
        "1 users cannot sign in, because the keys of their names are not kept yet, or are somebody else's:"
        " `manage.py bastide_adopt` says of whom, and `manage.py bastide_adopt --write` mends what can be"
    )
    assert "bastide.W007" in call("check", databases=["default"])
    assert "bastide.W007" not in call("check")
    assert warning in call("migrate", skip_checks=True)
    assert set(kept()) == {"maud", "tomas"}
    assert warning in call("check", databases=["default"])
    site.objects.filter(username="MAUD").update(username="mathilde")
    assert "cannot sign in" not in call("migrate", skip_checks=True)
    assert "bastide.W007" not in call("check", databases=["default"])


def test_a_migration_writes_where_the_stores_are_and_nowhere_else(
    blog: Blog, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Django's test runner migrates its own database while the stores' alias still names the project's."""
    from django.db import connections

    put_plain_user(blog.services.stores, "maud")
    monkeypatch.setitem(connections["default"].settings_dict, "NAME", "test_of_it")
    from bastide.django.accounts.receivers import adopt_after_migrating

    adopt_after_migrating("default")
    assert kept() == {}
    monkeypatch.undo()

    def away(**_: Any) -> int:
        raise StoreUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(blog.services.stores.identities, "count_without_keys", away)
        adopt_after_migrating("default")
    assert kept() == {}
    adopt_after_migrating("default")
    assert set(kept()) == {"maud"}


@pytest.mark.asvs("V6.3.8")
def test_names_that_collide_are_changed_as_the_look_before_said(blog: Blog, site: Any) -> None:
    site.objects.all().delete()
    first, twin = (
        put_plain_user(blog.services.stores, name, f"{name}@x{n}.org")
        for n, name in enumerate(("maud", "MAUD"))
    )
    planned = f"user {twin} 'MAUD': name_taken (user {first}): would be called 'MAUD-{str(twin)[:8]}'"
    assert planned in call("bastide_adopt", "--rename")
    assert set(site.objects.values_list("username", flat=True)) == {"maud", "MAUD"}
    assert planned.replace("would be", "is now") in call("bastide_adopt", "--rename", "--write")
    name = f"MAUD-{str(twin)[:8]}"
    assert kept()[name] == (name.casefold(), AccountKeys.of(name, None).skeleton, "maud@x1.org")
    (told,) = blog.outbox.messages
    assert told.to == "MAUD@x1.org"
    assert f"“{name}”" in told.body
    assert "not every user can sign in" not in call("bastide_adopt", "--rename", "--write")
