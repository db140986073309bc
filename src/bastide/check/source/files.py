"""Which files are read."""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

PYTHON: Final = frozenset({".py", ".pyw"})
TEMPLATES: Final = frozenset({".html", ".htm", ".xhtml", ".jinja", ".jinja2", ".j2"})
LEFT_OUT: Final = frozenset({
    "node_modules", "__pycache__", "site-packages", "bower_components", "build", "dist", "htmlcov",
    "venv", "env",
})  # fmt: skip
TESTS: Final = re.compile(r"^(?:test_.*|.*_tests?|tests|conftest)\.py$|^(?:tests?|testing)$")
LARGEST: Final = 2_000_000


@dataclass(slots=True)
class Files:
    """The files under some paths, and what was left out."""

    read: list[Path] = field(default_factory=list)
    tests: int = 0
    links: int = 0
    unread: list[tuple[Path, str]] = field(default_factory=list)


def is_test(path: Path) -> bool:
    """Tell whether a file, or a folder above it, is there for tests."""
    return any(TESTS.match(part) for part in path.parts)


def find_files(paths: Iterable[Path], *, with_tests: bool, exclude: tuple[str, ...] = ()) -> Files:
    """Return the Python files and templates under the paths, each once, whatever links lead where."""
    found = Files()
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if path.is_dir():
            _walk(path, found, seen, with_tests=with_tests, exclude=exclude)
        else:
            _take(path, found, seen)
    return found


def _walk(
    top: Path, found: Files, seen: set[tuple[int, int]], *, with_tests: bool, exclude: tuple[str, ...]
) -> None:
    folders = [top]
    while folders:
        for entry in _entries(folders.pop(), found):
            path = Path(entry.path)
            if any(path.match(pattern) for pattern in exclude):
                continue
            if entry.is_symlink():
                found.links += 1
            elif TESTS.match(entry.name) and not with_tests:
                found.tests += sum(1 for _ in path.rglob("*.py")) if entry.is_dir() else 1
            elif entry.is_dir(follow_symlinks=False):
                folders += [path] if _is_own(path) else []
            elif path.suffix in PYTHON or (
                path.suffix in TEMPLATES and "static" not in path.relative_to(top).parts
            ):
                _take(path, found, seen)


def _is_own(folder: Path) -> bool:
    """Tell whether a folder holds what the application's authors wrote."""
    name = folder.name
    return not (name.startswith(".") or name in LEFT_OUT or (folder / "pyvenv.cfg").exists())


def _entries(folder: Path, found: Files) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        found.unread.append((folder, error.strerror or str(error)))


def _take(path: Path, found: Files, seen: set[tuple[int, int]]) -> None:
    try:
        status = path.stat()
    except OSError as error:
        found.unread.append((path, error.strerror or str(error)))
        return
    if not stat.S_ISREG(status.st_mode):
        found.unread.append((path, "not a file"))
    elif status.st_size > LARGEST:
        found.unread.append((path, f"larger than {LARGEST:,} bytes"))
    elif (status.st_dev, status.st_ino) not in seen:
        seen.add((status.st_dev, status.st_ino))
        found.read.append(path)
