"""For people: each finding by its place, and of each kind once what it is for."""

from collections import Counter
from typing import Final

from rich.console import Console
from rich.text import Text

from bastide.check.findings import Finding, Report
from bastide.check.rules import RULES, Rule, Severity
from bastide.check.settling import source_line

COLOURS: Final = {Severity.HIGH: "bold red", Severity.MEDIUM: "yellow", Severity.LOW: "cyan"}


def as_text(report: Report) -> str:
    """Return lines for a terminal; colours only where the console that prints them has some."""
    console = Console(soft_wrap=True, highlight=False)
    with console.capture() as captured:
        write_text(report, console)
    return captured.get()


def write_text(report: Report, console: Console) -> None:
    """Write every finding, then every kind of finding, then how many."""
    for finding in report.findings:
        console.print(_finding(finding))
    for rule_id in sorted({finding.id for finding in report.findings}):
        console.print(_rule(RULES[rule_id]))
    for note in report.notes:
        console.print(Text(plain(note), style="dim"))
    counts = Counter(finding.severity for finding in report.findings)
    told = ", ".join(f"{counts[each]} {each}" for each in sorted(counts, reverse=True))
    console.print(f"{len(report.findings)} findings: {told}" if told else "nothing found")


def _finding(finding: Finding) -> Text:
    line = Text()
    line.append(f"{plain(finding.path)}:{finding.line}: ")
    line.append(finding.id, style="bold")
    line.append(f" {finding.severity}", style=COLOURS[finding.severity])
    line.append(f" {plain(finding.message)}")
    source = source_line(finding)
    if source:
        line.append(f"\n    {plain(source)}", style="dim")
    return line


def _rule(rule: Rule) -> Text:
    line = Text("\n")
    line.append(rule.id, style="bold")
    line.append(f" {rule.title} (ASVS {rule.asvs}, {rule.chapter})\n")
    line.append(f"  attack   {rule.attack}\n")
    line.append(f"  mend     {rule.mends.without}\n")
    line.append(f"  Bastide  {rule.mends.bastide}")
    return line


def plain(text: str) -> str:
    """Return text without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


def explain(rule: Rule) -> str:
    """Return everything that the table says about a rule."""
    parts = [
        f"{rule.id} {rule.title}",
        f"severity {rule.severity}, confidence {rule.confidence}, ASVS {rule.asvs}, chapter {rule.chapter}",
        f"What an attacker does: {rule.attack}",
        f"Mend: {rule.mends.without}",
        f"Mend with Bastide: {rule.mends.bastide}",
    ]
    for name, code in (("Wrong", rule.wrong), ("Right", rule.right)):
        if code:
            indented = "\n".join(f"    {line}".rstrip() for line in code.splitlines())
            parts.append(f"{name}, in {rule.file}:\n\n{indented}")
    return "\n\n".join(parts) + "\n"
