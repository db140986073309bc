"""Users that are there already get their keys, whatever happens beside it."""

from typing import Any

import pytest

from bastide.core.accounts import Finding, Problem, Survey
from bastide.core.accounts.adoption import BATCH
from bastide.core.records import AccountExists, AccountKeys
from bastide.core.request import Stores
from bastide.core.security_log import EventFilter
from bastide.testing.clock import START
from support.adopters import HERE, Person, UuidPerson, adoption
from support.at_once import race
from support.stores import new_account
from support.users import put_plain_user, rename

USERS = (Person, UuidPerson)


def survey(stores: Stores) -> tuple[Survey, list[tuple[str | None, Problem, str]]]:
    findings = list[Finding]()
    seen = adoption(stores).survey(findings.append)
    return seen, sorted((each.user.username, each.problem, each.holder) for each in findings)


def test_users_are_found_once_they_have_their_keys(stores: Stores) -> None:
    first = put_plain_user(stores, "Maud", "Maud@Example.org")
    put_plain_user(stores, "tomas", password="")
    assert stores.accounts.find_account("maud") is None
    assert stores.identities.count_without_keys(limit=9) == 2
    assert stores.identities.count_without_keys(limit=1) == 1
    seen, _ = survey(stores)
    assert (seen.total, seen.without_keys, seen.without_password, seen.left_out) == (2, 2, 1, 0)
    assert adoption(stores).write(HERE) == 2
    for key in ("maud", "maud@example.org"):
        found = stores.accounts.find_account(key)
        assert found is not None
        assert found.id == first
    assert stores.accounts.find_account("tomas") is not None
    assert stores.identities.count_without_keys(limit=9) == 0
    assert survey(stores)[0].in_step == 2
    assert adoption(stores).write(HERE) == 0
    (told,), _ = stores.events.list_events(EventFilter(), offset=0, limit=9)
    assert (told.kind, told.detail["count"]) == ("system:users:adopted", "2")


@pytest.mark.asvs("V6.3.8")
def test_of_two_with_one_key_whoever_has_it_keeps_it(stores: Stores) -> None:
    stores.accounts.define_roles({"reader": frozenset()})
    late = put_plain_user(stores, "later", "other@example.org")
    holder = stores.accounts.add_account(new_account("maud"), ticket_digest=None, now=START)
    rename(stores, late, "MAUD")
    put_plain_user(stores, "rnaud", "third@example.org")
    put_plain_user(stores, "otto", "Maud@example.org")
    expected = [
        ("MAUD", Problem.NAME_TAKEN, str(holder)),
        ("otto", Problem.EMAIL_TAKEN, str(holder)),
        ("rnaud", Problem.NAME_ALIKE, str(holder)),
    ]
    assert survey(stores)[1] == expected
    assert adoption(stores).write(HERE) == 1
    assert survey(stores)[1] == expected
    assert stores.identities.count_without_keys(limit=9) == 2
    found = stores.accounts.find_account("maud@example.org")
    assert found is not None
    assert found.id == holder
    assert stores.accounts.find_account("otto") is not None
    rename(stores, late, "mathilde")
    assert adoption(stores).write(HERE) == 1
    renamed = stores.accounts.find_account("mathilde")
    assert renamed is not None
    assert renamed.id == late


def test_what_something_else_renamed_is_found_and_mended(stores: Stores) -> None:
    user = put_plain_user(stores, "maud")
    adoption(stores).write(HERE)
    rename(stores, user, "tomas")
    assert survey(stores)[0].changed == 1
    assert adoption(stores).write(HERE) == 1
    assert stores.accounts.find_account("maud") is None
    assert stores.accounts.find_account("tomas") is not None


