"""Where things of a loaded application stand."""

import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable
from functools import cache, cached_property
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

LIBRARIES = ("site-packages", "dist-packages", ".venv", "venv")


class Place(NamedTuple):
    """A line of a file, or the target where there is none."""

    path: str
    line: int


class Places:
    """Finds lines of the application's own files.

    Args:
        root: the folder of the project; what is under it, libraries apart, is the application's own.
        target: stands where no line does.

    Attributes:
        nowhere: where what stands in no line is said to stand.
        more_files: of the application's own, besides those of its modules.
    """

    def __init__(self, root: Path, target: str) -> None:
        self.root = root.resolve()
        self.nowhere: Place = Place(target, 1)
        self.more_files: list[str] = []
        self._here = Path.cwd()

    def is_own(self, file: str) -> bool:
        """Tell whether the file is the application's own."""
        if file.startswith("<"):
            return False  # of the interpreter
        # As text: it is asked of every module that was imported.
        path = os.path.normpath(os.path.join(self._here, file))  # noqa: PTH118
        if not path.startswith(f"{self.root}{os.sep}"):
            return False
        return not any(part in LIBRARIES for part in path[len(str(self.root)) :].split(os.sep))  # noqa: PTH206

    def at(self, file: str, line: int) -> Place:
        """Return the line, its file from the working directory."""
        path = Path(file)
        if path.is_absolute() and path.is_relative_to(self._here):
            path = path.relative_to(self._here)
        return Place(path.as_posix(), max(line, 1))

    def of(self, thing: Any) -> Place:
        """Return where a function, class or instance of one is written."""
        code = code_of(thing)
        if code is not None:
            return self.at(code.co_filename, code.co_firstlineno)
        known = thing if inspect.isclass(thing) else type(thing)
        try:
            file = inspect.getfile(known)
        except (OSError, TypeError):
            return self.nowhere
        return self.at(file, _class_line(file, known.__name__) if self.is_own(file) else 1)

    def of_word(self, word: str, files: Iterable[str] = ()) -> Place:
        """Return where the word stands first: in the files, else in the application's own."""
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        for file in files or self._own_files:
            for number, line in enumerate(read_text(file).splitlines(), 1):
                if pattern.search(line) and not line.lstrip().startswith("#"):
                    return self.at(file, number)
        return self.nowhere

    def of_attribute(self, owner: type[Any], name: str) -> Place:
        """Return where a class gives itself the attribute, else where the class begins."""
        begin = self.of(owner)
        pattern = re.compile(rf"^\s+{re.escape(name)}\s*[:=]")
        lines = read_text(begin.path).splitlines()
        for number in range(begin.line, min(begin.line + 400, len(lines))):
            if pattern.match(lines[number]):
                return Place(begin.path, number + 1)
        return begin

    @cached_property
    def own_modules(self) -> list[Any]:
        """The application's own modules that were imported."""
        found = [module for module in sys.modules.copy().values() if getattr(module, "__file__", None)]
        return [module for module in found if self.is_own(str(module.__file__))]

    @cached_property
    def _own_files(self) -> list[str]:
        return [*self.more_files, *(str(module.__file__) for module in self.own_modules)]


def code_of(thing: Any) -> CodeType | None:
    """Return the code of a function, method or callable, whatever it is wrapped in."""
    if not isinstance(thing, type):
        thing = inspect.unwrap(thing) if callable(thing) else thing
    found = getattr(getattr(thing, "__func__", thing), "__code__", None)
    return found if isinstance(found, CodeType) else None


def own_classes(places: Places, wanted: Callable[[type[Any]], bool]) -> list[type[Any]]:
    """Return the classes that the application's own modules define and that are wanted."""
    found = {
        id(each): each
        for module in places.own_modules
        for each in list(vars(module).values())
        if isinstance(each, type) and each.__module__ == module.__name__ and wanted(each)
    }
    return list(found.values())


@cache
def _class_line(file: str, name: str) -> int:
    pattern = re.compile(rf"^[ \t]*class {re.escape(name)}\b", re.MULTILINE)
    text = read_text(file)
    begin = pattern.search(text)
    return 1 if begin is None else text.count("\n", 0, begin.start()) + 1


@cache
def read_text(file: str) -> str:
    """Return the text of a file; an empty one where there is none."""
    try:
        return Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
