"""The rooms of the core: each has a face, and nobody reaches past it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT

CORE = ROOT / "src/bastide/core"
ROOMS = sorted(path.parent for path in CORE.glob("*/__init__.py"))
SOURCES = sorted(path for top in ("src", "examples") for path in (ROOT / top).rglob("*.py"))


def imports_of(path: Path) -> Iterator[tuple[str, str]]:
    """Every ``from module import name`` of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def test_whoever_is_not_of_a_room_imports_from_its_face() -> None:
    past = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in SOURCES
        for module, _ in imports_of(path)
        if module.startswith("bastide.core.")
        and module.count(".") > 2
        and CORE / module.split(".")[2] not in path.parents
    ]
    assert past == []


@pytest.mark.parametrize("room", ROOMS, ids=[room.name for room in ROOMS])
def test_a_room_says_what_it_promises_and_marks_what_is_its_own(room: Path) -> None:
    face = room / "__init__.py"
    promise = ast.get_docstring(ast.parse(face.read_text(encoding="utf-8"))) or ""
    assert len([line for line in promise.splitlines() if line]) in {3, 4}
    handed_on = {module for module, _ in imports_of(face)}
    prefix = f"bastide.core.{room.name}."
    for module in room.glob("*.py"):
        if module != face:
            assert module.stem.startswith("_") != (prefix + module.stem in handed_on), module


def test_the_walk_through_the_house_names_every_room() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| \d \| `(\w+)` \| .+ \|$", text, re.MULTILINE)) == [
        room.name for room in ROOMS
    ]


def test_every_module_of_the_core_has_its_test_module_and_no_test_module_is_left_over() -> None:
    modules = {
        path.relative_to(CORE).with_stem("test_" + path.stem.removeprefix("_"))
        for path in CORE.rglob("*.py")
        if path.name != "__init__.py"
    }
    tests = {path.relative_to(ROOT / "tests/core") for path in (ROOT / "tests/core").rglob("test_*.py")}
    assert tests == modules
