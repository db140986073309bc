"""An application's own object, in the process that looks at it; whatever goes wrong is said as its own."""

import ast
import gc
import importlib
import os
import sys
import time
import traceback
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from bastide.check.live._names import FACTORIES, OBJECTS
from bastide.check.live.places import Places
from bastide.check.live.targets import Target

SETTINGS: Final = "DJANGO_SETTINGS_MODULE"
# Further than this nobody wraps an application.
MAX_WRAPPERS: Final = 20


@dataclass(slots=True, kw_only=True)
class Loaded:
    """What could be loaded.

    Attributes:
        flask: the Flask application.
        settings: Django's settings.
        is_half_made: the Flask application was begun when its module failed.
        has_apps: Django's apps and models are loaded.
        faults: what went wrong on the way, each with the command that goes on where there is one.
        seconds: the application's own import.
    """

    flask: Any = None
    settings: Any = None
    is_half_made: bool = False
    has_apps: bool = False
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0


def load(target: Target, places: Places) -> Loaded:
    """Return what the target names, or as much of it as could be loaded."""
    missed = _watch_environment()
    started = time.perf_counter()
    loaded = Loaded()
    sys.path[:0] = dict.fromkeys((str(target.folder), str(Path.cwd())))
    teller = _Teller(target, places, missed)
    if target.settings:
        os.environ.setdefault(SETTINGS, target.settings)
    if target.module:
        _load_module(target, loaded, teller)
    elif SETTINGS in os.environ:
        _load_django(loaded, teller)
    else:
        loaded.faults.append(f"{target.name} names no settings module; set {SETTINGS}")
    loaded.seconds = time.perf_counter() - started
    return loaded


def _load_module(target: Target, loaded: Loaded, teller: "_Teller") -> None:
    try:
        module = importlib.import_module(target.module)
        found = _object_of(module, target)
    except BaseException as error:  # noqa: BLE001 -- also what ends a process
        loaded.faults.append(teller.tell(error))
        loaded.flask = _made_before()
        loaded.is_half_made = loaded.flask is not None
        if loaded.flask is None and SETTINGS in os.environ:
            _load_django(loaded, teller)
        return
    if isinstance(found, ModuleType):
        os.environ[SETTINGS] = target.module
        _load_django(loaded, teller)
    elif type(found).__module__.startswith("django.core.handlers"):
        _load_django(loaded, teller)
    else:
        loaded.flask = _unwrapped(found)
        if loaded.flask is None:
            loaded.faults.append(
                f"{target.name} is a {type(found).__module__}.{type(found).__qualname__}: no Flask or Django"
                " application"
            )


def _object_of(module: ModuleType, target: Target) -> Any:
    """Return what the expression names, what is usual, or the module that is settings itself."""
    if target.expression:
        return _evaluate(module, target.expression)
    for name in OBJECTS:
        if hasattr(module, name):
            return getattr(module, name)
    flask = sys.modules.get("flask")
    made = [each for each in vars(module).values() if flask is not None and isinstance(each, flask.Flask)]
    if made:
        return made[0]
    for name in FACTORIES:
        if hasattr(module, name):
            return getattr(module, name)()
    if hasattr(module, "INSTALLED_APPS") or hasattr(module, "ROOT_URLCONF"):
        return module
    name = module.__name__
    problem = f"{name} has no application by a usual name; say which: bastide check {name}:NAME"
    raise LookupError(problem)


def _evaluate(module: ModuleType, expression: str) -> Any:
    """Return a name of the module, or what a call of it with plain values returns."""
    node = _parsed(expression)
    named = node.func if isinstance(node, ast.Call) else node
    if not isinstance(named, ast.Name) or not hasattr(module, named.id):
        problem = f"{module.__name__} has no {expression}"
        raise LookupError(problem)
    found = getattr(module, named.id)
    if not isinstance(node, ast.Call):
        return found() if named.id in FACTORIES else found
    try:
        arguments = [ast.literal_eval(each) for each in node.args]
        by_name = {str(each.arg): ast.literal_eval(each.value) for each in node.keywords}
    except ValueError:
        problem = f"{expression} is called with more than plain values"
        raise LookupError(problem) from None
    return found(*arguments, **by_name)


