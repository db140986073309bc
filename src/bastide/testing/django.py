"""For tests of Django projects."""

from typing import Any

from django.db import connections

from bastide.django.accounts.stores.connection import ALIAS


class OneConnection:
    """Stands before ``TestCase`` in the bases of a test: what it rolls back, Bastide's stores roll back with.

    Without it they would write beside the test's transaction, where Django forbids them to.
    """

    _kept: Any

    @classmethod
    def setUpClass(cls) -> None:
        """Let the stores use the test's own connection."""
        super().setUpClass()  # type: ignore[misc]  # of the test case beside it
        cls._kept = connections[ALIAS]
        connections[ALIAS] = connections["default"]

    @classmethod
    def tearDownClass(cls) -> None:
        """Give them their own again."""
        connections[ALIAS] = cls._kept
        super().tearDownClass()  # type: ignore[misc]  # of the test case beside it
