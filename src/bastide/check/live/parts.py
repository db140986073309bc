"""The parts of a look at an application: one that fails leaves the others."""

import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

from bastide.check.findings import Finding
from bastide.check.live.routes import SeenRoute

Part = Callable[[], list[Finding]]
Routes = Callable[[], list[SeenRoute]]


class ApplicationError(Exception):
    """Something of the application does not load; the text says what."""


def tell_each(parts: Iterable[Part], faults: list[str]) -> list[Finding]:
    """Return what the parts find.

    Args:
        parts: what looks at the application.
        faults: gets a line for each that fails.
    """
    findings = []
    for part in parts:
        try:
            findings += part()
        except ApplicationError as error:
            faults.append(str(error))
        except Exception as error:  # noqa: BLE001 -- whatever meets an application of another shape
            faults.append(own_fault(error))
    return findings


def own_fault(error: BaseException) -> str:
    """Return a line about a fault of this program."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
    return f"a part of the check failed, which is a fault of bastide: {text}"
