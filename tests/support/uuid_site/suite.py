"""What is a user's own, where keys are UUIDs; collected only by `tests/test_user_keys.py`."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bastide.core.access import (
    All,
    AnyOf,
    FieldIs,
    Has,
    Not,
    Owns,
    Policy,
    Through,
)
from bastide.core.foundation import STRANGER, Principal
from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import Blog


@pytest.fixture
def site(framework: str, database_url: str, tmp_path: Path, clock: FrozenClock) -> Iterator[Blog]:
    with closing(make_blog(database_url, tmp_path, clock, framework=framework)) as made:
        yield made


def add_sheet(site: Blog, owner: Any, state: str | None = None) -> str:
    if site.framework == "django":
        from support.uuid_site.models import Sheet as DjangoSheet

        return str(DjangoSheet.objects.create(owner_id=owner, state=state).pk)
    from support.uuid_site.flask_app import Sheet

    with Session(site.engine) as session:
        session.add(sheet := Sheet(owner_id=owner, state=state))
        session.commit()
        return str(sheet.id)


@pytest.mark.asvs("V8.2.2")
def test_a_sheet_is_listed_and_opened_for_its_owner_only(site: Blog) -> None:
    maud, tomas = site.signed_in("maud"), site.signed_in("tomas")
    own = site.services.stores.accounts.find_account("maud")
    assert own is not None
    assert isinstance(own.id, UUID)
    key = add_sheet(site, own.id)
    add_sheet(site, None)
    assert maud.get("/sheets").get_json() == {"me": str(own.id), "listed": [key]}
    assert tomas.get("/sheets").get_json()["listed"] == []
    assert maud.get(f"/sheets/{key}").status_code == 200
    assert tomas.get(f"/sheets/{key}").status_code == 404
    assert site.browser().get(f"/sheets/{key}").status_code == 303


@pytest.mark.asvs("V2.2.1")
def test_a_key_that_is_none_names_nothing(site: Blog) -> None:
    """Where the route lets any text through, the key's type does not."""
    maud = site.signed_in("maud")
    for key in ("1", "%00", "x" * 5000, str(uuid4())):
        assert maud.get(f"/raw-sheets/{key}").status_code == 404, key


LEAVES: tuple[Policy, ...] = (
    Has("read"), Has("write"), Owns("owner_id"), FieldIs("state", None), FieldIs("state", "open"),
    Through("owner", Owns("id")), Through("owner", FieldIs("username", "maud")),
)  # fmt: skip
POLICIES: tuple[Policy, ...] = (
    *LEAVES, *(Not(leaf) for leaf in LEAVES),
    *(join((one, other)) for join in (All, AnyOf) for one in LEAVES for other in LEAVES),
    *(Not(All((one, other))) for one in LEAVES for other in LEAVES),
)  # fmt: skip


def listed_on_flask(site: Blog, policy: Policy, caller: Principal) -> tuple[list[Any], list[Any]]:
    """Return the keys of what the check opens and of what the filter lists."""
    from bastide.stores.sql import compile_policy
    from support.uuid_site.flask_app import Sheet

    with Session(site.engine) as session:
        everything = session.scalars(select(Sheet).options(joinedload(Sheet.owner)).order_by(Sheet.id))
        opened = [entry.id for entry in everything if policy.allows(caller, entry)]
        rows = select(Sheet.id).where(compile_policy(policy, Sheet, caller)).order_by(Sheet.id)
        return opened, list(session.scalars(rows))


def listed_on_django(_site: Blog, policy: Policy, caller: Principal) -> tuple[list[Any], list[Any]]:
    """Return the keys of what the check opens and of what the filter lists."""
    from bastide.django.orm.policies import compile_policy
    from support.uuid_site.models import Sheet

    everything = Sheet.objects.select_related("owner").order_by("pk")
    opened = [entry.pk for entry in everything if policy.allows(caller, entry)]
    rows = Sheet.objects.filter(compile_policy(policy, Sheet, caller)).order_by("pk")
    return opened, list(rows.values_list("pk", flat=True))


@pytest.mark.asvs("V8.2.2")
def test_the_filter_lists_exactly_what_the_check_opens(site: Blog) -> None:
    people = [site.add_account(name) for name in ("maud", "tomas")]
    for owner in (None, *people):
        for state in (None, "open", "shut"):
            add_sheet(site, owner, state)
    listed = listed_on_django if site.framework == "django" else listed_on_flask
    callers = [
        STRANGER, Principal(account_id=people[0]), Principal(account_id=uuid4()),
        Principal(account_id=people[1], permissions=frozenset({"read"})),
        Principal(account_id=people[0], is_suspect=True),
    ]  # fmt: skip
    for policy in POLICIES:
        for caller in callers:
            opened, found = listed(site, policy, caller)
            assert found == opened, (policy, caller)


def test_keys_are_written_out_the_same_wherever_an_account_is_named(site: Blog) -> None:
    account_id = site.add_account("maud")
    for _ in range(5):
        site.browser().sign_in("maud", "wrong password number one")
    locks = site.services.stores.attempts.list_locks(now=site.clock.now(), limit=9)
    assert {lock.owner for lock in locks} - {""} == {str(account_id)}
    assert site.run("users", "unlock", "maud")[0] == 0
    site.signed_in("maud")
    failed = site.rows("SELECT DISTINCT target FROM bastide_event WHERE kind = 'account:login:failure'")
    assert [tuple(row) for row in failed] == [(f"account:{account_id}",)]
    assert "maud" in site.run("users", "list")[1]
    assert site.run("log", "verify")[0] == 0
