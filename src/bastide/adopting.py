"""What the adopt commands of both frameworks do, over lines of text: users who were there before Bastide."""

import csv
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from bastide.core.accounts import Finding, Problem, Survey
from bastide.core.foundation import Client, StoreUnavailable
from bastide.core.request import Layer, Services
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
_FIELDS: Final = ("id", "username", "email", "problem", "other", "advice")
# What a spreadsheet would run.
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")

Put: TypeAlias = Callable[[Mapping[str, str]], object]


def adopt_users(
    services: Services, client: Client, *, writes: bool, report: str | None, write: Write
) -> bool:
    """Say what adopting the users comes to, after doing it where that is meant; name every problem.

    Tell whether everybody can sign in, and nothing is left to do.

    Args:
        services: the application's controls.
        client: who asks.
        writes: False to look only.
        report: a file for every problem, as CSV, or as lines of JSON where it ends with ``.json``; or None.
        write: takes the lines.
    """
    done = 0
    if writes:
        with progress("taking users up") as watch:
            done = services.adoption.write(client, watch)
    with _reporting(report) as put, progress("looking at every user") as watch:
        lines = list[str]()

        def found(finding: Finding) -> None:
            put(_row(finding))
            if len(lines) < MOST_LINES:
                lines.append(_line(finding))

        seen = services.adoption.survey(found, watch)
    left = seen.without_keys + seen.changed
    _tell(seen, write)
    for line in lines:
        write(line)
    if seen.problems.total() > len(lines):
        write(f"and {seen.problems.total() - len(lines)} more: --report FILE takes them all")
    if writes:
        again = f"; {left} changed meanwhile, repeat this" if left else ""
        write(f"{done} users written{again}")
    elif left:
        write(f"nothing was written: --write does it for {left} users")
    return not seen.left_out and not (writes and left)


def unadopted_warning(services: Services, command: str) -> str | None:
    """Return what to say at a start, and nothing where every user has keys; it looks no further than it says.

    Args:
        services: the application's controls.
        command: what mends it.
    """
    if Layer.ACCOUNTS not in services.layers:
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


def _tell(seen: Survey, write: Write) -> None:
    write(
        f"{seen.total} users: {seen.in_step} as they should be, {seen.without_keys} without keys,"
        f" {seen.changed} with those of an earlier name or address, {seen.left_out} left out"
    )
    if seen.without_password:
        write(f"{seen.without_password} users have no password")
    for problem, number in sorted(seen.problems.items()):
        write(f"{number} {problem}")


def _line(finding: Finding) -> str:
    user = finding.user
    other = f" (user {finding.holder})" if finding.holder else ""
    # As a literal: whatever somebody called themselves moves no cursor.
    return f"user {user.id} {ascii(user.username)[:80]}: {finding.problem}{other}: {ADVICE[finding.problem]}"


def _row(finding: Finding) -> Mapping[str, str]:
    user, problem = finding.user, finding.problem
    values = (str(user.id), user.username or "", user.email or "", problem.value, finding.holder)
    return dict(zip(_FIELDS, (*values, ADVICE[problem]), strict=True))


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
