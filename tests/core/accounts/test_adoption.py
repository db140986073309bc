"""Users who were there before: who gets which keys, who is left out and why, and a run that was stopped."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bastide.core.accounts import Adoption, Finding, Problem, UserRow
from bastide.core.accounts.adoption import BATCH
from bastide.core.foundation import Secret, StoreUnavailable
from bastide.core.records import AccountExists, AccountKeys
from bastide.core.request import Services
from bastide.core.security_log import EventFilter, EventKind
from bastide.core.sign_in import LoggedIn
from bastide.testing import FrozenClock
from support.blog import PASSWORD, Outbox
from support.core import HERE, kinds, make
from support.rows import rows
from support.users import Users, look, names_that_sign_in, put_plain_user, settle


def test_they_sign_in_as_before(services: Services) -> None:
    encoded = services.recovery._hasher.hash(Secret(PASSWORD))  # noqa: SLF001
    put_plain_user(services.stores, "Maud Example", None, password=encoded)
    services.adoption.write(HERE)
    outcome = services.login.sign_in("maud example", Secret(PASSWORD), HERE, previous=None)
    assert isinstance(outcome, LoggedIn)


def test_a_run_that_was_stopped_is_taken_up_again(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(services, *[(f"n{number}", None) for number in range(2 * BATCH + 1)])
    told = list[tuple[int, int]]()

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if len(told) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.adoption.write(HERE, stop)
    assert services.stores.identities.count_without_keys(limit=1000) == BATCH + 1
    written = list[int]()
    put = services.stores.identities.put_keys
    monkeypatch.setattr(
        services.stores.identities, "put_keys", lambda rows: written.append(len(rows)) or put(rows)
    )
    assert services.adoption.write(HERE, stop) == BATCH + 1
    assert written == [BATCH, 1]
    assert told[1:] == [(BATCH, 2 * BATCH + 1), (2 * BATCH, 2 * BATCH + 1), (2 * BATCH + 1, 2 * BATCH + 1)]
    assert services.adoption.survey(print, stop).in_step == told[-1][0] == 2 * BATCH + 1
    events, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=9)
    assert [event.detail["count"] for event in events] == ["1", str(BATCH), str(BATCH)]


def test_a_sign_up_in_between_keeps_its_name_and_costs_nobody_else_theirs(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(services, ("maud", None), ("tomas", None), ("nora", None))
    identities = services.stores.identities
    find_holders, acts = identities.find_holders, ["otto", "tomas"]

    def late(*wanted: Any) -> Any:
        found = find_holders(*wanted)
        while acts:
            # Both come after the look: one has a name of the batch.
            put_plain_user(services.stores, acts[-1])
            (*_, own) = identities.list_users(after=None, limit=9)
            identities.put_keys([(own, AccountKeys.of(acts.pop(), None))])
        return found

    monkeypatch.setattr(identities, "find_holders", late)
    assert services.adoption.write(HERE) == 2
    _, found = look(services)
    assert found == [("tomas", Problem.NAME_TAKEN, "4")]
    assert kinds(services) == ["system:users:adopted"] * 2


def test_what_changed_in_between_is_left_for_the_next_run(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(services, ("maud", None))
    accounts: Any = services.stores.accounts
    list_users = services.stores.identities.list_users

    def late(**options: Any) -> Sequence[UserRow]:
        read = list_users(**options)
        accounts._data.accounts[1].account = replace(accounts._data.accounts[1].account, username="mathilde")  # noqa: SLF001
        return read

    monkeypatch.setattr(services.stores.identities, "list_users", late)
    assert services.adoption.write(HERE) == 0
    assert kinds(services) == []
    assert services.adoption.write(HERE) == 1
    assert services.stores.accounts.find_account("mathilde") is not None


def test_without_its_event_a_batch_is_not_written(services: Services) -> None:
    settle(services, ("maud", None))

    class Full:
        def record(self, *_: Any, **__: Any) -> None:
            raise StoreUnavailable

    stores = services.stores
    adoption = Adoption(
        identities=stores.identities,
        recorder=Full(),
        notices=services.login._notices,  # noqa: SLF001
        units=stores.units,
    )  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable):
        adoption.write(HERE)
    assert names_that_sign_in(services) == set()


def test_keys_of_an_earlier_name_are_told_and_replaced(services: Services) -> None:
    settle(services, ("maud", None), ("tomas", None))
    services.adoption.write(HERE)
    accounts: Any = services.stores.accounts
    for number, name in ((1, "mathilde"), (2, "Mathilde")):
        row = accounts._data.accounts[number]  # noqa: SLF001
        row.account = replace(row.account, username=name)
    seen, found = look(services)
    assert (seen.changed, seen.left_out, found) == (1, 1, [("Mathilde", Problem.NAME_TAKEN, "1")])
    assert services.adoption.write(HERE) == 1
    assert services.stores.accounts.find_account("maud") is None
    with pytest.raises(AccountExists):
        services.stores.identities.put_keys([
            (services.stores.identities.list_users(after=1, limit=1)[0], AccountKeys.of("mathilde", None))
        ])  # fmt: skip


def look_at_new_names(services: Services) -> list[tuple[str | None, Problem, str]]:
    found = list[Finding]()
    services.adoption.survey(found.append, renames=True)
    return [(each.user.username, each.problem, each.new_name) for each in found]


@pytest.mark.asvs("V6.3.8")
@rows(
    "users, new_names",
    [
        ([("maud", None), ("Maud ", None), ("rnaud", None)], {"Maud ": "Maud-2", "rnaud": "rnaud-3"}),
        # Whoever is called so keeps it, also where they come later.
        ([("maud", None), ("Maud", None), ("maud-2", None)], {"Maud": "Maud-2-2"}),
        ([("maud", None), ("Maud", None), ("maud-2", None), ("maud-2-2", None)], {"Maud": "Maud-2-3"}),
        # The longest name that there may be, and what is left of it.
        ([("x" * 150, None), ("X" * 150, None)], {"X" * 150: "X" * 148 + "-2"}),
        # No address is ever changed, nor a name for any other reason.
        ([("maud", "a@x.org"), ("otto", "A@x.org"), ("", None), ("ma\nud", None)], {}),
    ],
)  # fmt: skip
def test_collisions_are_renamed_as_the_look_before_said(users: Users, new_names: dict[str, str]) -> None:
    services = make(FrozenClock(), Outbox())
    settle(services, *users)
    named = {name: new for name, _, new in look_at_new_names(services) if new}
    assert named == new_names
    assert names_that_sign_in(services) == set()
    services.adoption.write(HERE)
    told = list[Finding]()
    assert services.adoption.rename(HERE, told.append) == len(new_names)
    assert {each.user.username: each.new_name for each in told} == new_names
    assert set(new_names.values()) <= names_that_sign_in(services)
    assert [each for each in look(services)[1] if each[1] in {Problem.NAME_TAKEN, Problem.NAME_ALIKE}] == []
    assert services.adoption.rename(HERE, told.append) == 0
    stored = services.stores.identities.list_users(after=None, limit=1000)
    assert [each.email for each in stored] == [email or "" for _, email in users]


def test_a_new_name_leaves_those_who_come_later_theirs(services: Services) -> None:
    settle(services, ("maud", None), ("Maud", None), *[(f"n{number}", None) for number in range(BATCH)])
    settle(services, ("maud-2", None))
    assert [new for _, _, new in look_at_new_names(services)] == ["Maud-2-2"]
    services.adoption.write(HERE)
    assert services.adoption.rename(HERE, lambda _: None) == 1
    assert {"maud-2", "Maud-2-2"} <= names_that_sign_in(services)


def test_whoever_is_renamed_is_told_at_an_address_that_is_theirs(services: Services, outbox: Outbox) -> None:
    settle(
        services, ("maud", "a@x.org"), ("Maud", "b@x.org"), ("MAUD", "a@x.org"), ("mAud", None), ("mauD", "none")
    )  # fmt: skip
    services.adoption.write(HERE)
    assert services.adoption.rename(HERE, lambda _: None) == 4
    services.outbox.deliver(limit=9)
    (told,) = outbox.messages
    assert told.to == "b@x.org"
    assert "“Maud-2”" in told.body
    events, _ = services.stores.events.list_events(EventFilter(), offset=0, limit=9)
    renamed = {each.target: dict(each.detail) for each in events if each.kind == EventKind.ACCOUNT_RENAMED}
    assert renamed["account:2"] == {"was": "Maud", "name": "Maud-2"}
    assert len(renamed) == 4


def test_a_name_that_is_taken_meanwhile_makes_room_for_the_next(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(services, ("maud", None), ("Maud", None))
    services.adoption.write(HERE)
    rename_user, tried = services.stores.identities.rename_user, list[str]()

    def late(row: UserRow, name: str, keys: AccountKeys) -> bool:
        tried.append(name)
        if len(tried) == 1:
            raise AccountExists("username")
        return rename_user(row, name, keys)

    monkeypatch.setattr(services.stores.identities, "rename_user", late)
    assert services.adoption.rename(HERE, lambda _: None) == 1
    assert tried == ["Maud-2", "Maud-2-2"]


def test_whom_nothing_is_found_for_or_who_changed_is_left(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(services, ("maud", None), ("Maud", None))
    services.adoption.write(HERE)

    def changed(_row: UserRow, _name: str, _keys: AccountKeys) -> bool:
        return False

    def taken(_row: UserRow, _name: str, _keys: AccountKeys) -> bool:
        raise AccountExists("username")

    for outcome in (changed, taken):
        monkeypatch.setattr(services.stores.identities, "rename_user", outcome)
        assert services.adoption.rename(HERE, lambda _: None) == 0
    assert kinds(services).count("account:name:changed") == 0