def test_a_row_that_changed_since_it_was_read_is_left_alone(stores: Stores) -> None:
    user = put_plain_user(stores, "maud")
    (row,) = stores.identities.list_users(after=None, limit=9)
    rename(stores, user, "tomas")
    assert stores.identities.put_keys([(row, AccountKeys.of("maud", None))]) == 0
    assert stores.accounts.find_account("maud") is None
    assert list(stores.identities.list_users(after=user, limit=9)) == []


def test_keys_that_somebody_has_by_now_are_refused_and_nothing_is_changed(stores: Stores) -> None:
    for name in ("maud", "tomas"):
        put_plain_user(stores, name)
    rows = {row.username: row for row in stores.identities.list_users(after=None, limit=9)}
    same = AccountKeys.of("maud", None)
    with pytest.raises(AccountExists):
        stores.identities.put_keys([(rows["maud"], same), (rows["tomas"], same)])
    assert stores.accounts.find_account("maud") is None
    assert stores.identities.put_keys([(rows["tomas"], same)]) == 1
    ((holder, keys),) = stores.identities.find_holders(["maud"], [])
    assert (holder, keys) == (rows["tomas"].id, same)
    assert stores.identities.find_holders([], ["rnaud"]) == [(holder, keys)]


def test_several_runs_and_sign_ups_at_once_do_no_harm(stores: Stores) -> None:
    stores.accounts.define_roles({"reader": frozenset()})
    ids = [put_plain_user(stores, f"n{number}", f"n{number}@example.org") for number in range(BATCH + 20)]
    actions: list[Any] = [lambda: adoption(stores).write(HERE) for _ in range(3)]
    actions += [
        lambda name=name: stores.accounts.add_account(new_account(name), ticket_digest=None, now=START)
        for name in ("n3", "n250", "fresh")
    ]
    outcomes = race(*actions)
    assert not [
        each for each in outcomes if isinstance(each, Exception) and not isinstance(each, AccountExists)
    ]
    adoption(stores).write(HERE)
    seen, findings = survey(stores)
    # Whoever was faster has the name; the other one is named.
    late = len(ids) + 3 - seen.total
    assert seen.in_step + seen.left_out == seen.total
    assert len(findings) == 2 - late
    assert stores.accounts.find_account("fresh") is not None
    assert stores.accounts.find_account("n42") is not None


@pytest.mark.asvs("V6.3.8")
def test_a_rename_goes_with_its_keys_or_not_at_all(stores: Stores) -> None:
    put_plain_user(stores, "maud", "maud@example.org")
    put_plain_user(stores, "MAUD", "other@example.org")
    adoption(stores).write(HERE)
    row = next(each for each in stores.identities.list_users(after=None, limit=9) if each.keys.name is None)
    assert stores.identities.longest_name is not None
    new = AccountKeys.of("MAUD-2", row.email)
    with pytest.raises(AccountExists):
        stores.identities.rename_user(row, "Maud ", AccountKeys.of("Maud ", row.email))
    assert row in stores.identities.list_users(after=None, limit=9)
    assert stores.identities.rename_user(row, "MAUD-2", new)
    assert not stores.identities.rename_user(row, "MAUD-3", AccountKeys.of("MAUD-3", row.email)), (
        "as it was read"
    )
    for key in ("maud-2", row.email or ""):
        found = stores.accounts.find_account(key)
        assert found is not None
        assert (found.id, found.username, found.email) == (row.id, "MAUD-2", row.email)


def test_two_who_rename_at_once_rename_once(stores: Stores) -> None:
    for name in ("maud", "MAUD", "mauD"):
        put_plain_user(stores, name)
    adoption(stores).write(HERE)
    done = race(*[lambda: adoption(stores).rename(HERE, lambda _: None)] * 4)
    assert sum(each for each in done if isinstance(each, int)) == 2
    names = [user.username for user in stores.identities.list_users(after=None, limit=9)]
    assert len(set(names)) == 3
    assert names[0] in {"maud", "MAUD", "mauD"}, "the first by id keeps it"
    assert stores.identities.count_without_keys(limit=9) == 0
