"""``bastide routes``: who may do what, route by route, and what changed since it was last looked through."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from bastide.check.deployment import read_deployment
from bastide.check.live.running import SECONDS, look_at
from bastide.check.live.targets import TargetError, find_target, read_target

FILE = click.Path(dir_okay=False, path_type=Path)
READ = click.Path(exists=True, dir_okay=False, path_type=Path)
NOTHING_SEEN = "nothing seen that asks who acts"


@click.command()
@click.argument("target", required=False)
@click.option("--env", type=READ, help="The environment that it is deployed in: lines of NAME=value.")
@click.option("--timeout", default=SECONDS, show_default=True, help="Seconds that it may take to start.")
@click.option("--snapshot", type=FILE, help="Keep the list in this file, to be reviewed.")
@click.option("--compare", type=READ, help="Say what differs from this file; the exit status is then 1.")
@click.pass_context
def routes(  # noqa: PLR0917 -- click's way
    context: click.Context,
    target: str | None,
    env: Path | None,
    timeout: float,
    snapshot: Path | None,
    compare: Path | None,
) -> None:
    """List TARGET's routes by method: who decides on each, and what each role gets.

    TARGET is an application as ``bastide check`` takes it. Without Bastide in it there are no roles to ask
    about, and the list says which guards were seen, and where none was. The exit status is 2 where it does
    not load.
    """
    here = Path.cwd()
    try:
        application = find_target(here) if target is None else read_target(target, here)
    except TargetError as error:
        raise click.UsageError(str(error)) from error
    look = look_at(application, variables=read_deployment(env=env).variables, seconds=timeout)
    for line in (*look.faults, *look.notes):
        click.echo(line, err=True)
    if not look.is_loaded or look.faults:
        # Half a list would pass for the whole.
        context.exit(2)
    lines = route_lines(look.routes)
    if snapshot is not None:
        snapshot.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        click.echo(f"{len(lines)} routes kept in {snapshot}")
    elif compare is not None:
        changes = list(differences(compare.read_text(encoding="utf-8").splitlines(), lines))
        click.echo("\n".join(changes) if changes else f"{len(lines)} routes, as in {compare}")
        context.exit(int(bool(changes)))
    else:
        click.echo("\n".join(lines))


def route_lines(found: Iterable[dict[str, Any]]) -> list[str]:
    """Return a line for each route and method, in the order of their paths."""
    rows = sorted(found, key=lambda row: (row["path"], row["method"], row["name"]))
    return [f"{row['method']:<7} {row['path']:<45} {_words(row)}".rstrip() for row in rows]


def _words(row: dict[str, Any]) -> str:
    answers = " ".join(f"{name}={answer}" for name, answer in row["answers"].items())
    if row["decided_by"]:
        said = row["decided_by"] if row["is_sure"] else f"perhaps {row['decided_by']}"
    else:
        said = "everybody, as declared" if row["is_open"] else NOTHING_SEEN
    return f"[{said}] {answers}"


def differences(before: list[str], now: list[str]) -> Iterable[str]:
    """Yield what is new, what is gone and what is decided otherwise, by route."""
    earlier, later = _by_route(before), _by_route(now)
    for route in sorted(earlier.keys() | later.keys(), key=lambda route: route[::-1]):
        was, becomes = earlier.get(route, []), later.get(route, [])
        name = " ".join(route)
        if not was:
            yield from (f"+ {name}\n    {words}" for words in becomes)
        elif not becomes:
            yield from (f"- {name}\n    {words}" for words in was)
        elif was != becomes:
            yield f"~ {name}\n    was {'; '.join(was)}\n    now {'; '.join(becomes)}"


def _by_route(lines: list[str]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        method, path, words = (*line.split(None, 2), "", "", "")[:3]
        if method:
            found.setdefault((method, path), []).append(words)
    return found
