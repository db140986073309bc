"""Names of a package that are imported when they are first asked for (PEP 562)."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def late_imports(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the package's ``__getattr__``.

    Args:
        package: its name.
        modules: by name that is imported late, the module of the package that has it.
    """

    def find(name: str) -> Any:
        if name not in modules:
            msg = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(msg)
        return getattr(import_module(f"{package}.{modules[name]}"), name)

    return find
