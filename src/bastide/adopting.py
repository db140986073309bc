"""What the adopt commands of both frameworks do, over lines of text: users who were there before Bastide."""

import csv
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from bastide.core.accounts import COLLISIONS, Finding, Problem, Survey
from bastide.core.foundation import Client, StoreUnavailable
from bastide.core.request import Services
from bastide.housekeeping import Write, progress

# Lines of problems on a screen; a report has them all.
MOST_LINES: Final = 20
# A start and a check count no further.
MOST_COUNTED: Final = 1000
ADVICE: Final[Mapping[Problem, str]] = MappingProxyType(
    {
        Problem.NAME_EMPTY: "cannot sign in: give this user a name",
        Problem.NAME_UNUSABLE: "cannot sign in: rename this user, nobody can type these characters",
        Problem.NAME_TOO_LONG: "cannot sign in: rename this user, the name is too long to be a key",
        Problem.NAME_TAKEN: "cannot sign in: rename this user or the other one, or make one of them",
        Problem.NAME_ALIKE: "cannot sign in: rename this user or the other one, readers take them for one",
        Problem.EMAIL_UNUSABLE: "signs in by name only: correct the address",
        Problem.EMAIL_TOO_LONG: "signs in by name only: correct the address",
        Problem.EMAIL_TAKEN: "signs in by name only: the address finds the other user; change one of them",
        Problem.NAME_RESERVED: "signs in, under a name that speaks for the site: is it the site's own?",
    }
)
_FIELDS: Final = ("id", "username", "email", "problem", "other", "advice", "new_name")
# What a spreadsheet would run.
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")

Put: TypeAlias = Callable[[Mapping[str, str]], object]


def adopt_users(
    services: Services, client: Client, *, writes: bool, renames: bool, report: str | None, write: Write
) -> bool:
    """Say what adopting the users comes to, after doing it where that is meant; name every problem.

    Tell whether everybody can sign in, and nothing is left to do.

    Args:
        services: the application's controls.
        client: who asks.
        writes: False to look only.
        renames: give those whose names collide other ones.
        report: a file for every problem, as CSV, or as lines of JSON where it ends with ``.json``; or None.
        write: takes the lines.
    """
    can_rename = services.stores.identities.longest_name is not None
    if renames and not can_rename:
        write("nobody can be renamed: users are called by their addresses, which are never changed")
        return False
    adoption, done, renamed = services.adoption, 0, 0
    with _reporting(report) as put:
        lines = list[str]()

        def found(finding: Finding, *, is_done: bool = False) -> None:
            put(_row(finding, is_done=is_done))
            if len(lines) < MOST_LINES:
                lines.append(_line(finding, is_done=is_done))

        if writes:
            with progress("taking users up") as watch:
                done = adoption.write(client, watch)
        if writes and renames:
            with progress("renaming users") as watch:
                renamed = adoption.rename(client, partial(found, is_done=True), watch)
        with progress("looking at every user") as watch:
            seen = adoption.survey(found, watch, renames=renames and not writes)
    _tell(seen, write)
    _tell_lines(lines, renamed + seen.problems.total(), write)
    left = seen.without_keys + seen.changed
    if writes:
        told = f", {renamed} of them renamed" if renamed else ""
        again = f"; {left} changed meanwhile, repeat this" if left else ""
        write(f"{done + renamed} users written{told}{again}")
    else:
        _tell_what_is_to_do(seen, left, renames=renames if can_rename else None, write=write)
    return not seen.left_out and not (writes and left)


def unadopted_warning(services: Services, command: str) -> str | None:
    """Return what to say at a start, and nothing where every user has keys; it looks no further than it says.

    Args:
        services: the application's controls.
        command: what mends it.
    """
    if not services.owns_accounts:
        return None
    try:
        number = services.stores.identities.count_without_keys(limit=MOST_COUNTED)
    except StoreUnavailable:
        return None  # the tables are not there yet, or whatever asks next says so
    if not number:
        return None
    or_more = " or more" if number == MOST_COUNTED else ""
    return (
        f"{number}{or_more} users cannot sign in, because the keys of their names are not kept yet, or are"
        f" somebody else's: `{command}` says of whom, and `{command} --write` mends what can be"
    )


def unread_warning(services: Services, command: str) -> str | None:
    """Return what to say at a start of hashes that nobody reads, and nothing where none was seen.

    Args:
        services: the application's controls.
        command: what counts them all.
    """
    if not services.owns_accounts:
        return None
    try:
        seen = services.stored_hashes.count_some_unread(limit=MOST_COUNTED)
    except StoreUnavailable:
        return None  # as above
    if not seen.unread:
        return None
    of = "" if seen.is_all else f" of the {seen.looked_at} that were looked at"
    kinds = ", ".join(f"{number} {why}" for why, number in sorted(seen.unread.items()))
    return (
        f"{seen.unread.total()} users{of} cannot sign in, because nobody reads their password hashes:"
        f" {kinds}; `{command}` counts them all"
    )


def _tell(seen: Survey, write: Write) -> None:
    write(
        f"{seen.total} users: {seen.in_step} as they should be, {seen.without_keys} without keys,"
        f" {seen.changed} with those of an earlier name or address, {seen.left_out} left out"
    )
    if seen.without_password:
        write(f"{seen.without_password} users have no password")
    for problem, number in sorted(seen.problems.items()):
        write(f"{number} {problem}")


def _tell_lines(lines: Sequence[str], number: int, write: Write) -> None:
    for line in lines:
        write(line)
    if number > len(lines):
        write(f"and {number - len(lines)} more: --report FILE takes them all")


def _tell_what_is_to_do(seen: Survey, left: int, *, renames: bool | None, write: Write) -> None:
    colliding = sum(seen.problems[problem] for problem in COLLISIONS)
    if left or (renames and colliding):
        new = f", and gives {colliding} another name" if renames and colliding else ""
        write(f"nothing was written: --write does it for {left} users{new}")
    if colliding and renames is False:
        write(f"--rename says what {colliding} of those left out would be called, and with --write does it")


def _line(finding: Finding, *, is_done: bool) -> str:
    user = finding.user
    other = f" (user {finding.holder})" if finding.holder else ""
    advice = _advice(finding, is_done=is_done)
    # As a literal: whatever somebody called themselves moves no cursor.
    return f"user {user.id} {ascii(user.username)[:80]}: {finding.problem}{other}: {advice}"


def _advice(finding: Finding, *, is_done: bool) -> str:
    if not finding.new_name:
        return ADVICE[finding.problem]
    return f"{'is now' if is_done else 'would be'} called {ascii(finding.new_name)[:80]}"


def _row(finding: Finding, *, is_done: bool) -> Mapping[str, str]:
    user, problem = finding.user, finding.problem
    advice = _advice(finding, is_done=is_done)
    values = (str(user.id), user.username or "", user.email or "", problem.value, finding.holder, advice)
    return dict(zip(_FIELDS, (*values, finding.new_name), strict=True))


@contextmanager
def _reporting(path: str | None) -> Iterator[Put]:
    if path is None:
        yield lambda _row: None
        return
    # Names and addresses of people: for whoever asked, and nobody else.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        if Path(path).suffix == ".json":
            yield lambda row: file.write(json.dumps(row) + "\n")
            return
        table: Any = csv.DictWriter(file, _FIELDS)
        table.writeheader()
        yield lambda row: table.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULAS) else value