def _parsed(expression: str) -> ast.expr:
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except SyntaxError:
        problem = f"{expression} is neither a name nor a call"
        raise LookupError(problem) from None


def _unwrapped(found: Any) -> Any:
    """Return the Flask application inside what stands around it, or None."""
    flask = sys.modules.get("flask")
    if flask is None:
        return None
    for _ in range(MAX_WRAPPERS):
        if found is None or isinstance(found, flask.Flask):
            return found
        inner = (getattr(found, name, None) for name in ("wsgi_app", "app", "application", "_app", "_inner"))
        found = next((each for each in inner if callable(each)), None)
        found = getattr(found, "__self__", found)
    return None


def _made_before() -> Any:
    """Return the application that was begun when the module failed, or None."""
    flask = sys.modules.get("flask")
    if flask is None or not hasattr(flask, "Flask"):
        return None
    # By type: asked for their class, objects that are made when they are needed would be.
    made = [each for each in gc.get_objects() if issubclass(type(each), flask.Flask)]
    return max(made, key=lambda app: len(app.view_functions), default=None)


def _load_django(loaded: Loaded, teller: "_Teller") -> None:
    try:
        from django.conf import settings  # noqa: PLC0415 -- only where the project is Django's

        _ = settings.INSTALLED_APPS
        loaded.settings = settings
        import django  # noqa: PLC0415

        django.setup()
        loaded.has_apps = True
    except BaseException as error:  # noqa: BLE001 -- also what ends a process
        loaded.faults.append(teller.tell(error))


@dataclass(frozen=True, slots=True)
class _Teller:
    """Says in a sentence what an application failed at, and how to go on."""

    target: Target
    places: Places
    missed: list[str]

    def tell(self, error: BaseException) -> str:
        where = self._where(error)
        command = f'bastide check "{self.target.name}"'
        variable = self._missing_variable(error, where)
        if variable:
            return (
                f"{variable} is not set, and the application does not start without it{where}; go on with"
                f" {variable}=… {command}, or {command} --env FILE"
            )
        if isinstance(error, SystemExit):
            return f"the application ends its process when it is imported (status {error.code}){where}"
        if isinstance(error, LookupError) and not where:
            return str(error.args[0] if error.args else error)
        if isinstance(error, ModuleNotFoundError):
            return (
                f"{error}{where}; run the check in the environment of the application, from its folder:"
                f" python -m bastide.check {self.target.name}"
            )
        if isinstance(error, TypeError) and "required" in str(error) and self.target.expression:
            return f'{error}; say what it is called with: bastide check "{self.target.module}:NAME(…)"'
        text = f"{type(error).__name__}: {error}".strip().splitlines()[0][:300]
        return f"the application does not start: {text}{where}"

    def _where(self, error: BaseException) -> str:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if self.places.is_own(frame.filename)]
        return f" ({self.places.at(own[-1].filename, 1).path}:{own[-1].lineno})" if own else ""

    def _missing_variable(self, error: BaseException, where: str) -> str:
        """Return the variable that was asked for where the error arose, or that the error names."""
        if not self.missed or isinstance(error, SystemExit | SyntaxError | ModuleNotFoundError):
            return ""
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.line or "" for frame in frames if self.places.is_own(frame.filename)]
        named = [name for name in self.missed if name in str(error) or (lines and name in lines[-1])]
        return named[-1] if named and where else ""


def _watch_environment() -> list[str]:
    """Return a list that gets the name of each variable that is asked for and not there."""
    missed: list[str] = []
    kind: Any = type(os.environ)
    really: Any = kind.__getitem__

    def watched(self: MutableMapping[str, str], key: str) -> str:
        try:
            value: str = really(self, key)
        except KeyError:
            missed.append(str(key))
            raise
        return value

    kind.__getitem__ = watched
    return missed
