"""Which application a target names, and which one a usual project has; nothing of it is run."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bastide.check.live._names import FACTORIES, OBJECTS

ENTRY_FILES: Final = (
    "wsgi.py", "app.py", "main.py", "run.py", "server.py", "application.py", "autoapp.py", "manage.py",
)  # fmt: skip
MAX_SIZE_BYTES: Final = 1_000_000
MAX_FOLDERS: Final = 200
OTHERS: Final = frozenset(
    {"tests", "test", "docs", "node_modules", "venv", "env", "site-packages", "migrations", "build", "dist"}
)


class TargetError(Exception):
    """There is no application under this name, or more than one; the text has the command that goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One application to load.

    Attributes:
        name: as people type it.
        module: what is imported; empty where a settings module alone says which project it is.
        expression: what in the module is the application, a name or a call; empty to look for it.
        settings: Django's settings module; empty where the environment or the module says it.
        folder: is put first on the import path.
    """

    name: str
    module: str = ""
    expression: str = ""
    settings: str = ""
    folder: Path


def read_target(text: str, here: Path) -> Target:
    """Return what the text names: ``module:app``, ``module:create_app()``, a ``manage.py``, a module.

    Raises:
        TargetError: it is nothing of that kind.
    """
    before, _, expression = text.partition(":")
    path = here / before
    if path.name == "manage.py" and not expression and path.is_file() and not _application_in(_parse(path)):
        return _of_manage(path, text)
    if before.endswith(".py"):
        if not path.is_file():
            problem = f"{before}: no such file"
            raise TargetError(problem)
        return _of_file(path, expression, text)
    if before and ("/" in before or (path.exists() and not (path / "__init__.py").is_file())):
        problem = f"{text}: no such folder or file" if not path.exists() else f"{text}: no application"
        raise TargetError(problem)
    if not before or not all(part.isidentifier() for part in before.split(".")):
        problem = f"{text}: not an application; name one as module:app, module:create_app() or path/manage.py"
        raise TargetError(problem)
    folder = next((root for root in (here, here / "src") if _has_module(root, before)), here)
    return Target(name=text, module=before, expression=expression, folder=folder)


def find_target(folder: Path) -> Target:
    """Return the one application of a usual project: a ``manage.py``, or what makes a Flask application.

    Raises:
        TargetError: there is none, or more than one.
    """
    folders = _folders(folder)
    managed = [path for each in folders for path in _files(each, ("manage.py",))]
    # Before Flask had a command line of its own, its applications had such a file too.
    found = [_of_manage(path, str(_short(path))) for path in managed if _settings_of(path)]
    found = found or _flask_of(folders)
    if not found:
        problem = (
            "no Flask or Django application found here; name one: bastide check module:app,"
            ' bastide check "module:create_app()", or bastide check path/manage.py'
        )
        raise TargetError(problem)
    if len(found) > 1:
        lines = "\n".join(f"  bastide check {_quoted(each.name)}" for each in found)
        problem = f"{len(found)} applications found; name one:\n{lines}"
        raise TargetError(problem)
    return found[0]


def _quoted(name: str) -> str:
    return f'"{name}"' if "(" in name else name


def _short(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _has_module(root: Path, name: str) -> bool:
    path = root.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def _folders(folder: Path) -> list[Path]:
    """Return the folder, ``src``, and those right below them."""
    found = [folder]
    for parent in (folder, folder / "src"):
        if parent.is_dir():
            inner = sorted(each for each in parent.iterdir() if each.is_dir() and not each.is_symlink())
            found += [each for each in inner if each.name not in OTHERS and each.name[0] not in "._"]
    return list(dict.fromkeys(found))[:MAX_FOLDERS]


def _files(folder: Path, names: tuple[str, ...]) -> list[Path]:
    return [folder / name for name in names if (folder / name).is_file()]


def _of_manage(path: Path, text: str) -> Target:
    return Target(name=text, settings=_settings_of(path), folder=path.parent)


def _settings_of(manage: Path) -> str:
    """Return what ``os.environ.setdefault("DJANGO_SETTINGS_MODULE", …)`` says; empty where nothing does."""
    for node in ast.walk(_parse(manage)):
        texts = [each for each in ast.walk(node) if isinstance(each, ast.Constant)]
        values = [str(each.value) for each in texts]
        if isinstance(node, ast.Call | ast.Assign) and "DJANGO_SETTINGS_MODULE" in values:
            return next((value for value in values if value != "DJANGO_SETTINGS_MODULE"), "")
    return ""


def _of_file(path: Path, expression: str, text: str) -> Target:
    folder, names = path.parent, [] if path.name == "__init__.py" else [path.stem]
    while (folder / "__init__.py").is_file():
        names.insert(0, folder.name)
        folder = folder.parent
    return Target(name=text, module=".".join(names), expression=expression, folder=folder)


def _flask_of(folders: list[Path]) -> list[Target]:
    """Return the modules that make a Flask application; those that import it from another are that other."""
    by_module: dict[str, Target] = {}
    for folder in folders:
        packages = _files(folder, ("__init__.py",))
        for path in [*packages, *_files(folder, ENTRY_FILES)]:
            name = _application_in(_parse(path))
            if name:
                made = _of_file(path, "", "")
                called = f"{name}()" if name in FACTORIES else name
                target = Target(
                    name=f"{made.module}:{called}", module=made.module, expression=called, folder=made.folder
                )
                by_module.setdefault(made.module, target)
    return _without_factories_in_use(list(by_module.values()))


def _without_factories_in_use(found: list[Target]) -> list[Target]:
    """Leave out a factory where a module calls it: that one has what it is called with."""
    objects = [each for each in found if not each.expression.endswith(")")]
    return objects or found


def _application_in(tree: ast.Module) -> str:
    """Return the name of the application or its factory that the module has; empty where it has none."""
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [each.id for each in targets if isinstance(each, ast.Name)]
            called = _called(node.value)
            if called == "Flask" or (called in FACTORIES and set(names) & set(OBJECTS)):
                return next(iter(names), "")
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in FACTORIES:
            calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
            if any(_called(each) == "Flask" for each in calls):
                return node.name
    return ""


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _parse(path: Path) -> ast.Module:
    """Return the tree; an empty one where the file is none of Python's."""
    try:
        if path.stat().st_size > MAX_SIZE_BYTES:
            return ast.Module(body=[], type_ignores=[])
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return ast.Module(body=[], type_ignores=[])
