"""``bastide check``: options in, a report and an exit status out."""

import click

from bastide.check.findings import Report
from bastide.check.gathering import TargetError, gather
from bastide.check.rules import Severity

THRESHOLDS = {"low": Severity.LOW, "medium": Severity.MEDIUM, "high": Severity.HIGH}


@click.command()
@click.argument("target")
@click.option(
    "--fail-on",
    type=click.Choice([*THRESHOLDS, "never"]),
    default="low",
    show_default=True,
    help="The least severity that makes the exit status 1.",
)
@click.pass_context
def check(context: click.Context, target: str, fail_on: str) -> None:
    """Say what TARGET leaves open, by line, reason and mend.

    The exit status is 0 where nothing is found, 1 where something is, and 2 where TARGET cannot be checked.
    """
    try:
        report = gather(target)
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
