"""For tests of Django projects."""

from typing import Literal

from django.db import connections

from bastide.django.connection import ALIAS


class OneConnection:
    """Stands before ``TestCase`` in the bases of a test: what it rolls back, Bastide's stores roll back with.

    Without it they would write beside the test's transaction, where Django forbids them to.
    """

    databases: set[str] | Literal["__all__"] = {"default", ALIAS}  # noqa: RUF012 -- as on the test case beside it

    @classmethod
    def setUpClass(cls) -> None:
        """Let the stores use the test's own connection, in ``setUpTestData`` too."""
        cls.addClassCleanup(connections.__setitem__, ALIAS, connections[ALIAS])  # type: ignore[attr-defined]  # of the test case beside it
        connections[ALIAS] = connections["default"]
        super().setUpClass()  # type: ignore[misc]  # of the test case beside it
