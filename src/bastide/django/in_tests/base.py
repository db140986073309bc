"""The stores' connection, under the name that Django looks for in a database backend."""

from typing import Any

from django.db import connections
from django.db.utils import load_backend

from bastide.django.in_tests import is_test_environment


class SharedConnection:
    """Is the primary's connection within a ``TestCase``, and the stores' own everywhere else.

    What the test rolls back, the stores roll back with it, and they see what the test wrote.
    """

    _own: Any
    _primary: str

    def __init__(self, own: Any, primary: str) -> None:
        vars(self).update(_own=own, _primary=primary)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._at_hand(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._at_hand(), name, value)

    def _at_hand(self) -> Any:
        primary: Any = connections[self._primary]
        is_in_test_case = primary.atomic_blocks and primary.atomic_blocks[0]._from_testcase  # noqa: SLF001 -- Django asks it, too
        return primary if is_in_test_case else self._own


def DatabaseWrapper(settings: dict[str, Any], alias: str) -> Any:  # noqa: N802 -- Django's name
    """Return a connection of the primary's kind."""
    primary = settings["TEST"]["MIRROR"]
    own: Any = load_backend(connections.settings[primary]["ENGINE"]).DatabaseWrapper(settings, alias)
    return SharedConnection(own, primary) if is_test_environment() else own
