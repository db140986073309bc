"""The source of an application, read and never run.

Reasoning stays within a function, its module's constants and the functions beside it. A value is the
application's own where it is a constant, a number, or what a check or an encoder of the same function let
through; the visitor's where it comes from the request; and between the two otherwise. Includes of templates
are not followed, so that nothing can turn in circles.
"""

import multiprocessing
import os
import threading
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from bastide.check.findings import Report
from bastide.check.rules import Severity
from bastide.check.source.files import find_files, is_test
from bastide.check.source.reading import read_file, unread

# Below this a second process costs more than it does.
WORTH_A_PROCESS: Final = 400_000
AT_ONCE: Final = 32


def check_source(paths: Iterable[Path], *, with_tests: bool = False, exclude: tuple[str, ...] = ()) -> Report:
    """Return what the files under the paths leave open.

    Args:
        paths: folders and files.
        with_tests: whether test files are read too; what they hold weighs less.
        exclude: patterns of paths that are left out.
    """
    files = find_files(paths, with_tests=with_tests, exclude=exclude)
    read = [(path, name_of(path)) for path in files.read]
    reports = [unread(name_of(path), 1, why) for path, why in files.unread]
    reports += [
        _lightened(report) if with_tests and is_test(path) else report
        for (path, _), report in zip(read, _read_all(read), strict=True)
    ]
    notes = []
    if files.tests:
        notes.append(f"{files.tests} test files left out: --tests takes them in")
    if files.links:
        notes.append(f"{files.links} symbolic links not followed")
    notes.append(f"{len(read)} files read")
    return Report.joined([*reports, Report(notes=tuple(notes))])


def _lightened(report: Report) -> Report:
    """Return the report of a test file, whose holes are no visitor's."""
    findings = tuple(replace(finding, severity=Severity.LOW) for finding in report.findings)
    return replace(report, findings=findings)


def name_of(path: Path) -> str:
    """Return a path as findings name it: from the working directory where it is below."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 -- resolve() would follow links
    here = Path.cwd()
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else absolute).as_posix()


def _read_all(files: list[tuple[Path, str]]) -> list[Report]:
    size = sum(path.stat().st_size for path, _ in files if path.exists())
    can_fork = "fork" in multiprocessing.get_all_start_methods() and threading.active_count() == 1
    workers = min(os.cpu_count() or 1, 8, 1 + size // WORTH_A_PROCESS)
    if workers == 1 or not can_fork:
        return [read_file(path, name) for path, name in files]
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
        return list(pool.map(read_file, *zip(*files, strict=True), chunksize=AT_ONCE))
