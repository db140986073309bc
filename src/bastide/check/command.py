"""``bastide check``: options in, a report and an exit status out."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from bastide.check.deployment import read_deployment
from bastide.check.findings import Report
from bastide.check.fixing import fixes_of
from bastide.check.formats import FORMATS
from bastide.check.formats.text import explain
from bastide.check.gathering import Choices, TargetError, gather
from bastide.check.live.running import SECONDS
from bastide.check.rules import RULES, Severity
from bastide.check.settling import BaselineError, lines_of, read_baseline, settle, without_known

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
THRESHOLDS: Final = {"low": Severity.LOW, "medium": Severity.MEDIUM, "high": Severity.HIGH}


def _explain(context: click.Context, _option: click.Parameter, rule_id: str | None) -> None:
    if rule_id is None:
        return
    rule = RULES.get(rule_id.upper())
    if rule is None:
        problem = f"{rule_id}: no such id; they are {', '.join(RULES)}"
        raise click.BadParameter(problem)
    click.echo(explain(rule), nl=False)
    context.exit()


@click.command()
@click.argument("target", required=False)
@click.option("--env", type=FILE, help="The environment that it is deployed in: lines of NAME=value.")
@click.option("--gunicorn", type=FILE, help="Its configuration of gunicorn; read, never run.")
@click.option("--timeout", default=SECONDS, show_default=True, help="Seconds that it may take to start.")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How it is written.",
)
@click.option("--baseline", type=FILE, help="Findings of this file wait; --format json writes one.")
@click.option("--tests", is_flag=True, help="Read test files too; what they hold weighs little.")
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave paths out, as 'legacy/*'; more than once."
)
@click.option("--fix", is_flag=True, help="Show the safe fixes as a diff, and write them.")
@click.option("--diff", is_flag=True, help="Show what --fix would write.")
@click.option(
    "--explain",
    metavar="ID",
    is_eager=True,
    expose_value=False,
    callback=_explain,
    help="Say what an id means.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*THRESHOLDS, "never"]),
    default="low",
    show_default=True,
    help="The least severity that makes the exit status 1.",
)
@click.pass_context
def check(  # noqa: PLR0917 -- click's way
    context: click.Context,
    target: str | None,
    env: Path | None,
    gunicorn: Path | None,
    timeout: float,
    form: str,
    fail_on: str,
    baseline: Path | None,
    tests: bool,  # noqa: FBT001 -- click's way
    exclude: tuple[str, ...],
    fix: bool,  # noqa: FBT001
    diff: bool,  # noqa: FBT001
) -> None:
    """Say what TARGET leaves open, by line, reason and mend.

    TARGET is an application, which is loaded and neither served nor let at its database: module:app,
    "module:create_app()", a manage.py or a settings module; without it, the one that the working directory
    has. A folder or a file is read only.

    The exit status is 0 where nothing is found, 1 where something is, and 2 where TARGET cannot be checked.
    A comment `# bastide: allow ID because ...` lets a finding of its line stand.
    """
    lines_of.cache_clear()
    choices = Choices(with_tests=tests, exclude=exclude)
    try:
        known = None if baseline is None else read_baseline(baseline)
        deployment = read_deployment(env=env, gunicorn=gunicorn)
        gathered = gather(target, deployment, choices, seconds=timeout)
    except (TargetError, BaselineError) as error:
        raise click.UsageError(str(error)) from error
    report = settle(gathered.report, families=gathered.families)
    if known is not None:
        report = without_known(report, known)
    if fix or diff:
        report = _fixed(report, writes=fix, is_alone=form != "text")
    click.echo(FORMATS[form](report), nl=False)
    context.exit(status(report, fail_on))


def _fixed(report: Report, *, writes: bool, is_alone: bool) -> Report:
    """Show what the safe fixes change; return what is left once they are written.

    Programs read the report alone: the diff is no part of it.
    """
    fixed = set()
    for fix in fixes_of(report.findings):
        click.echo(fix.diff, nl=False, err=is_alone)
        if writes:
            fix.write()
            fixed.add(fix.path)
    lines_of.cache_clear()
    left = tuple(each for each in report.findings if not (each.edits and each.path in fixed))
    return replace(report, findings=left)


def status(report: Report, fail_on: str) -> int:
    """Return 1 where a finding weighs what makes the check fail, else 0."""
    least = THRESHOLDS.get(fail_on)
    return int(least is not None and any(finding.severity >= least for finding in report.findings))
