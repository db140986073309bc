"""``bastide check``: options in, a report and an exit status out."""

from pathlib import Path

import click

from bastide.check.deployment import read_deployment
from bastide.check.findings import Report
from bastide.check.gathering import TargetError, gather
from bastide.check.live.running import SECONDS
from bastide.check.rules import Severity

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

THRESHOLDS = {"low": Severity.LOW, "medium": Severity.MEDIUM, "high": Severity.HIGH}


@click.command()
@click.argument("target", required=False)
@click.option("--env", type=FILE, help="The environment that it is deployed in: lines of NAME=value.")
@click.option("--gunicorn", type=FILE, help="Its configuration of gunicorn; read, never run.")
@click.option("--timeout", default=SECONDS, show_default=True, help="Seconds that it may take to start.")
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
    fail_on: str,
) -> None:
    """Say what TARGET leaves open, by line, reason and mend.

    TARGET is an application, which is loaded and neither served nor let at its database: module:app,
    "module:create_app()", a manage.py or a settings module; without it, the one that the working directory
    has. A folder or a file is read only.

    The exit status is 0 where nothing is found, 1 where something is, and 2 where TARGET cannot be checked.
    """
    try:
        deployment = read_deployment(env=env, gunicorn=gunicorn)
        report = gather(target, deployment, seconds=timeout)
    except TargetError as error:
        raise click.UsageError(str(error)) from error
    for finding in report.findings:
        click.echo(f"{finding.path}:{finding.line}: {finding.id} {finding.severity} {finding.message}")
    for note in report.notes:
        click.echo(note, err=True)
    context.exit(status(report, fail_on))


def status(report: Report, fail_on: str) -> int:
    """Return 1 where a finding weighs what makes the check fail, else 0."""
    least = THRESHOLDS.get(fail_on)
    return int(least is not None and any(finding.severity >= least for finding in report.findings))
