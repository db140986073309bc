"""Applications import from four packages; what those hand on is whole, in order, explained and nothing else."""

import importlib.util
import inspect
import re
import subprocess
import sys
import tomllib
from types import ModuleType
from typing import Any

import pytest

from conftest import ROOT
from support import django_blog

FACES = ("bastide", "bastide.flask", "bastide.django", "bastide.testing")
READ = sorted(
    path
    for pattern in ("examples/**/*.py", "tests/howto/*.py", "docs/howto/*.md", "README.md", "docs/events.md")
    for path in ROOT.glob(pattern)
)
# In code, in scripts that tests write, in the blocks of guides; a path in quotes is none.
IMPORT = re.compile(
    r"^ *(?:import (bastide[\w.]*)|from (bastide[\w.]*) import (\([^)]*\)|[^\n]*))", re.MULTILINE
)
MENTION = re.compile(r"`((bastide\.\w+)(?:\.\w+)*)`")
HAND_ON = {face: frozenset(importlib.import_module(face).__all__) for face in FACES}


def face_of(name: str) -> Any:
    django_blog.set_up()
    return importlib.import_module(name)


def astray(text: str) -> list[str]:
    """Return what the text imports from elsewhere than a face, or by a name that the face does not hand on."""
    found = []
    for plain, module, names in IMPORT.findall(re.sub("#.*", "", text)):
        if (plain or module) not in FACES:
            found.append(plain or module)
        asked = re.findall(r"(\w+)(?: as \w+)?", names)
        found += [f"{module}.{name}" for name in asked if name not in HAND_ON.get(module, asked)]
    return found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from bastide import Owns\nfrom bastide.flask import public as open_to_all\n", []),
        ("import bastide.django\nSESSION_ENGINE = 'bastide.django.sessions'\n", []),
        ("    from bastide.core.access import Owns  # in a block\n", ["bastide.core.access"]),
        ("import bastide.stores.sql\n", ["bastide.stores.sql"]),
        (
            "from bastide.flask import (\n    Bastide,\n    extension,  # the module\n)\n",
            ["bastide.flask.extension"],
        ),
        ("from bastide import core\n", ["bastide.core"]),
    ],
)
def test_what_goes_past_a_face_is_found(code: str, found: list[str]) -> None:
    assert astray(code) == found


def test_blogs_guides_and_what_follows_them_import_from_the_faces() -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in READ}
    assert sum("from bastide" in text for text in texts.values()) > 30
    assert {name: found for name, text in texts.items() if (found := astray(text))} == {}
    guides = "".join(text for name, text in texts.items() if name.endswith(".md"))
    known = {*FACES, *(f"{face}.{name}" for face in FACES for name in HAND_ON[face])}
    # Other dotted names are loggers and the numbers of checks.
    told = {name for name, module in MENTION.findall(guides) if importlib.util.find_spec(module)}
    assert told - known == set()


@pytest.mark.parametrize("name", FACES)
def test_a_face_hands_on_what_it_lists_and_nothing_leaks(name: str) -> None:
    face = face_of(name)
    listed = face.__all__
    assert listed == sorted(listed, key=lambda each: (not each.isupper(), not each[0].isupper(), each))
    assert len(listed) == len(set(listed))
    public = {
        each for each, value in vars(face).items() if each[0] != "_" and not isinstance(value, ModuleType)
    }
    assert public <= set(listed)
    assert not any(isinstance(getattr(face, each), ModuleType) for each in listed)
    with pytest.raises(AttributeError):
        _ = face.no_such_name


@pytest.mark.parametrize("name", FACES)
def test_every_name_is_explained(name: str) -> None:
    face = face_of(name)
    said = re.findall(r"`(\w+)`", face.__doc__.partition("\n\n")[2])
    assert set(face.__all__) - set(said) == set()
    for each in face.__all__:
        value = getattr(face, each)
        if inspect.isclass(value) or hasattr(value, "__qualname__"):
            # A dataclass without one is given its own signature.
            assert (value.__doc__ or "").partition("(")[0] not in {"", each}, each


def test_every_name_has_one_home() -> None:
    for face in FACES[1:]:
        assert HAND_ON["bastide"] & HAND_ON[face] == set()


@pytest.mark.parametrize(
    ("face", "foreign"),
    [
        ("bastide", {"flask", "django", "sqlalchemy", "jinja2", "wtforms", "pytest", "PIL", "webauthn"}),
        ("bastide.flask", {"django", "pytest", "PIL", "webauthn"}),
        ("bastide.django", {"flask", "sqlalchemy", "wtforms", "pytest", "PIL", "webauthn"}),
        ("bastide.testing", {"flask", "django", "sqlalchemy", "pytest"}),
    ],
)
def test_a_face_needs_only_its_own_framework_and_no_settings(face: str, foreign: set[str]) -> None:
    code = f"import {face}, sys; print(*sys.modules)"
    done = subprocess.run(  # noqa: S603 -- this interpreter
        [sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert set(done.stdout.split()) & foreign == set()


def test_the_version_is_said_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert "version" not in project["project"]
    source = ROOT / project["tool"]["hatch"]["version"]["path"]
    said = re.findall(r'^__version__ = "(\d+\.\d+\.\d+)"', source.read_text(encoding="utf-8"), re.MULTILINE)
    assert said == [importlib.import_module("bastide").__version__]
